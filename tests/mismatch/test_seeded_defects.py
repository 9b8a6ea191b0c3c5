"""Defects put into clean orders: named exactly with a record, listed without; no false alarm."""

from collections.abc import Sequence

import pytest
from msgspec import structs

from bench.clean_orders import DATA, Seen, bnp_baskets, bnp_folder, dressed, simulated
from bench.defects import bare, looks_at, main
from bench.judgement import judge
from bench.mutations import DEFECTS, Defect, seed_defects
from features.mismatch.diagnosis import diagnose
from features.order import Order

DEFECTS_SEEDED = 500
CLEAN_ORDERS = 10_000


@pytest.fixture(scope="module")
def clean() -> list[Seen]:
    return simulated(CLEAN_ORDERS, seed=3)


@pytest.fixture(scope="module")
def baskets() -> list[Seen]:
    folder = bnp_folder()
    if folder is None:
        pytest.skip(f"left out: {DATA} names no folder that holds bnp/baskets.csv.gz")
    return bnp_baskets(folder)


def assert_every_defect_is_named(orders: Sequence[Order], count: int) -> None:
    rows = judge("orders", seed_defects(orders, count, seed=7))
    assert {row.defect for row in rows} == set(DEFECTS)
    assert sum(row.count for row in rows) == count
    for row in rows:
        assert row.count == row.exact_with_record == row.exact_residue, row
        assert row.count == row.listed_without_record, row
        assert row.fewer_than_fit == 0, row


def test_500_defects_of_simulated_orders_are_named(clean: list[Seen]) -> None:
    assert_every_defect_is_named(bare(clean), DEFECTS_SEEDED)


def test_no_clean_simulated_order_raises_an_alarm(clean: list[Seen]) -> None:
    assert any(seen.order.discount_minor for seen in clean)
    for how, looks in looks_at(clean).items():
        assert len(looks) == CLEAN_ORDERS
        assert [one.findings for one in looks if one.findings] == [], how


def test_what_a_spread_coupon_leaves_raises_no_alarm(clean: list[Seen]) -> None:
    """A merchant who rounds the lines and does not state the rest is off by some fen."""
    rounded = [order for order in bare(clean) if 0 < order.discount_minor < len(order.items)]
    assert len(rounded) > 100
    for order in rounded:
        found = diagnose(structs.replace(order, discount_minor=0))
        assert found.findings == ()
        assert found.rounding is not None
        assert found.rounding.candidates[0].changes[0].proposed == order.discount_minor


def test_500_defects_of_real_baskets_are_named(baskets: list[Seen]) -> None:
    assert_every_defect_is_named(bare(dressed(baskets)), DEFECTS_SEEDED)


def test_no_real_basket_raises_an_alarm(baskets: list[Seen]) -> None:
    for looks in looks_at(baskets).values():
        assert [one.findings for one in looks if one.findings] == []


def test_a_defect_differs_from_the_right_order_in_its_truth_alone(clean: list[Seen]) -> None:
    for defect in seed_defects(bare(clean), 70, seed=11):
        assert defect.sent != defect.right
        assert undone(defect) == defect.right


def undone(defect: Defect) -> Order:
    order = defect.sent
    for pointer, right in defect.truth.items():
        _, *path, name = pointer.split("/")
        if path:
            lines = list(order.items)
            lines[int(path[1])] = structs.replace(lines[int(path[1])], **{name: right})
            order = structs.replace(order, items=tuple(lines))
        else:
            order = structs.replace(order, **{name: right})
    return order


def test_too_few_orders_for_so_many_defects_is_an_error(clean: list[Seen]) -> None:
    with pytest.raises(ValueError, match="too few orders"):
        seed_defects(bare(clean[:5]), 50, seed=1)


def test_the_command_prints_a_table_and_says_what_it_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATA, raising=False)
    assert main(["--defects", "21", "--clean", "300"]) == 0
    printed = capsys.readouterr().out
    assert "zone slip" in printed
    assert f"left out: BNP's baskets: {DATA} names no folder" in printed
