"""The calendar facts: local time, declared peaks and cut-offs, the same live and in columns."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.calendar import CALENDAR_KINDS, Calendar, calendar_facts, make_calendar
from features.columnar_calendar import calendar_column
from features.errors import CatalogError
from features.times import from_us, to_us

SHOP = make_calendar(
    "Asia/Shanghai",
    [
        {"name": "presale", "from": "2026-10-31T20:00:00+08:00", "until": "2026-11-01T02:00+08:00"},
        {"name": "singles", "from": "11-10 20:00", "until": "11-12 00:00"},
        {"name": "november", "from": "11-01 00:00", "until": "11-30 00:00"},
        {"name": "new year", "from": "12-31 20:00", "until": "01-01 02:00"},
    ],
    {"jd_pay": "16:30", "midnight": "00:00"},
)
BERLIN = make_calendar(
    "Europe/Berlin",
    [
        {"name": "spring", "from": "03-29 02:30", "until": "03-29 03:30"},
        {"name": "autumn", "from": "10-25 02:30", "until": "10-25 03:30"},
    ],
    {"jd_pay": "02:30"},
)
PAST = make_calendar(
    "UTC",
    [{"name": "once", "from": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z"}],
)


def facts_at(text: str, calendar: Calendar = SHOP, channel: str = "jd_pay") -> dict[str, object]:
    instant = datetime.fromisoformat(text)
    return {
        name.removeprefix("calendar."): value
        for name, value in calendar_facts(to_us(instant), channel, calendar).items()
    }


def test_monday_midnight_is_the_first_hour_of_the_week() -> None:
    assert facts_at("2026-11-09T00:00:00+08:00")["hour_of_week"] == 0
    assert facts_at("2026-11-15T23:59:59+08:00")["hour_of_week"] == 167


def test_a_peak_holds_from_its_first_instant_to_before_its_last() -> None:
    assert facts_at("2026-11-10T20:00:00+08:00")["peak"] == "singles"
    assert facts_at("2026-11-11T23:59:59.999999+08:00")["peak"] == "singles"
    assert facts_at("2026-11-12T00:00:00+08:00")["peak"] == "november"
    assert facts_at("2026-11-30T00:00:00+08:00")["is_peak"] is False


def test_of_two_peaks_the_one_declared_first_counts() -> None:
    assert facts_at("2026-11-01T01:00:00+08:00")["peak"] == "presale"
    assert facts_at("2025-11-01T01:00:00+08:00")["peak"] == "november"


def test_a_yearly_peak_may_lie_over_new_year() -> None:
    assert facts_at("2026-12-31T20:00:00+08:00")["peak"] == "new year"
    assert facts_at("2027-01-01T01:59:00+08:00")["peak"] == "new year"


def test_hours_to_the_next_peak_are_whole_and_zero_within_one() -> None:
    assert facts_at("2026-10-31T18:30:00+08:00")["hours_to_peak"] == 1
    assert facts_at("2026-10-31T20:00:00+08:00")["hours_to_peak"] == 0
    assert facts_at("2026-11-30T00:00:00+08:00")["hours_to_peak"] == 31 * 24 + 20


def test_without_peaks_nothing_is_said_of_them() -> None:
    facts = facts_at("2026-11-11T00:00:00+08:00", Calendar("UTC"))
    assert set(facts) == {"hour", "weekday", "hour_of_week"}


def test_after_the_last_peak_no_hours_are_left() -> None:
    facts = facts_at("2026-11-11T00:00:00+08:00", PAST)
    assert facts["is_peak"] is False
    assert "hours_to_peak" not in facts


def test_minutes_to_the_cut_off_run_to_tomorrows_when_todays_has_passed() -> None:
    assert facts_at("2026-11-11T16:00:30+08:00")["minutes_to_cut_off"] == 29
    assert facts_at("2026-11-11T16:30:00+08:00")["minutes_to_cut_off"] == 0
    assert facts_at("2026-11-11T16:30:00.000001+08:00")["minutes_to_cut_off"] == 1_439
    assert "minutes_to_cut_off" not in facts_at("2026-11-11T16:00:30+08:00", channel="other")


INSTANTS = st.one_of(
    st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30)),  # noqa: DTZ001 - drawn as UTC
    st.sampled_from(
        [
            datetime(2026, 3, 29, 0, 59, 59),  # noqa: DTZ001
            datetime(2026, 3, 29, 1, 0),  # noqa: DTZ001
            datetime(2026, 10, 25, 0, 30),  # noqa: DTZ001
            datetime(2026, 10, 25, 1, 30),  # noqa: DTZ001
            datetime(2026, 11, 10, 12, 0),  # noqa: DTZ001
            datetime(2024, 2, 29, 15, 59, 59, 999_999),  # noqa: DTZ001
            datetime(2026, 12, 31, 12, 0),  # noqa: DTZ001
        ]
    ),
).map(lambda naive: to_us(naive.replace(tzinfo=UTC)))


@pytest.mark.parametrize("calendar", [SHOP, BERLIN, PAST, Calendar("America/St_Johns")])
@given(st.lists(st.tuples(INSTANTS, st.sampled_from(["jd_pay", "midnight", "?"])), max_size=6))
def test_columns_hold_the_same_calendar(calendar: Calendar, placed: list[tuple[int, str]]) -> None:
    orders = pl.DataFrame(
        {"placed_at": [from_us(us) for us, _ in placed], "channel": [name for _, name in placed]},
        schema={"placed_at": pl.Datetime("us", "UTC"), "channel": pl.String},
    )
    columns = {name: calendar_column(orders, name, calendar).to_list() for name in CALENDAR_KINDS}
    for row, (us, channel) in enumerate(placed):
        facts = calendar_facts(us, channel, calendar)
        assert facts == {
            name: values[row] for name, values in columns.items() if values[row] is not None
        }


@given(INSTANTS)
def test_hours_to_a_peak_lead_into_it(us: int) -> None:
    facts = calendar_facts(us, "jd_pay", SHOP)
    local = from_us(us).astimezone(ZoneInfo("Asia/Shanghai"))
    if local.year > 2150:
        return
    hours = int(facts["calendar.hours_to_peak"])
    later = from_us(us) + timedelta(hours=hours + (not facts["calendar.is_peak"]))
    between = [
        calendar_facts(to_us(from_us(us) + timedelta(hours=hour)), "jd_pay", SHOP)
        for hour in range(0, hours + 1, 24)
    ]
    assert calendar_facts(to_us(later), "jd_pay", SHOP)["calendar.is_peak"]
    assert facts["calendar.is_peak"] or not any(one["calendar.is_peak"] for one in between)


@pytest.mark.parametrize(
    ("peak", "message"),
    [
        ({"name": "x", "from": "11-11", "until": "11-12 00:00"}, "'11-11' is no moment"),
        ({"name": "x", "from": "02-29 00:00", "until": "03-01 00:00"}, "not in every year"),
        ({"name": "x", "from": "13-01 00:00", "until": "03-01 00:00"}, "not in every year"),
        ({"name": "x", "from": "11-11 00:00", "until": "11-11 00:00"}, "the same moment"),
        ({"name": "x", "from": "2026-11-11T00:00:00", "until": "2026-11-12"}, "no offset"),
        ({"name": "x", "from": "2026-11-11T00:00Z", "until": "2026-11-10T00:00Z"}, "later than"),
        ({"name": "x", "from": "11-11 00:00"}, "name, from and until"),
        ({"from": "11-11 00:00", "until": "11-12 00:00"}, "one without a name"),
    ],
)
def test_a_bad_peak_is_named(peak: dict[str, str], message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        make_calendar("UTC", [peak])


@pytest.mark.parametrize("text", ["24:00", "7:30", "16.30", "990"])
def test_a_bad_cut_off_is_named(text: str) -> None:
    with pytest.raises(CatalogError, match="jd_pay"):
        make_calendar("UTC", cut_offs={"jd_pay": text})
