"""Read a YAML file into a struct, strictly; every fault carries the file and the line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
import yaml

from features.errors import Fault, RuleError
from features.expression import Place
from features.faults import find_faults
from features.plain_yaml import NotPlain, read_plain

S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Lines:
    """Where each entry of one file stands; paths are written `rules[2].reason.zh`."""

    file: str
    marks: dict[str, Place]

    def at(self, path: str) -> Place:
        """Find an entry's place, or that of the nearest entry above it."""
        while path and path not in self.marks:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.marks.get(path, Place(self.file))

    def error(self, path: str, problem: str) -> RuleError:
        """Make the error that names the file, the line and the problem."""
        return RuleError(f"{self.file}, line {self.at(path).line}: {problem}")


def read_yaml(path: Path, into: type[S]) -> tuple[S, Lines]:
    """Read one file; raises RuleError that lists every bad entry with its line."""
    return parse_yaml(_read_text(path), path.name, into)


def parse_yaml(text: str, file: str, into: type[S]) -> tuple[S, Lines]:
    """Read the text of one file; `file` is what errors call it. Raises as `read_yaml`."""
    try:
        root, raw = read_plain(text, file)
    except NotPlain as error:
        raise RuleError(str(error)) from None
    lines = Lines(file, {})
    for at, node in _places(root, ""):
        if at in lines.marks:
            line = _place_of(file, node).line
            raise RuleError(f"{file}, line {line}: {at} stands here a second time; keep one")
        lines.marks[at] = _place_of(file, node)
    faults = list(_faults(raw, into))
    if faults:
        told = [f"line {lines.at(fault.path).line}: {fault}" for fault in faults]
        raise RuleError(f"{file}, " + "; ".join(told))
    try:
        return msgspec.convert(raw, into), lines
    except msgspec.ValidationError as error:
        raise RuleError(f"{file}: {error}") from None


def yaml_files(folder: Path) -> tuple[Path, ...]:
    """List a folder's YAML files by name; raises RuleError where there is none."""
    files = tuple(sorted(folder.glob("*.yaml")))
    if not files:
        raise RuleError(f"{folder}: holds no .yaml file; name a folder that does")
    return files


def _faults(raw: object, into: type[msgspec.Struct]) -> Iterator[Fault]:
    """Yield every fault; of a mapping of structs, those of each entry instead of one for all."""
    inner = list(_entry_faults(raw, into, ""))
    for fault in find_faults(raw, into):
        if not any(one.path.startswith(f"{fault.path}.") for one in inner):
            yield fault
    yield from inner


def _entry_faults(raw: object, struct: type[msgspec.Struct], path: str) -> Iterator[Fault]:
    if not isinstance(raw, dict):
        return
    for name, hint in get_type_hints(struct).items():
        value, (entry, is_mapping) = raw.get(name), _entry_type(hint)
        at = f"{path}.{name}" if path else name
        if entry is not None and is_mapping and isinstance(value, dict):
            for key, one in value.items():
                yield from find_faults(one, entry, f"{at}.{key}")
        elif entry is not None and isinstance(value, list):
            for number, one in enumerate(value):
                yield from _entry_faults(one, entry, f"{at}[{number}]")


def _entry_type(hint: Any) -> tuple[type[msgspec.Struct] | None, bool]:
    """Tell which struct a mapping or a list holds, and whether it is a mapping."""
    for part in get_args(hint):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return part, get_origin(hint) is dict
    return None, False


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: cannot be read as UTF-8 text ({error})") from None


def _places(node: yaml.Node | None, path: str) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{path}.{key.value}" if path else str(key.value)
            yield inner, value
            yield from _places(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            inner = f"{path}[{number}]"
            yield inner, value
            yield from _places(value, inner)


def _place_of(file: str, node: yaml.Node) -> Place:
    """Point at the first character of the value; a block text begins on the line below its mark."""
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    style = getattr(node, "style", None)
    if style in ("|", ">"):
        return Place(file, line + 1, 1)
    return Place(file, line, column + (1 if style else 0))
