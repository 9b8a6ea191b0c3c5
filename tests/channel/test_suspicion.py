"""The live policy counts as the simulated world's own counters do, and keeps to its scenario."""

from datetime import timedelta
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.edge import order_from_dict
from features.masking import Masker
from features.times import to_us
from training.simulate.channel.suspicion import Counter, Suspicion
from training.simulate.memory import first_of, recent
from training.simulate.scenario import Drift, Policy, Signal

WIDTH_US = 1_000
EVENTS = st.lists(st.tuples(st.integers(0, 700), st.integers(0, 2), st.integers(0, 3)), max_size=40)


def policy(**changes: Any) -> Policy:
    plain = Policy(
        threshold=1.0,
        noise=0.0,
        watch_s=600.0,
        watch_relief=0.0,
        patience=1.0,
        orders_per_day=1_000,
        signals={"device_sharing": Signal(weight=1.0, memory_s=3_600.0)},
        basis="assumed",
    )
    return msgspec.structs.replace(plain, **changes)


@given(EVENTS)
def test_counters_agree_with_those_of_the_whole_world(events: list[tuple[int, int, int]]) -> None:
    at = np.cumsum([gap for gap, _, _ in events], dtype=np.int64)
    entity = np.array([one for _, one, _ in events], dtype=np.int64)
    value = np.array([one for _, _, one in events], dtype=np.int64)
    plain, distinct = Counter(WIDTH_US), Counter(WIDTH_US)
    seen: list[tuple[float, float]] = []
    for instant, who, what in zip(at.tolist(), entity.tolist(), value.tolist(), strict=True):
        seen.append((plain.level(str(who), instant), distinct.level(str(who), instant)))
        plain.count(str(who), instant)
        distinct.count(str(who), instant, str(what))
    new = first_of(entity, value, at, WIDTH_US)
    if events:
        wanted = np.stack([recent(entity, at, WIDTH_US), recent(entity, at, WIDTH_US, new)], axis=1)
        assert np.array(seen) == pytest.approx(wanted)


def refusals(suspicion: Suspicion, fields: dict[str, Any], buyers: list[str]) -> list[bool]:
    said = []
    for number, buyer in enumerate(buyers):
        order = order_from_dict(
            fields | {"order_id": f"A{number}", "buyer": {"id": buyer}}, Masker(bytes(32))
        )
        at_us = to_us(order.placed_at + timedelta(seconds=number))
        said.append(suspicion.refuses(order, order.amount_minor, at_us))
    return said


def test_accounts_that_share_a_device_are_refused_in_the_end(order_fields: dict[str, Any]) -> None:
    suspicion = Suspicion(policy(threshold=2.5), 1, (0, 1))
    assert refusals(suspicion, order_fields, ["a", "b", "c", "d"]) == [False, False, False, True]


def test_a_channel_stays_suspicious_of_an_account_that_it_refused(
    order_fields: dict[str, Any],
) -> None:
    for relief, again in ((0.0, False), (9.0, True)):
        signals = {"resale": Signal(weight=0.0)}
        calm = policy(threshold=2.0, watch_relief=relief, signals=signals)
        suspicion = Suspicion(calm, 1, (0, 1))
        suspicion._flagged_us["a"] = to_us(
            order_from_dict(order_fields, Masker(bytes(32))).placed_at
        )
        assert refusals(suspicion, order_fields, ["a"]) == [again]


def test_a_drift_moves_the_threshold_from_its_date_on(order_fields: dict[str, Any]) -> None:
    at_us = to_us(order_from_dict(order_fields, Masker(bytes(32))).placed_at)
    drifting = policy(threshold=0.5, drift=(Drift(at=0.5, threshold=-1.0),))
    for share, refused in ((0.2, False), (0.8, True)):
        start_us = at_us - round(share * 10**12)
        suspicion = Suspicion(drifting, 1, (start_us, start_us + 10**12))
        assert refusals(suspicion, order_fields, ["a"]) == [refused]
