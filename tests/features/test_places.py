"""Places as whole metres and cells; the same live and in columns, at poles and at the date line."""

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.calendar import Calendar
from features.columnar_facts import fact_frame
from features.edge import order_from_dict
from features.facts import order_facts
from features.history_schema import frame_from_orders
from features.masking import Masker
from features.places import EARTH_RADIUS_M, distance_m, geo_cell, point

LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 0.0, -0.0])
LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, 180.0, 0.0, -0.0])
NAMES = [
    *(f"{block}.{part}" for block in ("receiver", "device") for part in ("x_m", "y_m", "z_m")),
    "receiver.geo_cell", "device.geo_cell", "device.receiver_distance_m", "receiver.name_key",
]  # fmt: skip


def slow_cell(latitude: float, longitude: float) -> str:
    """Halve the globe, longitude first, as the method's own description has it."""
    ranges = [[-180.0, 180.0], [-90.0, 90.0]]
    bits = ""
    for turn in range(25):
        low, high = ranges[turn % 2]
        middle = (low + high) / 2
        above = (longitude, latitude)[turn % 2] >= middle
        bits += "01"[above]
        ranges[turn % 2] = [middle, high] if above else [low, middle]
    signs = "0123456789bcdefghjkmnpqrstuvwxyz"
    return "".join(signs[int(bits[start : start + 5], 2)] for start in range(0, 25, 5))


def multiples(steps: int, span: int) -> st.SearchStrategy[float]:
    """Borders of cells, exactly."""
    return st.integers(0, steps).map(lambda step: step * span / steps - span / 2)


@given(LATITUDES | multiples(4096, 180), LONGITUDES | multiples(8192, 360))
def test_a_cell_is_the_one_that_halving_the_globe_finds(latitude: float, longitude: float) -> None:
    assert geo_cell(latitude, longitude) == slow_cell(latitude, longitude)


@given(LATITUDES, LONGITUDES)
def test_a_point_lies_on_the_sphere_to_the_metre(latitude: float, longitude: float) -> None:
    found = point(latitude, longitude)
    assert found is not None
    assert math.hypot(*found[:3]) == pytest.approx(EARTH_RADIUS_M, abs=1)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_the_way_over_ground_fits_the_chord_between_two_points(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> None:
    one, other = point(latitude, longitude), point(other_latitude, other_longitude)
    assert one is not None
    assert other is not None
    chord = math.dist(one[:3], other[:3])
    arc = 2 * EARTH_RADIUS_M * math.asin(min(1.0, chord / (2 * EARTH_RADIUS_M)))
    found = distance_m(latitude, longitude, other_latitude, other_longitude)
    near_antipode = chord > 1.99 * EARTH_RADIUS_M
    assert found == pytest.approx(arc, abs=60_000 if near_antipode else 12)


@pytest.mark.parametrize("latitude", [None, float("nan"), 90.5, -91.0, float("inf")])
def test_what_is_no_place_has_neither_point_nor_distance(latitude: float | None) -> None:
    assert point(latitude, 0.0) is None
    assert point(0.0, None) is None
    assert distance_m(latitude, 0.0, 0.0, 0.0) is None
    assert distance_m(0.0, 0.0, latitude, 0.0) is None


COORDINATES = st.fixed_dictionaries({}, optional={"latitude": LATITUDES, "longitude": LONGITUDES})
BLOCKS = st.fixed_dictionaries({}, optional={"receiver": COORDINATES, "device": COORDINATES})


@given(st.lists(BLOCKS, min_size=1, max_size=6), st.text(max_size=5))
def test_columns_hold_the_same_metres_and_cells(blocks: list[dict[str, Any]], name: str) -> None:
    base = {
        "merchant_id": "m", "channel": "generic", "amount_minor": 1, "currency": "CNY",
        "placed_at": "2026-03-01T00:00:00Z",
    }  # fmt: skip
    blocks[0].setdefault("receiver", {})["name"] = name
    orders = [
        order_from_dict({**base, **block, "order_id": str(n)}, Masker(bytes(32)))
        for n, block in enumerate(blocks)
    ]
    built = fact_frame(frame_from_orders(orders), NAMES, {}, Calendar("UTC"))
    for order, row in zip(orders, built.iter_rows(named=True), strict=True):
        facts = order_facts(order)
        assert {name: facts.get(name) for name in NAMES} == row


def test_metres_are_whole_in_columns_too() -> None:
    frame = pl.DataFrame(
        {"receiver.latitude": [30.0, float("nan")], "receiver.longitude": [1.0, 2.0]}
    )
    built = fact_frame(frame, ["receiver.x_m"], {}, Calendar("UTC"))["receiver.x_m"]
    assert built.dtype == pl.Int64
    assert built.to_list() == [5_516_614, None]
