"""Fields come from columns, constants, expressions and line items, and secrets are reduced."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from features.errors import MappingError
from features.history import order_from_row
from features.masking import Masker

Bench = Any
PAN = "6222 0200 0000 1234"


def test_a_whole_card_number_is_reduced_and_never_written(bench: Bench, masker: Masker) -> None:
    bench.run(f"id,pan\n1,{PAN}\n2,\n", bench.mapping({"buyer.card": "pan"}))
    first, second = bench.history().orders.to_dicts()
    buyer = order_from_row(first).buyer
    assert buyer is not None
    assert buyer.card is not None
    assert buyer.card.hash == masker.account(PAN)["hash"]
    assert (buyer.card.bin, buyer.card.last4) == ("622202", "1234")
    assert order_from_row(second).buyer is None
    for path in bench.out.rglob("*.parquet"):
        assert "6222020000001234" not in str(pl.read_parquet(path).to_dicts()).replace(" ", "")


def test_addresses_and_phones_are_reduced_too(bench: Bench, masker: Masker) -> None:
    mapping = bench.mapping({"buyer.email": "e", "receiver.phone": "p", "buyer.identity": "n"})
    bench.run("id,e,p,n\n1,A@B.org,13800138000,11010519491231002X\n", mapping)
    row = bench.history().orders.to_dicts()[0]
    assert row["buyer.email_hash"] == masker.email("a@b.org")
    assert row["receiver.phone.hash"] == masker.phone("13800138000")["hash"]
    assert row["buyer.identity_hash"] == masker.identity("11010519491231002X")


@pytest.mark.parametrize("second", ["pan", {"expression": "right(pan, 8)"}])
def test_a_column_of_secrets_has_no_second_use(bench: Bench, second: Any) -> None:
    mapping = bench.mapping({"buyer.card": "pan"}, attributes={"copy": second})
    with pytest.raises(MappingError, match="holds whole secret numbers"):
        bench.run(f"id,pan\n1,{PAN}\n", mapping)


def test_a_whole_number_kept_as_float_is_an_id_without_point(bench: Bench) -> None:
    frame = pl.DataFrame({"id": ["1", "2"], "buyer": [17.0, None]})
    bench.run(frame, bench.mapping({"buyer.id": "buyer"}))
    assert bench.column("buyer.id") == ["17", None]


def test_values_translate_and_default_fills(bench: Bench) -> None:
    mapping = bench.mapping(
        {
            "device.kind": {"column": "d", "values": {"W": "browser", "?": None}, "default": "pc"},
            "goods_kind": {"column": "g", "values": {"p": "physical"}, "otherwise": "service"},
        }
    )
    bench.run("id,d,g\n1,W,p\n2,?,x\n3,,\n", mapping)
    assert bench.column("device.kind") == ["browser", "pc", "pc"]
    assert bench.column("goods_kind") == ["physical", "service", None]


def test_a_row_on_which_an_expression_fails_is_rejected_alone(bench: Bench) -> None:
    mapping = bench.mapping(attributes={"n": {"expression": "x::INTEGER * 2"}})
    bench.run("id,x\n1,21\n2,many\n3,\n", mapping)
    assert bench.column("attributes.n") == [42, None]
    assert bench.rejected() == [(2, "attributes.n", "expression failed")]


def test_an_attribute_may_be_an_instant_in_microseconds(bench: Bench) -> None:
    mapping = bench.mapping(attributes={"since": {"column": "x", "as": "instant"}})
    bench.run("id,x\n1,1970-01-01 00:00:01\n", mapping)
    assert bench.column("attributes.since") == [1_000_000]


def test_the_row_number_can_be_the_id_and_the_order_of_time(bench: Bench) -> None:
    mapping = bench.mapping({"order_id": {"row": "number"}}, ordering_id={"row": "number"})
    del mapping["order"]["placed_at"]
    bench.run("x\na\nb\n", mapping)
    assert bench.column("order_id") == ["1", "2"]
    assert bench.column("sequence") == [1, 2]


def test_an_ordering_id_stands_for_time(bench: Bench) -> None:
    mapping = bench.mapping(ordering_id="n")
    del mapping["order"]["placed_at"]
    bench.run("id,n\nb,7\na,5\nc,-1\n", mapping)
    read = bench.history()
    assert read.orders["order_id"].to_list() == ["a", "b"]
    assert read.orders["placed_at"][1] == datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC)
    assert (read.orders["sequence"].to_list(), read.manifest["ordering"]) == ([5, 7], "sequence")
    assert bench.rejected() == [(3, "sequence", "out of range")]


def items(bench: Bench, lines: str, **amount: Any) -> Any:
    (bench.folder / "lines.csv").write_text(lines)
    section = {
        "table": "lines.csv",
        "key": {"line": "basket", "order": "id"},
        "quantity": "n",
        "unit_price_minor": {"column": "price", "unit": "major"},
        "sku": "sku",
    }
    mapping = bench.mapping({"amount_minor": {"items": "total"}, **amount}, items=section)
    return bench.run("id\n1\n2\n3\n", mapping)


def test_items_come_from_a_second_table_and_sum_to_the_amount(bench: Bench) -> None:
    report = items(bench, "basket,n,price,sku\n1,2,10.50,a\n2,1,3,b\n1,1,0.99,c\n9,1,1,d\n")
    rows = bench.history().orders.to_dicts()
    assert [row["amount_minor"] for row in rows] == [2199, 300]
    assert [line["sku"] for line in rows[0]["items"]] == ["a", "c"]
    assert len(order_from_row(rows[0]).items) == 2
    assert (report.item_lines, report.unmatched_item_lines) == (4, 1)
    assert bench.rejected() == [(3, "amount_minor", "missing")]


def test_an_unreadable_line_rejects_its_order_only(bench: Bench) -> None:
    items(bench, "basket,n,price,sku\n1,0,10.50,a\n2,1,3,b\n3,1,3,c\n")
    assert bench.column("order_id") == ["2", "3"]
    assert bench.rejected() == [(1, "items", "unreadable line")]


def outcome(bench: Bench, table: str, **more: Any) -> list[tuple[Any, ...]]:
    section = {
        "value": "s",
        "classes": {"ok": "accepted", "no": {"class": "risk_block", "subclass": "bank"}},
        "received_at": {"after": "placed_at", "delay": "7d"},
        **more,
    }
    bench.run(table, bench.mapping(outcome=section))
    columns = ("order_id", "outcome_class", "final", "subclass")
    return list(bench.history().outcomes.select(columns).iter_rows())


def test_an_outcome_is_known_after_its_delay(bench: Bench) -> None:
    assert outcome(bench, "id,s\n1,ok\n2,no\n3,\n") == [
        ("1", "accepted", True, None),
        ("2", "risk_block", True, "bank"),
    ]
    received = bench.history().outcomes["received_at"].unique().to_list()
    assert received == [datetime(2026, 3, 8, 10, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("unmapped", "expected"),
    [("unknown", [("1", "accepted", True, None), ("2", "unknown", False, None)]),
     ("none", [("1", "accepted", True, None)]),
     ("reject", [("1", "accepted", True, None)])],
)  # fmt: skip
def test_a_raw_value_without_class_is_counted(
    bench: Bench, unmapped: str, expected: list[tuple[Any, ...]]
) -> None:
    assert outcome(bench, "id,s\n1,ok\n2,huh\n", unmapped=unmapped) == expected
    assert len(bench.rejected()) == (1 if unmapped == "reject" else 0)


def test_a_list_of_outcome_sections_gives_several_outcomes(bench: Bench) -> None:
    first = {"value": "s", "classes": {"ok": "accepted"}, "received_at": {"after": "placed_at"}}
    late = {"value": "f", "classes": {1: "fraud"}, "unmapped": "none",
            "received_at": {"after": "placed_at", "delay": "30d"}}  # fmt: skip
    bench.run("id,s,f\n1,ok,1\n2,ok,0\n", bench.mapping(outcome=[first, late]))
    found = bench.history().outcomes["outcome_class"].to_list()
    assert found == ["accepted", "accepted", "fraud"]
