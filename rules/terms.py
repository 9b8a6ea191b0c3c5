"""What a decision is made by: book, packs, model, costs, lists; one value, swapped as a whole."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import msgspec

from rules.book import Book
from rules.costs import DEFAULT_COSTS, Costs
from rules.engines.compiled import CompiledEngine
from rules.engines.engine import EngineMaker
from rules.holds import NO_HOLDS, Holds
from rules.lists.lists import NO_LISTS, Lists
from rules.packs import Packs
from rules.routes import NO_ROUTES, Routes
from rules.scorer import Scorer


@dataclass(frozen=True, eq=False)
class Terms:
    """Everything but the order and the state. One decision sees one of these: never a mixture.

    A list that the book asks and that `lists` does not hold is empty; the versions say so.
    """

    book: Book
    packs: Packs
    scorer: Scorer | None = None
    costs: Costs = DEFAULT_COSTS
    lists: Lists = NO_LISTS
    routes: Routes = NO_ROUTES
    holds: Holds = NO_HOLDS
    engine: EngineMaker = CompiledEngine

    @cached_property
    def routes_version(self) -> str:
        """The fingerprint of the routing list."""
        return _version_of(self.routes)

    @cached_property
    def holds_version(self) -> str:
        """The fingerprint of what is switched off."""
        return self.holds.version


def _version_of(part: msgspec.Struct) -> str:
    content = msgspec.json.encode(part, order="deterministic")
    return sha256(content).hexdigest()[:12]
