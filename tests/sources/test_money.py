"""Amounts are read by their digits; a decimal oracle agrees with every rounding."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.sources.mapping import Marks, Money
from training.sources.mapping_tree import Place
from training.sources.money import read_money

PLACE = Place("m.yaml", 1, "order.amount_minor")
PLAIN = Marks()
ROUNDINGS = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}


def read(
    values: list[str] | list[float] | pl.Series, money: Money, marks: Marks = PLAIN
) -> list[object]:
    reading = read_money(pl.Series("x", values), money, marks, PLACE, "EUR")
    bad = [any(flaw.rows[row] for flaw in reading.flaws) for row in range(len(reading.values))]
    return ["bad" if is_bad else value for is_bad, value in zip(bad, reading.values, strict=True)]


amounts = st.decimals(-(10**9), 10**9, places=5, allow_nan=False, allow_infinity=False)


@given(amounts, st.integers(0, 4), st.sampled_from(sorted(ROUNDINGS)))
def test_rounding_agrees_with_decimal_arithmetic(
    amount: Decimal, decimals: int, rounding: str
) -> None:
    scaled = abs(amount).scaleb(decimals).quantize(Decimal(1), ROUNDINGS[rounding])
    expected = int(scaled) * (-1 if amount < 0 else 1)
    assert read([f"{amount:f}"], Money(True, decimals, rounding)) == [expected]


@given(amounts)
def test_a_value_finer_than_the_unit_is_rejected_never_rounded(amount: Decimal) -> None:
    exact = amount.scaleb(2) == int(amount.scaleb(2))
    assert read([f"{amount:f}"], Money(True, 2)) == [int(amount.scaleb(2)) if exact else "bad"]


@given(st.integers(0, 10**12))
def test_a_float_of_two_decimals_gives_its_cents_exactly(cents: int) -> None:
    assert read([float(Decimal(cents).scaleb(-2))], Money(True, 2)) == [cents]


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("1.249,00", Marks(",", "."), 124900),
        ("1,249.5", Marks(".", ","), 124950),
        ("1 249,50", Marks(",", " "), 124950),
        ("12.50", Marks(",", ""), "bad"),
        (".5", Marks(), 50),
        ("5.", Marks(), 500),
        (".", Marks(), "bad"),
        ("", Marks(), "bad"),
        ("1.2E3", Marks(), 120000),
        ("1e-9", Marks(), "bad"),
        ("nan", Marks(), "bad"),
        ("12.5 EUR", Marks(), "bad"),
        ("-3.10", Marks(), -310),
        ("99999999999999999999", Marks(), "bad"),
    ],
)
def test_a_written_amount(text: str, marks: Marks, expected: object) -> None:
    assert read([text], Money(True, 2), marks) == [expected]


def test_minor_units_take_no_decimals_but_zeros() -> None:
    assert read(["4295.0", "4295", "42.5"], Money()) == [4295, 4295, "bad"]


def test_a_decimal_column_is_exact() -> None:
    column = pl.Series("x", ["12.50", "0.07"]).cast(pl.Decimal(20, 4))
    assert read(column, Money(True, 2)) == [1250, 7]


@pytest.mark.parametrize(("currency", "expected"), [("JPY", 12), ("KWD", 12000), ("CNY", 1200)])
def test_decimals_follow_the_currency(currency: str, expected: int) -> None:
    raw, currencies = pl.Series("x", ["12"]), pl.Series([currency])
    assert read_money(raw, Money(True), Marks(), PLACE, currencies).values.to_list() == [expected]
