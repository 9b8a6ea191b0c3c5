"""What a proposer sees, and what it proposes: one mistake put right, in ranked alternatives."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from features.mismatch.equation import Change
from features.order import Order
from rules.decision import Text
from rules.entries import Repair
from rules.pack import Pack


@dataclass(frozen=True, slots=True)
class Scene:
    """One order, its channel's pack as of now, and when now is."""

    order: Order
    pack: Pack
    as_of_us: int


@dataclass(frozen=True, slots=True)
class Part:
    """One mistake put right: what would change, and why that is right."""

    repair: Repair
    changes: tuple[Change, ...]
    proof: str
    text: Text
    certain: bool
    """It follows from the order, its record and the pack; nobody has to choose."""

    @property
    def pointers(self) -> frozenset[str]:
        """Name the fields that it changes."""
        return frozenset(change.pointer for change in self.changes)


Slot = tuple[Part, ...]
"""One mistake: ways to put it right that exclude each other, the likeliest first."""
Propose = Callable[[Scene, Collection[str]], Iterable[Slot]]
"""Proposes slots for those of the wanted repairs that it knows."""
