"""Buyers who come back after a decline: another order number, and often all else as before."""

from dataclasses import replace

import numpy as np

from training.simulate.baskets import Baskets, halved
from training.simulate.chance import US, Flags, Floats, Ints
from training.simulate.faults import FAULTS, Sent
from training.simulate.goods import Shelf
from training.simulate.groups import Group
from training.simulate.names import CAUSES, CHANNELS
from training.simulate.replies import heard_us
from training.simulate.rows import Rows, gathered, put_together
from training.simulate.scenario import FaultName, Scenario
from training.simulate.slices import Slice
from training.simulate.traits import lasting_us, trait
from training.simulate.verdicts import Verdicts

_TIMES = 2**52
"""A follower's key is that of the order it follows, and once more this."""
_GOODS_CHANNELS = (CHANNELS.index("jd_pay"), CHANNELS.index("generic"))
_PASSING: tuple[FaultName, ...] = (
    "closed_order",
    "already_paid",
    "duplicate_number",
    "price_changed_since",
)
"""Faults that a new number mends."""


def come_back(
    scenario: Scenario, piece: Slice, shelf: Shelf, rows: Rows, verdicts: Verdicts
) -> tuple[Rows, Rows]:
    """Let some buyers of declined orders order again; whom they follow is settled from now on.

    `rows` holds orders for goods only. Gives all of them, and the new ones in order of time.
    """
    comes = _who_comes(scenario, piece.seed, rows, verdicts)
    who = np.flatnonzero(comes)
    heard = heard_us(scenario, piece.seed, rows.take(who), gathered([verdicts], who))
    at = heard + _gap_us(scenario, piece.seed, rows.stream.key[who])
    by_time = np.argsort(at, kind="stable")
    by_time = by_time[at[by_time] < piece.span.end_us][: int(_is_spare(rows, comes).sum())]
    who, heard, at = who[by_time], heard[by_time], at[by_time]
    settled, known = rows.settled.copy(), rows.heard_us.copy()
    settled[who], known[who] = verdicts.cause[who], heard
    new = _ordered_again(scenario, piece.seed, shelf, rows.take(who), at)
    return replace(rows, settled=settled, heard_us=known), new


def make_room(piece: Slice, rows: Rows, new: Rows) -> Rows:
    """Put new orders among others; as many ordinary ones, that nobody follows, give way."""
    spare = np.flatnonzero(_is_spare(rows, np.zeros(len(rows), dtype=bool)))
    luck = trait(piece.seed, "gives way", rows.stream.key[spare])
    gone = spare[np.argsort(luck, kind="stable")[: len(new)]]
    left = np.delete(np.arange(len(rows)), gone)
    places = np.concatenate([left, len(rows) + np.arange(len(gone))])
    placed = np.concatenate([rows.stream.placed_us[left], new.stream.placed_us[: len(gone)]])
    return put_together([rows, new], places[np.argsort(placed, kind="stable")])


def _who_comes(scenario: Scenario, seed: int, rows: Rows, verdicts: Verdicts) -> Flags:
    spec, key = scenario.reorders, rows.stream.key
    chances: Floats = np.zeros(len(CAUSES))
    for name, one in spec.rates.items():
        chances[CAUSES.index(name)] = one.rate
    free = (rows.settled < 0) & (key // _TIMES < spec.most)
    comes: Flags = free & (trait(seed, "comes back", key) < chances[verdicts.cause])
    return comes


def _is_spare(rows: Rows, comes: Flags) -> Flags:
    alone = (rows.parent < 0) & (rows.follows < 0) & (rows.settled < 0)
    spare: Flags = (rows.stream.group == Group.ORDINARY) & alone & ~comes
    return spare


def _gap_us(scenario: Scenario, seed: int, key: Ints) -> Ints:
    spec = scenario.reorders
    gap = lasting_us(seed, "gap before coming back", key, spec.median_s, spec.sigma)
    return np.minimum(gap, int(spec.longest_h * 3_600 * US))


def _ordered_again(scenario: Scenario, seed: int, shelf: Shelf, old: Rows, at_us: Ints) -> Rows:
    spec, before = scenario.reorders, old.stream
    fewer = trait(seed, "fewer goods", before.key) < spec.smaller
    baskets, kept = halved(old.baskets, shelf, fewer)
    stays = ~fewer & (trait(seed, "fault stays", before.key) < spec.fault_stays)
    stays &= ~old.sent.has(*_PASSING)
    switched = trait(seed, "other channel", before.key) < spec.other_channel
    nothing = np.full(len(old), -1, dtype=np.int64)
    jd_pay, generic = _GOODS_CHANNELS
    other = np.where(old.channel == jd_pay, generic, jd_pay)
    return Rows(
        stream=replace(before, placed_us=at_us, key=before.key + _TIMES),
        channel=np.where(switched, other, old.channel),
        baskets=baskets,
        sent=_sent(old.sent, baskets, kept, stays),
        parent=before.key,
        follows=nothing,
        settled=nothing.copy(),
        heard_us=nothing.copy(),
    )


def _sent(old: Sent, baskets: Baskets, kept: Flags, stays: Flags) -> Sent:
    """Make the same fault once more where it stays, and none elsewhere."""
    lines = baskets.lines
    return Sent(
        fault=np.where(stays, old.fault, FAULTS.index("none")),
        unit_minor=np.where(stays[lines.order], old.unit_minor[kept], lines.unit_minor),
        amount=np.where(stays, old.amount, baskets.amount),
        discount=np.where(stays, old.discount, baskets.discount),
        recorded=np.where(stays, old.recorded, baskets.amount),
    )
