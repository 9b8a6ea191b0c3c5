"""Which rules and channels there are in a data folder, by name: read without binding anything."""

from pathlib import Path

from rules.book import SHIPPED_BOOK
from rules.entries import BookFile
from rules.packs import packs_of
from rules.releases.kinds import BOOK, PACKS
from rules.releases.loading import folder_in_force
from rules.releases.store import store_of
from rules.yaml_file import read_yaml, yaml_files


def rule_codes(home: Path) -> tuple[str, ...]:
    """Name the rules of the book that runs; raises RuleError where it cannot be read."""
    folder = folder_in_force(BOOK, store_of(home)) or SHIPPED_BOOK
    files = (read_yaml(path, BookFile)[0] for path in yaml_files(folder))
    return tuple(entry.code for file in files for entry in file.rules)


def channel_names(home: Path) -> tuple[str, ...]:
    """Name the channels that have a pack; raises RuleError where the packs cannot be read."""
    return packs_of(folder_in_force(PACKS, store_of(home)) or home).names
