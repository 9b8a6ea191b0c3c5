"""Small random worlds: orders and outcomes with ties, late events, corrections and gaps."""

from pathlib import Path
from random import Random
from typing import Any

import polars as pl
from hypothesis import strategies as st

from features.catalog import Catalog, parse_catalog
from features.history import History
from features.history_schema import conform_orders, conform_outcomes
from features.times import from_us

CATALOG_TEXT = """
catalog: all-measures
time_zone: Asia/Shanghai
entities:
  buyer: buyer.id
  device: device.id
  pair: [buyer.id, amount_minor]
  channel: channel
  hour: [merchant_id, calendar.hour]
fields: [amount_minor, calendar.hour, calendar.weekday, channel]
windows:
  - {entity: buyer, measure: count, over: [3s, 10s]}
  - {entity: buyer, measure: sum, of: amount_minor, over: [3s, 10s]}
  - {entity: buyer, measure: sum, of: list_amount_minor, over: 10s}
  - {entity: buyer, measure: mean, of: list_amount_minor, over: [3s, 10s]}
  - {entity: buyer, measure: max, of: amount_minor, over: [3s, 10s]}
  - {entity: buyer, measure: min, of: list_amount_minor, over: [3s, 10s]}
  - {entity: buyer, measure: distinct, of: receiver.city, over: [3s, 10s]}
  - {entity: buyer, measure: distinct, of: [device.id, receiver.city], over: 10s}
  - {entity: buyer, measure: seconds_since_last, over: [3s, 10s]}
  - {entity: device, measure: count, over: 5s}
  - {entity: device, measure: distinct, of: buyer.id, over: 5s}
  - {entity: device, measure: rate, outcome: refused, over: [3s, 10s]}
  - {entity: device, measure: rate, outcome: risk_block, over: 10s}
  - {entity: device, measure: outcomes, outcome: any, over: [3s, 10s]}
  - {entity: device, measure: outcomes, outcome: accepted, over: 10s}
  - {entity: device, measure: seconds_since_outcome, outcome: refused, over: [3s, 10s]}
  - {entity: device, measure: seconds_since_outcome, outcome: any, over: 10s}
  - {entity: buyer, measure: seconds_since_first, over: [3s, 10s]}
  - {entity: buyer, measure: open, over: [3s, 10s]}
  - {entity: buyer, measure: open_sum, of: amount_minor, over: 10s}
  - {entity: device, measure: open_sum, of: list_amount_minor, over: [3s, 10s]}
  - {entity: buyer, measure: median, of: list_amount_minor, over: [3s, 10s]}
  - {entity: buyer, measure: median, of: amount_minor, over: 10s, newest: 2, name: few_median}
  - {entity: buyer, measure: entropy, of: receiver.city, over: [3s, 10s]}
  - {entity: buyer, measure: entropy, of: [device.id, receiver.city], over: 10s, newest: 3}
  - {entity: buyer, measure: repeated, of: amount_minor, over: [3s, 10s]}
  - {entity: buyer, measure: same, of: amount_minor, over: [3s, 10s]}
  - {entity: buyer, measure: same, of: device.id, over: 10s, newest: 2}
  - {entity: buyer, measure: seconds_since_change, of: receiver.city, over: [3s, 10s]}
  - {entity: device, measure: seconds_since_change, of: buyer.id, over: 5s, newest: 3}
  - {entity: buyer, measure: radius, of: [receiver.x_m, receiver.y_m, receiver.z_m],
     over: [3s, 10s]}
  - {entity: buyer, measure: distance, of: [receiver.x_m, receiver.y_m, receiver.z_m],
     over: [3s, 10s]}
  - {entity: buyer, measure: distance, of: [receiver.x_m, receiver.y_m, receiver.z_m],
     over: 10s, newest: 2, name: few_distance}
  - {entity: buyer, measure: distance_to_usual, of: [receiver.x_m, receiver.y_m, receiver.z_m],
     over: [3s, 10s]}
  - {entity: channel, measure: unknowns, over: [3s, 10s]}
  - {entity: device, measure: unknowns, over: 10s}
  - {entity: device, measure: mean_latency, over: [3s, 10s]}
  - {entity: device, measure: mean_latency, outcome: accepted, over: 10s}
  - {entity: device, measure: rate, outcome: refused, without: validation, over: 10s, name: theirs}
  - {entity: device, measure: outcomes, outcome: any, without: [validation, risk_block],
     over: 10s, name: rest}
  - {entity: device, measure: mean_latency, without: validation, over: 10s, name: their_latency}
  - {entity: device, measure: seconds_since_outcome, outcome: any, without: accepted,
     over: 10s, name: since_no}
  - {entity: hour, measure: count, over: 10s}
  - {entity: pair, measure: count, over: 10s}
  - {entity: pair, measure: seconds_since_last, over: 10s}
derived:
  amount_to_mean: amount_minor / buyer_list_amount_minor_mean_10s
  is_large: amount_minor > 5
"""

