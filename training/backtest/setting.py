"""One side of a comparison: a book, packs and costs under a name; and the model of both sides."""

from dataclasses import dataclass
from pathlib import Path

from features.catalog import Catalog
from rules.book import Book, load_book
from rules.costs import DEFAULT_COSTS, Costs
from rules.packs import OWN_CODES_FILE, Packs, load_packs
from rules.releases.costs_file import load_costs
from rules.releases.loading import book_in_force, costs_in_force, packs_in_force


@dataclass(frozen=True, eq=False)
class Setting:
    """What decides on one side."""

    name: str
    book: Book
    packs: Packs
    costs: Costs = DEFAULT_COSTS


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a side is read from; what is None is what runs in the home."""

    book: Path | None = None
    packs: Path | None = None
    costs: Path | None = None


def load_setting(name: str, sources: Sources, home: Path, catalog: Catalog) -> Setting:
    """Load one side; a folder's packs go before the shipped ones of the same name.

    Raises RuleError that names the file and the line.
    """
    book = load_book(sources.book, catalog) if sources.book else book_in_force(home, catalog)
    costs = load_costs(sources.costs) if sources.costs else costs_in_force(home)
    return Setting(name, book, _packs(sources.packs, home), costs)


def _packs(folder: Path | None, home: Path) -> Packs:
    if folder is None:
        return packs_in_force(home)
    return load_packs(own_codes=home / OWN_CODES_FILE, own_packs=folder)
