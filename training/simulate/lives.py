"""How long actors are active: who is about at an instant follows from the instant alone.

Nothing is carried from slice to slice, so a ring lives as long in a history of ten million
orders as in one of a hundred thousand.
"""

import math
from dataclasses import dataclass

import numpy as np

from training.simulate.chance import Floats, Ints
from training.simulate.rhythm import DAY_US
from training.simulate.scenario import Session
from training.simulate.slices import Span

_LEAST_ABOUT = 2
"""However few actors there are, so many are about at any instant."""


@dataclass(frozen=True, slots=True)
class Lives:
    """Actors who appear one after another at even steps, the first before the period begins."""

    first_us: int
    step_us: float
    life_us: float

    def about(self, at_us: Ints, luck: Floats) -> Ints:
        """Choose one of those who appeared within a life before each instant."""
        appeared = at_us - self.first_us - luck * self.life_us
        return np.maximum(0, np.floor(appeared / self.step_us)).astype(np.int64)

    def appeared_us(self, actor: Ints) -> Ints:
        """Tell when each actor appeared; it is never active before."""
        appeared: Ints = self.first_us + np.floor(actor * self.step_us).astype(np.int64)
        return appeared


def lives_of(span: Span, shape: Session, rate: float) -> Lives:
    """Lay the lives of a group's actors over a period: as many as `actors_per_order` asks for."""
    life_us = shape.life_days * DAY_US
    whole_us = span.end_us - span.start_us + life_us
    wanted = round(span.orders * rate * shape.actors_per_order)
    count = max(wanted, math.ceil(_LEAST_ABOUT * whole_us / life_us))
    return Lives(int(span.start_us - life_us), whole_us / count, life_us)
