"""Instants are read as Python reads them, and what daylight saving leaves open is rejected."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import MappingError
from training.sources.instants import read_instants
from training.sources.mapping import Clock
from training.sources.mapping_tree import Place

PLACE = Place("m.yaml", 1, "order.placed_at")
NO_ZONE = Clock()
BRUSSELS = ZoneInfo("Europe/Brussels")
local = datetime.fromisoformat
ANY_YEAR = st.datetimes(local("0001-01-03"), local("9999-12-29"))
locals_ = st.datetimes(local("1980-01-01"), local("2030-01-01"))


def read(values: list[object] | pl.Series, clock: Clock = NO_ZONE) -> list[object]:
    column = values if isinstance(values, pl.Series) else pl.Series("x", values)
    reading = read_instants(column, clock, PLACE)
    bad = [
        next((flaw.reason for flaw in reading.flaws if flaw.rows[row]), None)
        for row in range(len(column))
    ]
    return [why or value for why, value in zip(bad, reading.values, strict=True)]


@given(ANY_YEAR, st.integers(-14 * 60, 14 * 60))
def test_an_iso_instant_is_read_as_python_reads_it(drawn: datetime, minutes: int) -> None:
    instant = drawn.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read([instant.isoformat()]) == [instant.astimezone(UTC)]


@given(locals_)
def test_a_local_time_is_read_in_its_zone_or_rejected(drawn: datetime) -> None:
    instants = {drawn.replace(tzinfo=BRUSSELS, fold=fold).astimezone(UTC) for fold in (0, 1)}
    exists = {instant.astimezone(BRUSSELS).replace(tzinfo=None) for instant in instants} == {drawn}
    single = exists and len(instants) == 1
    expected = instants.pop() if single else "no single instant"
    assert read([drawn.isoformat(" ")], Clock("Europe/Brussels")) == [expected]


def test_a_repeated_local_time_is_the_earlier_or_later_instant_if_the_rule_says_so() -> None:
    text: list[object] = ["2018-10-28 02:30"]
    assert read(text, Clock("Europe/Brussels", "earliest")) == [
        datetime(2018, 10, 28, 0, 30, tzinfo=UTC)
    ]
    assert read(text, Clock("Europe/Brussels", "latest")) == [
        datetime(2018, 10, 28, 1, 30, tzinfo=UTC)
    ]


def test_a_skipped_local_time_is_no_instant_by_any_rule() -> None:
    text: list[object] = ["2018-03-25 02:30"]
    for rule in ("reject", "earliest", "latest"):
        assert read(text, Clock("Europe/Brussels", rule)) == ["no single instant"]


@pytest.mark.parametrize(
    "text",
    ["2018-02-30", "yesterday", "2018-01-01 24:00", "2018-01-01T10:00:60", "01/02/2018", "12",
     "2018-01-01T10", "0000-01-01"],
)  # fmt: skip
def test_what_is_no_instant_is_unreadable(text: str) -> None:
    assert read([text], Clock("UTC")) in (["unreadable"], ["out of range"])


def test_a_time_without_offset_needs_a_zone() -> None:
    assert read(["2018-01-01 10:00", "2018-01-01 10:00Z"]) == [
        "no offset",
        datetime(2018, 1, 1, 10, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("value", "clock", "expected"),
    [
        ("1525000000", Clock(unit="seconds"), datetime(2018, 4, 29, 11, 6, 40, tzinfo=UTC)),
        ("1525000000123", Clock(unit="milliseconds"), local("2018-04-29T11:06:40.123Z")),
        ("1.5", Clock(unit="hours"), datetime(1970, 1, 1, 1, 30, tzinfo=UTC)),
        (86400, Clock(unit="seconds", since_us=86_400_000_000), datetime(1970, 1, 3, tzinfo=UTC)),
        (0.5, Clock(unit="days"), datetime(1970, 1, 1, 12, tzinfo=UTC)),
        ("03/11/2025 09:15", Clock("UTC", format="%d/%m/%Y %H:%M"), local("2025-11-03T09:15Z")),
        ("20251103", Clock("Asia/Shanghai", format="%Y%m%d"), local("2025-11-02T16:00Z")),
    ],
)  # fmt: skip
def test_other_ways_to_write_an_instant(value: object, clock: Clock, expected: datetime) -> None:
    assert read([value], clock) == [expected]


def test_a_number_beyond_the_year_9999_is_unreadable() -> None:
    assert read(["9" * 18], Clock(unit="days")) == ["unreadable"]


def test_a_column_of_times_without_zone_needs_one() -> None:
    column = pl.Series("when", [local("2018-01-01")])
    with pytest.raises(MappingError, match="name it, such as time_zone"):
        read(column)
    assert read(column, Clock("Asia/Shanghai")) == [datetime(2017, 12, 31, 16, tzinfo=UTC)]


def test_a_column_of_numbers_needs_a_unit() -> None:
    with pytest.raises(MappingError, match=r"say unit: \(one of microseconds"):
        read([5])