HALF_SECOND_US = 500_000

PLACES = [
    (None, None),
    (30.27, 120.15),
    (30.27, 120.15),
    (31.3, 120.58),
    (90.0, 0.0),
    (0.0, -180.0),
]
"""Latitude and longitude: of no place, of two towns, of a pole, and of the date line."""


def all_measures() -> Catalog:
    return parse_catalog(CATALOG_TEXT)


def make_history(orders: list[dict[str, Any]], outcomes: list[dict[str, Any]]) -> History:
    """Make a history in memory from plain rows; instants are microseconds."""
    instants = {"placed_at", "as_of", "received_at"}

    def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
        return pl.DataFrame(
            [{k: from_us(v) if k in instants else v for k, v in row.items()} for row in rows],
            infer_schema_length=None,
        )

    answers = conform_outcomes(frame(outcomes)) if outcomes else conform_outcomes(_no_outcomes())
    return History(
        Path("memory"),
        conform_orders(frame(orders)).sort("as_of", maintain_order=True),
        answers.sort("received_at", maintain_order=True),
        {"ordering": "time"},
    )


def _no_outcomes() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "order_id": pl.String,
            "received_at": pl.Datetime("us", "UTC"),
            "outcome_class": pl.String,
            "final": pl.Boolean,
        }
    )


@st.composite
def order_rows(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    as_of = draw(st.integers(0, 24)) * HALF_SECOND_US
    latitude, longitude = draw(st.sampled_from(PLACES))
    lateness = draw(st.sampled_from([0, 0, 0, 0, 1, 2, 9, 30, -1, -4])) * HALF_SECOND_US
    return {
        "order_id": draw(st.sampled_from(ids)),
        "merchant_id": "M",
        "channel": draw(st.sampled_from(["generic", "jd_pay"])),
        "placed_at": as_of - lateness,
        "as_of": as_of,
        "amount_minor": draw(st.sampled_from([0, 1, 4, 5, 6, 7, 10**12])),
        "currency": "CNY",
        "list_amount_minor": draw(st.sampled_from([None, 0, 3, 4, 10**12])),
        "buyer.id": draw(st.sampled_from(["b1", "b1", "b1", "b2", None])),
        "device.id": draw(st.sampled_from(["d1", "d1", "d1", "d2", None])),
        "receiver.latitude": latitude,
        "receiver.longitude": longitude,
        "receiver.city": draw(st.sampled_from([None, "Hangzhou", "Suzhou", "Wuxi"])),
    }


@st.composite
def outcome_rows(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    name = draw(st.sampled_from(["accepted", "risk_block", "validation", "unknown", "unknown"]))
    return {
        "order_id": draw(st.sampled_from([*ids, "nobody"])),
        "received_at": draw(st.integers(0, 30)) * HALF_SECOND_US,
        "outcome_class": name,
        "final": draw(st.sampled_from([name != "unknown", name != "unknown", True, False])),
    }


@st.composite
def histories(draw: st.DrawFn, *, corrections: bool = True) -> History:
    """Draw a history; with `corrections` some order ids come more than once."""
    size = draw(st.integers(1, 18))
    pool = [f"o{number}" for number in range(size)]
    rows = [draw(order_rows(pool if corrections else [pool[number]])) for number in range(size)]
    answers = [draw(outcome_rows(pool)) for _ in range(draw(st.integers(0, size)))]
    return make_history(rows, answers)


def busy_history(size: int, seed: int) -> History:
    """Make one long history of few buyers, by chance alone: its windows hold very many events."""
    random = Random(seed)
    classes = ["accepted", "risk_block", "validation", "unknown"]
    rows: list[dict[str, Any]] = []
    for number in range(size):
        latitude, longitude = random.choice(PLACES)
        as_of = number * HALF_SECOND_US // 8
        rows.append(
            {
                "order_id": f"o{number - (random.random() < 0.2) * random.randrange(9)}",
                "merchant_id": "M",
                "channel": random.choice(["generic", "jd_pay"]),
                "placed_at": as_of - random.choice([0, 0, 0, 1, 9, -1]) * HALF_SECOND_US,
                "as_of": as_of,
                "amount_minor": random.randrange(12),
                "currency": "CNY",
                "list_amount_minor": random.choice([None, 0, 3, 4, 10**12]),
                "buyer.id": random.choice(["b1", "b1", "b1", "b2", None]),
                "device.id": random.choice(["d1", "d1", "d2", None]),
                "receiver.latitude": latitude,
                "receiver.longitude": longitude,
                "receiver.city": random.choice([None, "Hangzhou", "Suzhou", "Wuxi"]),
            }
        )
    answers = []
    for row in rows:
        name = random.choice(classes)
        arrived = row["as_of"] + random.randrange(1, 12) * HALF_SECOND_US
        answers.append(
            {
                "order_id": row["order_id"],
                "received_at": arrived,
                "outcome_class": name,
                "final": name != "unknown",
            }
        )
    return make_history(rows, answers)
