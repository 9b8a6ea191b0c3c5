"""Slices of time: a history is made one after another, so that memory does not grow with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from training.simulate.chance import Floats, Rng, stream_of
from training.simulate.groups import Group
from training.simulate.rhythm import Hours, rhythm_of
from training.simulate.scenario import GroupName, Scenario, ScenarioError

WORLD = "simulated_world"
"""In a history's manifest: the span that it was drawn for, by which bad times are found again."""
_ORDERS_PER_SLICE = 200_000
"""Small enough for little memory, large enough for little overhead; never by number of cores."""


@dataclass(frozen=True, slots=True)
class Span:
    """The simulated period [start_us, end_us), the seed of its world, and all its orders."""

    seed: int
    start_us: int
    end_us: int
    orders: int


@dataclass(frozen=True, slots=True)
class Slice:
    """A part [start_us, end_us) of the period, and how many orders of each group begin in it."""

    span: Span
    number: int
    start_us: int
    end_us: int
    sizes: dict[Group, int]
    hours: Hours

    @property
    def seed(self) -> int:
        """The seed of the whole world."""
        return self.span.seed

    def rng(self, part: str) -> Rng:
        """Make the generator of one part of the world in this slice."""
        return stream_of(self.seed, part, self.number)


def cut_slices(scenario: Scenario, span: Span) -> Iterator[Slice]:
    """Cut the period at whole hours into slices of about as many orders each."""
    hours = rhythm_of(scenario, span.start_us, span.end_us)
    totals = _by_hour(hours.weight, span.orders)
    special = {group: _special(scenario, hours, group, span.orders) for group in list(Group)[1:]}
    part = (totals - 1).clip(0) // _ORDERS_PER_SLICE
    firsts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(totals)]
    for number, (first, after) in enumerate(pairwise(firsts)):
        last = after == len(totals)
        sizes = {g: _within(counts, first, after) for g, counts in special.items()}
        ordinary = _within(totals, first, after) - sum(sizes.values())
        if ordinary < 0:
            raise ScenarioError(
                f"scenario {scenario.name!r}: in some hours the special groups have more than all "
                "orders; lower groups.*.rate or the factors under seasons.groups"
            )
        yield Slice(
            span=span,
            number=number,
            start_us=int(hours.start_us[first]),
            end_us=span.end_us if last else int(hours.start_us[after]),
            sizes={Group.ORDINARY: ordinary, **sizes},
            hours=hours.cut(first, after),
        )


def _within(running: Floats, first: int, after: int) -> int:
    return int(running[after - 1] - (running[first - 1] if first else 0))


def _by_hour(weights: Floats, total: float) -> Floats:
    """Share a total out by weight: whole numbers, summed up to the end of each hour."""
    running = np.cumsum(weights)
    shared: Floats = np.rint(total * running / running[-1])
    return shared


def _special(scenario: Scenario, hours: Hours, group: Group, orders: int) -> Floats:
    name: GroupName = group.label
    factor = hours.factors.get(name, np.ones(len(hours.weight)))
    rate = getattr(scenario.groups, name).rate
    boosted = hours.weight * factor
    return _by_hour(boosted, orders * rate * float(boosted.sum() / hours.weight.sum()))
