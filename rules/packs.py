"""Channel packs: one channel's contract as dated facts, and its code tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from features.errors import UnknownChannel, suggest
from rules.own_codes import NO_OWN_CODES, OWN_CODES_FILE, load_own_codes
from rules.pack import Pack, bound_value
from rules.pack_reading import CODES_FILE, SHIPPED_CHANNELS, read_file, read_folder

OWN_PACKS_FOLDER = "channels"
"""Its name in the data folder (PREFLIGHT_HOME)."""


@dataclass(frozen=True, eq=False)
class Packs:
    """All packs that are loaded, by channel."""

    by_channel: Mapping[str, Pack]

    def __getitem__(self, channel: str) -> Pack:
        if channel not in self.by_channel:
            raise UnknownChannel(
                f"No channel pack is named {channel!r}.{suggest(channel, self.by_channel)} "
                f"Known channels: {', '.join(self.by_channel)}"
            )
        return self.by_channel[channel]

    def __iter__(self) -> Iterator[Pack]:
        return iter(self.by_channel.values())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(self.by_channel)


def load_packs(
    folder: Path | None = None,
    own_codes: Path | None = None,
    own_packs: Path | None = None,
) -> Packs:
    """Load a folder of packs with its code table, or the shipped one.

    `own_codes` is a user's own table of codes, `own_packs` a folder of packs that go before those
    of the same name; where they do not exist there are none. Raises RuleError that names the
    file, the line and the way out.
    """
    own = load_own_codes(own_codes) if own_codes and own_codes.is_file() else NO_OWN_CODES
    read = [read_folder(folder or SHIPPED_CHANNELS)]
    if own_packs is not None and own_packs.is_dir():
        read.append(read_folder(own_packs))
    return Packs(
        {name: Pack(file, one.codes, own) for one in read for name, file in one.files.items()}
    )


def packs_of(home: Path) -> Packs:
    """Load the shipped packs, and a data folder's own packs and meanings of codes before them."""
    return load_packs(own_codes=home / OWN_CODES_FILE, own_packs=home / OWN_PACKS_FOLDER)


def load_pack(path: Path) -> Pack:
    """Load one pack from its own file; it may extend a shipped one."""
    read = read_file(path)
    (file,) = read.files.values()
    return Pack(file, read.codes)


__all__ = [
    "CODES_FILE",
    "OWN_CODES_FILE",
    "OWN_PACKS_FOLDER",
    "SHIPPED_CHANNELS",
    "Pack",
    "Packs",
    "bound_value",
    "load_pack",
    "load_packs",
    "packs_of",
]
