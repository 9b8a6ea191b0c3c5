"""An expression sees its row and nothing else: no file, no network, no clock, no other row."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.errors import ExpressionError, MappingError
from training.sources.conditions import filter_orders
from training.sources.sandbox import Sandbox

Bench = Any


@pytest.mark.parametrize(
    "expression",
    [
        "(SELECT 1)",
        "x IN (SELECT content FROM read_text('/etc/hostname'))",
        "1) FROM read_csv('/etc/hostname') AS t(a",
        "1; COPY rows TO 'stolen.csv'",
        "1), (2",
        "read_text('/etc/hostname')",
        "sum(x)",
        "count(*)",
        "row_number() OVER ()",
        "now()",
        "random()",
        "current_setting('home_directory')",
        "list_transform([x], y -> y)",
        "*",
        "COLUMNS('x')",
        "rows.x",
        "$1",
        "nonsense(",
        "",
    ],
)
def test_what_is_more_than_a_scalar_of_the_row_is_refused(expression: str) -> None:
    with Sandbox() as sandbox, pytest.raises(ExpressionError):
        sandbox.check_scalar(expression)


@pytest.mark.parametrize(
    ("expression", "columns"),
    [
        ("ln(amount + 1)", {"amount"}),
        ("CASE WHEN a > 1 THEN upper(trim(b)) ELSE 'x' END", {"a", "b"}),
        ("\"odd name\" || ' ' || b", {"odd name", "b"}),
        ("coalesce(nullif(a, 0), b)::DOUBLE", {"a", "b"}),
        ("strptime(d, '%d/%m/%Y') + INTERVAL 1 DAY", {"d"}),
        ("a BETWEEN 1 AND 2 AND b IN ('x', 'y') AND c IS NOT NULL", {"a", "b", "c"}),
    ],
)
def test_a_scalar_is_allowed_and_its_columns_are_known(expression: str, columns: set[str]) -> None:
    with Sandbox() as sandbox:
        assert sandbox.check_scalar(expression) == columns


def test_a_function_of_other_types_is_refused_with_its_place(bench: Bench) -> None:
    mapping = bench.mapping(attributes={"a": {"expression": "ln(x)"}})
    with pytest.raises(MappingError, match=r"line \d+: attributes.a: .*ln"):
        bench.run("id,x\n1,word\n", mapping)


@pytest.fixture
def folder(bench: Bench) -> Path:
    outcome = {
        "value": "s",
        "classes": {"ok": "accepted", "no": "risk_block"},
        "received_at": {"after": "placed_at"},
    }
    mapping = bench.mapping({"amount_minor": "a", "buyer.id": "b"}, outcome=outcome)
    bench.run("id,a,b,s\n1,10,x,ok\n2,20,y,no\n3,30,,ok\n", mapping)
    out: Path = bench.out
    return out


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("amount_minor >= 20", [False, True, True]),
        ("\"buyer.id\" = 'x'", [True, False, False]),
        ("o.order_id IN (SELECT order_id FROM outcomes WHERE outcome_class = 'risk_block')",
         [False, True, False]),
    ],
)  # fmt: skip
def test_a_filter_chooses_orders(folder: Path, condition: str, kept: list[bool]) -> None:
    assert filter_orders(folder, condition).to_list() == kept


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("amount > 5", "Columns: order_id"),
        ("amount_minor", "not true or false"),
        ("1 = 1; DROP TABLE o", "cannot be read"),
        ("order_id IN (SELECT content FROM read_text('/etc/hostname'))", "Permission"),
    ],
)
def test_a_filter_that_cannot_be_used_is_refused(folder: Path, condition: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        filter_orders(folder, condition)


def test_values_come_back_in_the_order_of_the_rows() -> None:
    frame = pl.DataFrame({"x": list(range(5000))})
    with Sandbox() as sandbox:
        (found,) = sandbox.evaluate(frame, ["x * 2"])
    assert found.values.to_list() == [n * 2 for n in range(5000)]
