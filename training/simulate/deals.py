"""Deals: what is bought and paid out in a slice, and what the channels make of it."""

from dataclasses import dataclass

import numpy as np

from training.simulate.again import come_back, make_room
from training.simulate.chance import Ints
from training.simulate.goods import Shelf, resale_of
from training.simulate.payees import PayeeStates, payee_states
from training.simulate.places import city_of
from training.simulate.refunds import Refundable, give_back
from training.simulate.rows import Rows
from training.simulate.scenario import Scenario
from training.simulate.seen import Seen, horizon_us
from training.simulate.slices import Slice
from training.simulate.verdicts import Verdicts, reach_verdicts


@dataclass(frozen=True, slots=True)
class Bought:
    """Orders of one slice, goods or payouts, with their verdicts."""

    rows: Rows
    verdicts: Verdicts
    seen: Seen
    """What the channels remember of them in the next slice."""
    used_count: Ints
    used_minor: Ints
    away: Rows | None = None
    """Buyers who come back after the slice."""


def buy(
    scenario: Scenario,
    piece: Slice,
    shelf: Shelf,
    rows: Rows,
    returning: Rows | None,
    before: Seen | None,
) -> Bought:
    """Decide the orders for goods; who comes back after a decline is decided among all others."""
    away: list[Rows] = []
    if returning is not None:
        here, later = returning.split(piece.end_us)
        rows, away = make_room(piece, rows, here), [later]
    payees = PayeeStates.none(len(rows))
    verdicts, seen = _judged(scenario, piece, shelf, rows, payees, before)
    for _ in range(scenario.reorders.most):
        rows, new = come_back(scenario, piece, shelf, rows, verdicts)
        here, later = new.split(piece.end_us)
        away.append(later)
        if not len(here):
            break
        rows = make_room(piece, rows, here)
        verdicts, seen = _judged(scenario, piece, shelf, rows, payees, before)
    coming = [part for part in away if len(part)]
    left = Rows.joined(coming) if coming else None
    return _bought(scenario, piece, rows, verdicts, seen, left)


def pay_out(
    scenario: Scenario,
    piece: Slice,
    shelf: Shelf,
    rows: Rows,
    pool: Refundable,
    before: Seen | None,
    refused_before: Ints,
) -> tuple[Bought, Refundable, Ints]:
    """Decide the payouts, refunds among them; also all payees who were refused so far."""
    rows, pool = give_back(piece.seed, rows, pool)
    payees, refused = payee_states(scenario, piece, rows.stream, refused_before)
    verdicts, seen = _judged(scenario, piece, shelf, rows, payees, before)
    return _bought(scenario, piece, rows, verdicts, seen, None), pool, refused


def _judged(
    scenario: Scenario,
    piece: Slice,
    shelf: Shelf,
    rows: Rows,
    payees: PayeeStates,
    before: Seen | None,
) -> tuple[Verdicts, Seen]:
    fresh = Seen(
        past=0,
        stream=rows.stream,
        channel=rows.channel,
        amount=rows.baskets.amount,
        resale=resale_of(shelf, rows.baskets.main_sku),
        city=city_of(piece.seed, rows.stream.address),
        blocked=np.zeros(len(rows), dtype=bool),
    )
    seen = fresh.after(before)
    return reach_verdicts(scenario, piece, seen, rows, payees), seen


def _bought(
    scenario: Scenario,
    piece: Slice,
    rows: Rows,
    verdicts: Verdicts,
    seen: Seen,
    away: Rows | None,
) -> Bought:
    count, total = seen.today(seen.stream.buyer)
    kept = seen.remembered(piece.end_us - horizon_us(scenario), verdicts.blocked)
    return Bought(rows, verdicts, kept, count, total, away)
