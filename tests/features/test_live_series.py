"""A series of tiny chunks says from every place on what a plain list of its records says."""

from collections.abc import Sequence
from random import Random

import pytest

from features.live_record import OCCURRED, Record
from features.live_window import Window
from features.series import Series
from tests.features.live_worlds import tiny_chunks

NUMBER, CITY, STREET = 4, 5, 6
LATEST_US = 60
OF = ((CITY,), (CITY, STREET))


def said(series: Series, start_us: int, without: Record | None) -> dict[str, object]:
    window = Window(series, start_us, LATEST_US + 1, without)
    if not window.size:
        return {}
    return {
        "size": window.size,
        "total": window.total(NUMBER),
        "most": window.extreme(NUMBER, 1),
        "least": window.extreme(NUMBER, -1),
        "distinct": [window.distinct(of) for of in OF],
        "ends": (window.earliest(), window.latest()),
        "newest": [window.newest(of, 3) for of in OF],
    }


def expected(records: Sequence[Record], start_us: int, without: Record | None) -> dict[str, object]:
    seen = [r for r in sorted(records) if r[OCCURRED] >= start_us and r is not without]
    if not seen:
        return {}
    numbers = [r[NUMBER] for r in seen if r[NUMBER] is not None]
    stating = [[r for r in seen if all(r[c] is not None for c in of)] for of in OF]
    return {
        "size": len(seen),
        "total": (sum(numbers), len(numbers)),
        "most": max(numbers, default=None),
        "least": min(numbers, default=None),
        "distinct": [
            len({tuple(r[c] for c in of) for r in found})
            for of, found in zip(OF, stating, strict=True)
        ],
        "ends": (seen[0], seen[-1]),
        "newest": [found[-3:] for found in stating],
    }


def record(random: Random, sequence: int, earliest_us: int) -> Record:
    occurred_us = random.choice(
        (LATEST_US // 2 + sequence // 2, random.randrange(earliest_us, LATEST_US))
    )
    number = random.choice((None, -5, 0, 3, random.randrange(100)))
    city, street = random.choice((None, *"abc")), random.choice((None, *"xy"))
    return (min(occurred_us, LATEST_US), sequence, LATEST_US, f"o{sequence}", number, city, street)


@pytest.mark.parametrize("seed", range(40))
def test_a_series_says_what_its_records_say(seed: int) -> None:
    random = Random(seed)
    with tiny_chunks(0, random.choice((1, 2, 3, 5))):
        series = Series([NUMBER], [(NUMBER, 1), (NUMBER, -1)], OF, OF)
        kept: list[Record] = []
        forgotten_us = 0
        for sequence in range(60):
            if kept and random.random() < 0.25:
                series.remove(kept.pop(random.randrange(len(kept))))
            elif random.random() < 0.05:
                forgotten_us = random.randrange(forgotten_us, LATEST_US // 2)
                series.forget(forgotten_us, 2)
                kept = list(series)
            else:
                kept.append(record(random, sequence, forgotten_us))
                series.add(kept[-1], LATEST_US)
            without = random.choice(kept) if kept and random.random() < 0.5 else None
            assert list(series) == sorted(kept)
            for start_us in random.sample(range(forgotten_us, LATEST_US), 12):
                assert said(series, start_us, without) == expected(kept, start_us, without)


def test_a_record_of_the_future_waits_until_its_time_has_come() -> None:
    series = Series([], [], [], [])
    future, present = (50, 1, 10, "o1"), (10, 2, 10, "o2")
    series.add(future, 10)
    series.add(present, 10)
    assert (series.pending, series.size, len(series)) == ([future], 1, 2)
    assert series.is_before(50)
    assert series.pending == [future]
    assert series.is_before(51)
    assert (series.pending, series.size) == ([], 2)
    series.add((60, 3, 20, "o3"), 20)
    series.add((61, 4, 60, "o4"), 60)
    assert [r[OCCURRED] for r in series.pending] == [61]
    assert not series.is_before(55)
