"""One place has one key and its official names, however it is written; another place has others."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.addresses import address_key, read_address, tables_version
from features.addresses.divisions import Division, gazetteer
from features.addresses.stems import stem
from features.calendar import Calendar
from features.columnar_facts import fact_frame
from features.edge import order_from_dict
from features.fact_groups import FACT_GROUPS
from features.facts import order_facts
from features.history_schema import frame_from_orders
from features.masking import Masker

HARD = Path(__file__).with_name("hard_addresses.txt")
Parts = tuple[str | None, str | None, str | None, str | None, str | None]


class Case(NamedTuple):
    """A hard address, the place it means (three times None: not known), the group of its key."""

    group: str
    parts: Parts
    place: tuple[str | None, ...]


def cases() -> Iterator[Case]:
    for number, line in enumerate(HARD.read_text(encoding="utf-8").splitlines()):
        if line and not line.startswith("#"):
            cells = [None if cell.strip() == "-" else cell.strip() for cell in line.split(" | ")]
            country, province, city, district, written = cells[1:6]
            parts = (country, province, city, district, written)
            yield Case(cells[0] or f"line {number}", parts, tuple(cells[6:9]))


CASES = list(cases())


def place_of(parts: Parts) -> tuple[str | None, ...]:
    address = read_address(*parts)
    if address is None or not address.known:
        return (None, None, None)
    return (address.province, address.city, address.district)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "/".join(filter(None, case.parts)))
def test_a_hard_address_is_the_place_that_it_means(case: Case) -> None:
    assert place_of(case.parts) == case.place


def test_one_place_has_one_key_and_another_place_has_another() -> None:
    keys = defaultdict(set)
    groups = defaultdict(set)
    for case in CASES:
        keys[case.group].add(address_key(*case.parts))
        groups[address_key(*case.parts)].add(case.group)
    assert {group: found for group, found in keys.items() if len(found) > 1} == {}
    assert {key: found for key, found in groups.items() if key and len(found) > 1} == {}


DIVISIONS = sorted(
    {
        division
        for names in gazetteer().names.values()
        for division in names.today
        if division.district is not None
    }
)


def lines_of(division: Division) -> Iterator[Parts]:
    province, city, district = map(str, division)
    middle = "" if city == province else city
    yield None, province, city, district, "人民路1号"
    yield None, None, None, None, f"{province}{middle}{district}人民路1号"
    yield None, None, None, None, f"{city}{district}人民路1号"
    yield None, None, None, None, f"{stem(city)}{district}人民路1号"


@pytest.mark.parametrize("province", sorted({division.province for division in DIVISIONS}))
def test_every_district_is_found_with_its_city_before_it(province: str) -> None:
    mine = [division for division in DIVISIONS if division.province == province]
    lost = [
        parts for division in mine for parts in lines_of(division) if place_of(parts) != division
    ]
    assert lost == []


def test_short_names_never_lead_to_a_wrong_city() -> None:
    wrong = []
    for division in DIVISIONS:
        address = read_address(None, *map(stem, map(str, division)), "人民路1号")
        assert address is not None
        if not address.known or (address.province, address.city) != division[:2]:
            wrong.append(division)
    assert wrong == []


NOISE = st.lists(st.sampled_from(["", " ", "　", ",", "，", "。"]), min_size=6, max_size=6)


@given(st.sampled_from(DIVISIONS), NOISE, st.integers(1, 999), st.integers(1, 99))
def test_width_spaces_and_punctuation_do_not_change_a_key(
    division: Division, noise: list[str], house: int, building: int
) -> None:
    province, city, district = map(str, division)
    plain = address_key("CN", province, city, district, f"解放路{house}号{building}栋")
    wide = str(house).translate({48 + digit: 0xFF10 + digit for digit in range(10)})
    line = f"{noise[0]}解放路{noise[1]}{wide}{noise[2]}号{noise[3]}{building}{noise[4]}幢{noise[5]}"
    assert address_key("CN", province, f" {city}", f"{district} ", line) == plain


@given(st.integers(1, 40), st.integers(1, 9), st.integers(101, 3_999), st.integers(1, 40))
def test_another_building_or_room_is_another_key(
    building: int, unit: int, room: int, other: int
) -> None:
    def key(*numbers: int) -> str | None:
        return address_key("CN", "浙江", "杭州", "西湖", "文三路1号{}栋{}单元{}室".format(*numbers))

    assert (key(building, unit, room) == key(other, unit, room)) == (building == other)
    assert key(building, unit, room) != key(building, unit, room + 1)
    assert key(building, unit, room) == address_key(
        "CN", "浙江省", "杭州市", "西湖区", f"文三路1-{building}-{unit}-{room}"
    )


TEXTS = (
    st.none()
    | st.text(max_size=30)
    | st.text("省市区县乡镇路号栋-12 北京朝阳广东深圳南山州", max_size=20)
)


@given(st.sampled_from([None, "CN", "HK", "US"]), TEXTS, TEXTS, TEXTS, TEXTS)
def test_any_text_is_read_and_twice_the_same(
    country: str | None, province: str | None, city: str | None, district: str | None, line: str
) -> None:
    parts = (country, province, city, district, line)
    address = read_address(*parts)
    read_address.cache_clear()
    assert read_address(*parts) == address
    if address is not None and address.known:
        again = read_address(None, address.province, address.city, address.district, None)
        assert again is not None
        assert (again.province, again.city) == (address.province, address.city)


def test_without_city_and_line_there_is_no_key() -> None:
    assert address_key("CN", "浙江省", None, "西湖区", None) is None
    assert read_address("CN", None, "", None, "") is None


def test_a_foreign_address_keeps_what_is_written() -> None:
    address = read_address("FR", "Île-de-France", "Paris", None, "5 rue de Rivoli")
    assert address is not None
    assert (address.city, address.known) == ("paris", False)
    assert address.key != address_key("BE", "Île-de-France", "Paris", None, "5 rue de Rivoli")


def test_the_version_names_rules_and_tables() -> None:
    name, rules, fingerprint = tables_version().split()
    assert (name, rules) == ("addresses", "1")
    assert len(fingerprint) == 12


RECEIVERS = st.builds(
    lambda case, blank: {
        name: part
        for name, part in zip(
            ("country", "province", "city", "district", "line"), case.parts, strict=True
        )
        if part is not None and name != blank
    },
    st.sampled_from(CASES),
    st.sampled_from(["country", "province", "city", "district", "line", ""]),
)


@given(st.lists(RECEIVERS, min_size=1, max_size=6))
def test_columns_hold_the_same_places(receivers: list[dict[str, Any]]) -> None:
    base = {
        "merchant_id": "m", "channel": "generic", "amount_minor": 1, "currency": "CNY",
        "placed_at": "2026-03-01T00:00:00Z",
    }  # fmt: skip
    orders = [
        order_from_dict({**base, "order_id": str(n), "receiver": receiver}, Masker(bytes(32)))
        for n, receiver in enumerate(receivers)
    ]
    names = list(FACT_GROUPS[0].kinds)
    built = fact_frame(frame_from_orders(orders), names, {}, Calendar("UTC"))
    for order, row in zip(orders, built.iter_rows(named=True), strict=True):
        facts = order_facts(order)
        assert {name: facts.get(name) for name in names} == row
