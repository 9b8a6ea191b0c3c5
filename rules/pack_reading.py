"""Reads a folder of channel packs: strictly, each on top of the pack that it extends."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from features.errors import RuleError, suggest
from rules.codes import CodeTable, load_codes
from rules.pack_check import check_pack
from rules.pack_file import PackFile
from rules.yaml_file import Lines, read_yaml, yaml_files

SHIPPED_CHANNELS = Path(__file__).with_name("channels")
CODES_FILE = "codes.tsv"
STATES_FILE = "states.tsv"
"""Names of trade states, as a query or a notification tells them."""

_Written = Mapping[str, tuple[PackFile, Lines]]


@dataclass(frozen=True, slots=True)
class Folder:
    """The packs of one folder, whole, and the code table that they refer to."""

    files: Mapping[str, PackFile]
    codes: CodeTable


def read_folder(place: Path) -> Folder:
    """Read every pack of a folder; raises RuleError that names the file, the line and the way out.

    A pack may extend another of the folder, or a shipped one.
    """
    codes = _codes_of(place)
    written = _written(yaml_files(place))
    shipped = written if place == SHIPPED_CHANNELS else _written(yaml_files(SHIPPED_CHANNELS))
    for file, lines in written.values():
        check_pack(file, lines, codes)
    return Folder({name: _whole(name, written, shipped, ()) for name in written}, codes)


def read_file(path: Path) -> Folder:
    """Read one pack's file, as `read_folder` does."""
    codes = _codes_of(path.parent)
    written = _written((path,))
    for file, lines in written.values():
        check_pack(file, lines, codes)
    shipped = _written(yaml_files(SHIPPED_CHANNELS))
    return Folder({name: _whole(name, written, shipped, ()) for name in written}, codes)


def _codes_of(place: Path) -> CodeTable:
    own, states = place / CODES_FILE, SHIPPED_CHANNELS / STATES_FILE
    codes = load_codes(own if own.exists() else SHIPPED_CHANNELS / CODES_FILE)
    return codes.joined(load_codes(states))


def _written(paths: tuple[Path, ...]) -> _Written:
    found: dict[str, tuple[PackFile, Lines]] = {}
    for path in paths:
        file, lines = read_yaml(path, PackFile)
        if file.channel in found:
            raise lines.error("channel", f"channel {file.channel!r} has a pack already")
        found[file.channel] = file, lines
    return found


def _whole(name: str, written: _Written, shipped: _Written, below: tuple[str, ...]) -> PackFile:
    """Put a pack on top of the one that it extends; one of its own name is the shipped one."""
    file, lines = written[name]
    if file.extends is None:
        return file
    if file.extends == name or file.extends not in written:
        place = shipped
        if file.extends not in place or written is shipped:
            raise _no_base(file.extends, lines, {**shipped, **written})
    else:
        place = written
    if file.extends in below:
        round_trip = " → ".join([*below, name, file.extends])
        raise lines.error("extends", f"packs extend each other in a circle: {round_trip}")
    base = _whole(file.extends, place, shipped, (*below, name))
    return _on_top(file, base)


def _no_base(name: str, lines: Lines, known: _Written) -> RuleError:
    return lines.error("extends", f"no other pack is named {name!r}.{suggest(name, known)}")


def _on_top(file: PackFile, base: PackFile) -> PackFile:
    return replace(
        file,
        facts={**base.facts, **file.facts},
        products={**base.products, **file.products},
        required={**base.required, **file.required},
        wire=file.wire or base.wire,
        code_tables=file.code_tables or base.code_tables,
        code_aliases={**base.code_aliases, **file.code_aliases},
        class_names_are_codes=file.class_names_are_codes or base.class_names_are_codes,
    )
