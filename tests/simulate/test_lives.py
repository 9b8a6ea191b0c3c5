"""Actors live as long as the scenario says, however the history is cut into slices."""

from itertools import pairwise

import numpy as np
import pytest

from training.simulate.actors import Acquaintances
from training.simulate.casts import draw_stream
from training.simulate.chance import Floats
from training.simulate.groups import Group
from training.simulate.rhythm import DAY_US
from training.simulate.scenario_file import load_scenario
from training.simulate.slices import Span, cut_slices
from training.simulate.stream import Stream, joined

END_US = 20_000 * DAY_US


def stream_in_slices(orders: int, per_slice: int, monkeypatch: pytest.MonkeyPatch) -> Stream:
    monkeypatch.setattr("training.simulate.slices._ORDERS_PER_SLICE", per_slice)
    span = Span(7, END_US - 120 * DAY_US, END_US, orders)
    parts, pending, met = [], None, Acquaintances.none()
    for piece in cut_slices(load_scenario(), span):
        now, pending, met = draw_stream(load_scenario(), piece, pending, met)
        parts.append(now)
    return joined(parts)


def days_of(stream: Stream, group: Group) -> Floats:
    """Tell how many days lie between the first and the last order of each device or payee."""
    mine = stream.take(stream.group == group)
    actor = np.where(mine.device >= 0, mine.device // 2, mine.payee)
    order = np.lexsort((mine.placed_us, actor))
    cuts = np.flatnonzero(np.diff(actor[order], prepend=-1, append=-1))
    at = mine.placed_us[order]
    return np.array([(at[after - 1] - at[first]) / DAY_US for first, after in pairwise(cuts)])


def test_rings_live_as_long_in_long_histories_as_in_short_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short = days_of(stream_in_slices(100_000, 200_000, monkeypatch), Group.RING)
    for orders, per_slice in ((100_000, 5_000), (400_000, 10_000)):
        days = days_of(stream_in_slices(orders, per_slice, monkeypatch), Group.RING)
        assert np.median(days) == pytest.approx(np.median(short), rel=0.3)
        assert len(days) == pytest.approx(len(short) * orders / 100_000, rel=0.3)
        assert (days > 120 * per_slice / orders).mean() > 0.5, "most outlive a slice"


@pytest.mark.parametrize("group", [Group.RING, Group.CARD_TESTING, Group.STRUCTURING])
def test_no_actor_outlives_its_life(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    days = days_of(stream_in_slices(100_000, 20_000, monkeypatch), group)
    life = getattr(load_scenario().sessions, group.label).life_days
    assert 0 < days.max() < 1.5 * life + 2


def test_gift_senders_stay_throughout(monkeypatch: pytest.MonkeyPatch) -> None:
    days = days_of(stream_in_slices(100_000, 20_000, monkeypatch), Group.GIFT_SENDER)
    assert days.max() > 90


def test_a_ring_account_was_opened_once_and_before_its_orders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = stream_in_slices(100_000, 5_000, monkeypatch)
    rings = stream.take(stream.group == Group.RING)
    opened = dict(zip(rings.buyer.tolist(), rings.registered_us.tolist(), strict=True))
    assert (
        np.array([opened[buyer] for buyer in rings.buyer.tolist()]) == rings.registered_us
    ).all()
    assert (rings.registered_us < rings.placed_us).all()
