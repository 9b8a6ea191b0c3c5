"""A slice of orders with everything that a comparison counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.decision import Action
from training.backtest.decided import Court, Decided, decide_slice
from training.backtest.pricing import CODE_OF
from training.backtest.slices import Slice
from training.backtest.truth import Truth

NEWLY_STOPPED, NEWLY_RELEASED = "newly_stopped", "newly_released"


@dataclass(frozen=True)
class Judged:
    """Orders, what the old and the new setting say of them, and what really became of them."""

    orders: Slice
    decided: Sequence[Decided]
    outcomes: pl.Series
    dispersed: pl.Series
    days: pl.Series

    @cached_property
    def moved(self) -> dict[str, NDArray[np.bool_]]:
        """Mark the orders that only one side would send as they are."""
        old, new = (one.actions == CODE_OF[Action.SUBMIT] for one in self.decided)
        return {NEWLY_STOPPED: old & ~new, NEWLY_RELEASED: ~old & new}


def judge_slice(orders: Slice, court: Court, truth: Truth) -> Judged:
    """Decide on a slice, and look up what became of its orders."""
    decided = decide_slice(orders, court)
    outcomes = truth.outcomes_of(orders.orders)
    local = orders.orders["as_of"].dt.convert_time_zone(court.catalog.time_zone)
    return Judged(
        orders=orders,
        decided=decided,
        outcomes=outcomes,
        dispersed=truth.dispersed(orders.orders, orders.features, outcomes),
        days=local.dt.date(),
    )
