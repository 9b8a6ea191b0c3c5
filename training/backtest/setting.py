"""One side of a comparison: a book, packs and costs under a name; and the model of both sides."""

from dataclasses import dataclass
from pathlib import Path

from features.catalog import Catalog
from rules.book import Book, load_book
from rules.costs import DEFAULT_COSTS, Costs
from rules.packs import OWN_CODES_FILE, OWN_PACKS_FOLDER, Packs, load_packs
from rules.yaml_file import read_yaml


@dataclass(frozen=True, eq=False)
class Setting:
    """What decides on one side."""

    name: str
    book: Book
    packs: Packs
    costs: Costs = DEFAULT_COSTS


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a side is read from; None is what is shipped, or for packs what the home holds."""

    book: Path | None = None
    packs: Path | None = None
    costs: Path | None = None


def load_setting(name: str, sources: Sources, home: Path, catalog: Catalog) -> Setting:
    """Load one side; its packs go before the shipped ones of the same name.

    Raises RuleError that names the file and the line.
    """
    own_packs = sources.packs or home / OWN_PACKS_FOLDER
    packs = load_packs(own_codes=home / OWN_CODES_FILE, own_packs=own_packs)
    return Setting(name, load_book(sources.book, catalog), packs, _costs(sources.costs))


def _costs(path: Path | None) -> Costs:
    return DEFAULT_COSTS if path is None else read_yaml(path, Costs)[0]
