"""A mapping file as a tree whose entries know their line, so that a refusal names its place."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from features.errors import MappingError, suggest
from features.plain_yaml import NotPlain, read_plain

_TRUE_FALSE = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a mapping file something stands."""

    file: str
    line: int
    path: str

    def refuse(self, text: str) -> MappingError:
        """Build the error for this place."""
        where = f"{self.path}: " if self.path else ""
        return MappingError(f"{self.file}, line {self.line}: {where}{text}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the file: a scalar's own text (never retyped), a list or a mapping.

    `NO`, `007` and `1.0` stay what the user wrote; only an unquoted null is None.
    """

    value: "str | tuple[Entry, ...] | Mapping[str, Entry] | None"
    place: Place

    def refuse(self, text: str) -> MappingError:
        """Build the error for this entry."""
        return self.place.refuse(text)

    def mapping(self) -> Mapping[str, "Entry"]:
        """Read a mapping with any keys."""
        if not isinstance(self.value, Mapping):
            raise self.refuse(f"expected a mapping of key: value, got {self.shown()}")
        return self.value

    def section(self, known: Collection[str]) -> Mapping[str, "Entry"]:
        """Read a mapping whose keys are all among `known`."""
        entries = self.mapping()
        for key, entry in entries.items():
            if key not in known:
                raise entry.refuse(
                    f"unknown key {key!r}.{suggest(key, known)} Known: {', '.join(known)}"
                )
        return entries

    def sequence(self) -> tuple["Entry", ...]:
        """Read a list."""
        if not isinstance(self.value, tuple):
            raise self.refuse(f"expected a list, got {self.shown()}")
        return self.value

    def text(self) -> str:
        """Read a scalar as it is written."""
        if not isinstance(self.value, str):
            raise self.refuse(f"expected text, got {self.shown()}")
        return self.value

    def whole(self, lowest: int, highest: int) -> int:
        """Read a whole number within bounds, both inclusive."""
        text = self.text()
        if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
            raise self.refuse(f"expected a whole number {lowest} to {highest}, got {text!r}")
        return int(text)

    def flag(self) -> bool:
        """Read true or false."""
        text = self.text()
        if text.lower() not in _TRUE_FALSE:
            raise self.refuse(f"expected true or false, got {text!r}")
        return _TRUE_FALSE[text.lower()]

    def choice(self, known: Collection[str]) -> str:
        """Read one of some words."""
        text = self.text()
        if text not in known:
            raise self.refuse(
                f"expected one of {', '.join(known)}, got {text!r}.{suggest(text, known)}"
            )
        return text

    def shown(self) -> str:
        """Show the value in an error."""
        if isinstance(self.value, str):
            return repr(self.value)
        if self.value is None:
            return "nothing"
        return "a list" if isinstance(self.value, tuple) else "a mapping"


def load_tree(path: Path) -> tuple[Entry, bytes]:
    """Read a mapping file; also its bytes, to fingerprint it.

    Raises MappingError for a file that is absent, no UTF-8 or no YAML.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise MappingError(f"mapping {path} cannot be read: {error.strerror}") from error
    try:
        node, _ = read_plain(raw.decode("utf-8-sig"), f"mapping {path}")
    except UnicodeDecodeError as error:
        raise MappingError(f"mapping {path} is not UTF-8 at byte {error.start}") from error
    except NotPlain as error:
        raise MappingError(_one_line(error)) from None
    if node is None:
        raise MappingError(f"mapping {path} is empty; docs/import.md shows one")
    return _entry(node, path.name, ""), raw


def _entry(node: yaml.Node, file: str, path: str) -> Entry:
    place = Place(file, node.start_mark.line + 1, path)
    if isinstance(node, yaml.ScalarNode):
        is_null = node.tag == "tag:yaml.org,2002:null"
        return Entry(None if is_null else str(node.value), place)
    if isinstance(node, yaml.SequenceNode):
        return Entry(
            tuple(_entry(part, file, f"{path}[{n}]") for n, part in enumerate(node.value)), place
        )
    return Entry(_children(node, place), place)


def _children(node: yaml.Node, place: Place) -> Mapping[str, Entry]:
    children: dict[str, Entry] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise place.refuse("a key must be plain text")
        name = str(key.value)
        path = f"{place.path}.{name}" if place.path else name
        entry = _entry(value, place.file, path)
        entry = Entry(entry.value, Place(place.file, key.start_mark.line + 1, path))
        if name in children:
            raise entry.refuse("the same key twice")
        children[name] = entry
    return children


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
