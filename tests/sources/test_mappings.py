"""A mapping that cannot be used is refused as a whole, by line, with the way out."""

from pathlib import Path
from typing import Any

import pytest

from features.errors import MappingError
from training.sources.mapping_file import load_mapping

ROOT = Path(__file__).resolve().parents[2]
Bench = Any
BASE = """mapping: test
time_zone: UTC
order:
  order_id: id
  merchant_id: {constant: m}
  channel: {constant: generic}
  placed_at: {constant: "2026-03-01T10:00:00Z"}
  amount_minor: {constant: 100}
  currency: {constant: EUR}
"""


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*/mapping.yaml")), ids=str)
def test_every_shipped_mapping_can_be_read(path: Path) -> None:
    assert load_mapping(path).name


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("  buyer.idd: x\n", r"line 10: order.buyer.idd: .* Did you mean 'buyer.id'"),
        ("  items: x\n", "line items come from the items section"),
        ("  buyer.card.bin: x\n", "required but not mapped: buyer.card.hash"),
        ("  subject: {colum: x}\n", r"unknown key 'colum'.* Did you mean 'column'"),
        ("  subject: {column: x, unit: major}\n", "unknown key 'unit'"),
        ("  subject: {column: x, constant: y}\n", "needs exactly one of"),
        ("  subject: x\n  subject: y\n", "line 11: order.subject: the same key twice"),
        ("  expires_at: {column: x, time_zone: CST6}\n", "is no time zone"),
        ("  expires_at: {column: x, unit: weeks}\n", "expected one of microseconds"),
        ("  expires_at: {column: x, since: '2020-01-01T00:00:00Z'}\n", "since needs a unit"),
        ("  expires_at: {column: x, unit: days, since: '2020-01-01'}\n", "has no offset"),
        ("  freight_minor: {column: x, decimals: 2}\n", "decimals belong to unit: major"),
        ("  buyer.card: {column: x, reduce: phone}\n", "is reduced as account"),
        ("  tax_minor: {items: total}\n", "can only be the order's amount_minor"),
        ("ordering_id: x\n", "placed_at is given too"),
        ("atributes: {a: b}\n", r"unknown key 'atributes'.* Did you mean 'attributes'"),
        ("attributes: {my-name: b}\n", "letters, digits and _"),
        ("table: {encoding: gb2313}\n", "unknown encoding"),
        ("table: {header: false}\n", "needs columns"),
        ("version: 2\n", "expected a whole number 1 to 1"),
        ("outcome: {value: x, classes: {1: refused}, received_at: y}\n", "one of accepted"),
        ("outcome: {value: x, received_at: y}\n", "an outcome needs classes"),
        ("outcome: {value: x, classes: {1: fraud}, received_at: {after: placed_at, delay: 1w}}\n",
         "'1w' is no duration"),
        ("items: {table: t.csv, key: {line: a, order: b}, quantity: q}\n", "unit_price_minor"),
        ("order: [\n", "is not YAML"),
        ("order: &a [1]\ndefaults: *a\n", r"alias \*a is not read"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_names_the_place_and_the_way_out(
    bench: Bench, more: str, said: str
) -> None:
    with pytest.raises(MappingError, match=said):
        bench.run("id,x\n1,2\n", BASE + more)
    assert not bench.out.exists()


def test_every_missing_column_is_named_in_one_error(bench: Bench) -> None:
    mapping = bench.mapping(
        {"buyer.id": "custommer", "amount_minor": "prise"},
        attributes={"a": {"expression": "ln(wrong)"}},
        known_after_submission=["later"],
    )
    with pytest.raises(MappingError) as refused:
        bench.run("id,customer,price\n1,2,3\n", mapping)
    said = str(refused.value)
    assert all(name in said for name in ("custommer", "prise", "wrong", "later"))
    assert "Did you mean 'customer'" in said
    assert "Did you mean 'price'" in said


@pytest.mark.parametrize(
    "sections",
    [
        {"attributes": {"cvc": "cvcresponsecode"}},
        {"attributes": {"cvc": {"expression": "CVCresponseCode = '1'"}}},
        {"attributes": {"answer": "status"}},
    ],
)
def test_what_is_known_only_after_submission_is_no_feature(
    bench: Bench, sections: dict[str, Any]
) -> None:
    outcome = {
        "value": "status",
        "classes": {"ok": "accepted"},
        "received_at": {"after": "placed_at"},
    }
    mapping = bench.mapping(known_after_submission=["cvcresponsecode"], outcome=outcome, **sections)
    with pytest.raises(MappingError, match="known only after submission"):
        bench.run("id,cvcresponsecode,status\n1,1,ok\n", mapping)
    assert not bench.out.exists()


def test_a_pattern_takes_no_column_that_is_known_late_or_mapped(bench: Bench) -> None:
    order = {"buyer.id": "Vbuyer", "subject": {"expression": "V1 || '!'"}}
    bench.run(
        "id,V1,V2,V3,Vbuyer\n1,5,6,7,8\n",
        bench.mapping(order, attributes=["V*"], known_after_submission=["V2"]),
    )
    names = [name for name in bench.history().orders.columns if name.startswith("attributes.")]
    assert names == ["attributes.V1", "attributes.V3"]


def test_a_word_that_yaml_would_retype_stays_what_was_written(bench: Bench) -> None:
    text = BASE + "  receiver.country: {constant: NO}\nattributes: {v: {constant: 007}}\n"
    bench.run("id\n1\n", text)
    row = bench.history().orders.to_dicts()[0]
    assert (row["receiver.country"], row["attributes.v"]) == ("NO", "007")


def test_a_mapping_that_is_not_there_or_empty_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read"):
        load_mapping(tmp_path / "none.yaml")
    (tmp_path / "empty.yaml").write_text("")
    with pytest.raises(MappingError, match="is empty"):
        load_mapping(tmp_path / "empty.yaml")
