"""Holds what should run to what it will run beside: lists to the book, routes to the packs."""

from typing import Any

from features.catalog import Catalog
from rules.lists.declared import check_lists
from rules.lists.lists import load_lists
from rules.lists.store import store_of as list_store_of
from rules.packs import Packs
from rules.releases.desk import Desk
from rules.releases.kinds import BOOK, PACKS, ROUTES, Kind
from rules.releases.loading import check_routes


def check_fit(desk: Desk, kind: Kind, part: Any, catalog: Catalog) -> None:
    """Refuse content that a service could not run beside the rest; raises RuleError."""
    match kind.name:
        case BOOK.name:
            check_lists(load_lists(list_store_of(desk.home)), part.lists, part.bases)
        case PACKS.name:
            check_routes(desk.loaded(ROUTES, desk.current(ROUTES), catalog), part)
        case ROUTES.name:
            check_routes(part, packs_beside(desk, catalog))
        case _:
            pass  # costs stand alone


def packs_beside(desk: Desk, catalog: Catalog) -> Packs:
    """Load the packs that run."""
    packs: Packs = desk.loaded(PACKS, desk.current(PACKS), catalog)
    return packs
