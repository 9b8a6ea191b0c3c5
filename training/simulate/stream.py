"""The stream: who orders when, from what device, by which card and to where."""

from dataclasses import dataclass, fields
from functools import partial

import numpy as np
from numpy.typing import NDArray

from training.simulate.chance import Flags, Ints
from training.simulate.groups import Group


@dataclass(frozen=True, slots=True)
class Stream:
    """One row per order, sorted by `placed_us`; an entity is a number, -1 for none."""

    placed_us: Ints
    """When the channel sees it; an order that was tried before was placed earlier."""
    group: Ints
    buyer: Ints
    device: Ints
    ip: Ints
    card: Ints
    address: Ints
    payee: Ints
    key: Ints
    """Numbers the order for good, wherever others are put in before it: its luck hangs on it."""
    registered_us: Ints
    """When the buyer's account was opened, or the payee's account was last changed."""

    def __len__(self) -> int:
        return len(self.placed_us)

    @property
    def payout(self) -> Flags:
        """Flag the payouts."""
        flags: Flags = (self.group == Group.PAYOUT) | (self.group == Group.STRUCTURING)
        return flags

    def take(self, rows: NDArray[np.int64] | Flags) -> "Stream":
        """Take some of the orders, in the order given."""
        return Stream(*(getattr(self, field.name)[rows] for field in fields(self)))

    def split(self, at_us: int) -> tuple["Stream", "Stream"]:
        """Cut a sorted stream in two: before an instant, and from it on."""
        place = int(np.searchsorted(self.placed_us, at_us))
        return self.take(np.arange(place)), self.take(np.arange(place, len(self)))


def cast_of(group: Group, size: int, placed_us: Ints, registered_us: Ints, **who: Ints) -> Stream:
    """Build one group's orders; whom it does not name is nobody, and keys come later."""
    nobody = partial(np.full, size, -1, dtype=np.int64)
    return Stream(
        placed_us=placed_us,
        group=np.full(size, group, dtype=np.int64),
        key=nobody(),
        registered_us=registered_us,
        **{name: who.get(name, nobody()) for name in _ENTITIES},
    )


_ENTITIES = ("buyer", "device", "ip", "card", "address", "payee")


def joined(parts: list[Stream]) -> Stream:
    """Put streams together in order of time; of equal instants the earlier part comes first."""
    whole = Stream(
        *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Stream))
    )
    return whole.take(np.argsort(whole.placed_us, kind="stable"))
