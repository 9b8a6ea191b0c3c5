"""What a faulty order should have been: the right values of the fields that its fault changed."""

import json
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import polars as pl

from features.times import from_us
from training.simulate.attempts import Attempts
from training.simulate.chance import Flags, Ints
from training.simulate.faults import FAULTS
from training.simulate.world import World

_Fields = Iterator[tuple[str, int | str]]


def right_column(world: World, subject: pl.Series, attempts: Attempts) -> pl.Series:
    """Give, for each order that a patch can put right, its right fields as a JSON object.

    By JSON pointers into the order as it was sent; missing for every other order.
    """
    placed = attempts.first_us(world.stream.placed_us)
    starts = np.searchsorted(world.baskets.lines.order, np.arange(len(world) + 1))
    fields: Mapping[str, Callable[[int], _Fields]] = {
        "wrong_unit": lambda row: _amount(world, row),
        "coupon_not_applied": lambda row: _amount(world, row),
        "coupon_not_spread": lambda row: iter(
            [("/discount_minor", int(world.baskets.discount[row]))]
        ),
        "list_price_as_paid": lambda row: _prices(world, row, starts),
        "other_subject": lambda row: iter([("/subject", str(subject[row]))]),
        "clock_slip": lambda row: iter([("/placed_at", from_us(int(placed[row])).isoformat())]),
    }
    right: list[str | None] = [None] * len(world)
    for name, of_row in fields.items():
        for row in np.flatnonzero(world.sent.fault == FAULTS.index(name)).tolist():
            right[row] = json.dumps(dict(of_row(row)), ensure_ascii=False)
    return pl.Series("right", right, dtype=pl.String)


def repairable(world: World, right: pl.Series, known: Mapping[str, Flags]) -> Flags:
    """Flag the orders whose fault a patch can put right by what was known before sending.

    `known` says by fault which orders, with their record, were enough to tell.
    """
    enough: Flags = np.zeros(len(world), dtype=bool)
    for name, told in known.items():
        if name in FAULTS:
            enough |= told & (world.sent.fault == FAULTS.index(name))
    flags: Flags = enough & right.is_not_null().to_numpy()
    return flags


def _amount(world: World, row: int) -> _Fields:
    yield "/amount_minor", int(world.baskets.amount[row])


def _prices(world: World, row: int, starts: Ints) -> _Fields:
    yield from _amount(world, row)
    first, end = int(starts[row]), int(starts[row + 1])
    right, sent = world.baskets.lines.unit_minor, world.sent.unit_minor
    for place in range(first, end):
        if right[place] != sent[place]:
            yield f"/items/{place - first}/unit_price_minor", int(right[place])
