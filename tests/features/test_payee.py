"""What is known of a payee: its name, its account against its bank's prefixes, near accounts."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.bins import BinEntry, BinTable, bin_group, load_bins, parse_bins
from features.calendar import Calendar
from features.columnar_facts import fact_frame
from features.edge import encode_order, order_from_dict, parse_order
from features.errors import CatalogError, InvalidOrder
from features.fact_groups import add_group_facts
from features.facts import order_facts
from features.history_schema import frame_from_orders, order_from_row
from features.masking import Masker, near_forms
from features.names import name_key, name_kind, name_plausible
from features.order import Order

NUMBER = "6222021234567890123"
MASKER = Masker(bytes(32))
DIGITS = st.text("0123456789", min_size=8, max_size=20)
TABLE = """bin,bank_code,card_type,length
622202,ICBC,debit,19
622588,CMB,debit,16
622848,ABC,debit,19
62284801,ABC,credit,16
62999901,XYZ,debit,
62999902,XYZ,credit,
625960,BOC,credit,16
"""
NAMES = Path(__file__).with_name("payee_names.txt")


def payout_to(order_fields: dict[str, Any], **payee: Any) -> dict[str, Any]:
    return {**order_fields, "kind": "payout", "payout": {"payee": payee}}


def near_keys(number: str) -> set[str]:
    return set(MASKER.payee_account(number)["near"])


def is_near(one: str, other: str) -> bool:
    """Say, slowly and plainly, whether a digit was replaced or two neighbours changed over."""
    if len(one) != len(other) or one == other:
        return False
    apart = [place for place in range(len(one)) if one[place] != other[place]]
    if len(apart) == 1:
        return True
    if len(apart) != 2 or apart[1] != apart[0] + 1:
        return False
    first, second = apart
    return (one[first], one[second]) == (other[second], other[first])


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """A number, and one that a few slips away from it."""
    number = draw(DIGITS)
    other = list(number)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(other) - 2))
        kind = draw(st.sampled_from(["digit", "swap", "drop", "add", "far"]))
        if kind == "digit":
            other[place] = draw(st.sampled_from("0123456789"))
        elif kind == "swap":
            other[place], other[place + 1] = other[place + 1], other[place]
        elif kind == "far":
            other[0], other[-1] = other[-1], other[0]
        elif kind == "drop" and len(other) > 8:
            del other[place]
        elif kind == "add":
            other.insert(place, "0")
    return number, "".join(other)


@given(slips())
def test_two_numbers_share_a_near_key_exactly_when_one_slip_lies_between(
    pair: tuple[str, str],
) -> None:
    one, other = pair
    assert bool(near_keys(one) & near_keys(other)) == (is_near(one, other) or one == other)


@given(slips())
def test_near_forms_say_the_same_before_any_hash(pair: tuple[str, str]) -> None:
    one, other = pair
    shared = set(near_forms(one)) & set(near_forms(other))
    assert bool(shared) == (is_near(one, other) or one == other)


def test_a_slip_among_all_that_are_possible_is_always_recognised() -> None:
    for place in range(len(NUMBER)):
        for digit in "0123456789":
            other = NUMBER[:place] + digit + NUMBER[place + 1 :]
            assert near_keys(NUMBER) & near_keys(other)


def test_near_keys_differ_from_one_secret_key_to_another() -> None:
    assert not near_keys(NUMBER) & set(Masker(bytes([1] * 32)).payee_account(NUMBER)["near"])


@pytest.mark.parametrize("number", ["1234567", "1" * 35, "６２２２０２１２３４５６７８９０"])
def test_a_number_too_short_too_long_or_not_ascii_has_no_near_keys(number: str) -> None:
    assert not near_keys(number)


def test_a_payout_keeps_near_keys_and_not_the_number(
    order_fields: dict[str, Any], masker: Masker
) -> None:
    order = order_from_dict(payout_to(order_fields, account=NUMBER), masker)
    assert order.payout is not None
    assert order.payout.payee.account is not None
    assert len(order.payout.payee.account.near) == 19 + 16
    assert NUMBER.encode() not in encode_order(order)
    assert parse_order(encode_order(order), masker) == order


def test_near_keys_survive_a_row_of_a_history(order_fields: dict[str, Any], masker: Masker) -> None:
    order = order_from_dict(payout_to(order_fields, account=NUMBER), masker)
    frame = frame_from_orders([order])
    assert frame["payout.payee.account.near"].dtype == pl.List(pl.String)
    assert order_from_row(frame.to_dicts()[0]).payout == order.payout


def test_a_near_key_of_another_form_is_refused(
    order_fields: dict[str, Any], masker: Masker
) -> None:
    account = {"hash": "0" * 32, "near": ["0" * 16, "zz"]}
    with pytest.raises(InvalidOrder, match=r"payout\.payee\.account\.near\[1\]"):
        order_from_dict(payout_to(order_fields, account=account), masker)


def named_payees() -> list[tuple[str, str, bool]]:
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    return [(kind, name, plausible == "yes") for plausible, kind, name in rows]


@pytest.mark.parametrize(("kind", "name", "plausible"), named_payees())
def test_a_name_fits_its_kind_of_payee_or_not(kind: str, name: str, plausible: bool) -> None:
    assert name_plausible(name, None if kind == "-" else kind) is plausible


@given(st.text(max_size=40), st.sampled_from(["personal", "corporate", None]))
def test_any_name_gets_an_answer(name: str, kind: str | None) -> None:
    assert name_plausible(name, kind) in (True, False, None)
    assert (name_plausible(name, kind) is None) == (name_kind(name) is None)
    assert name_key(name_key(name)) == name_key(name)


@pytest.mark.parametrize(
    "written", ["张三", "張三", " 张 三 ", "张三先生", "张三 女士收", "张三收", "张·三"]
)
def test_one_person_has_one_name_key(written: str) -> None:
    assert name_key(written) == "张三"


@pytest.fixture
def bins(tmp_path: Path) -> BinTable:
    (tmp_path / "bins.csv").write_text(TABLE, encoding="utf-8")
    return load_bins(tmp_path / "bins.csv")


def facts_of(order: Order, bins: BinTable) -> dict[str, Any]:
    facts: dict[str, Any] = order_facts(order)
    add_group_facts(facts, [bin_group(bins)])
    return facts


def test_the_longest_prefix_decides(bins: BinTable) -> None:
    assert bins.look_up("62284801") == BinEntry("abc", "credit", 16)
    assert bins.look_up("62284899") == BinEntry("abc", "debit", 19)
    assert bins.look_up("6222021") == BinEntry("icbc", "debit", 19)
    assert bins.look_up("400000") == BinEntry()


def test_six_digits_answer_only_what_longer_prefixes_agree_upon(bins: BinTable) -> None:
    assert bins.look_up("622848") == BinEntry("abc", None, None)
    assert bins.look_up("629999") == BinEntry("xyz", None, None)


def test_an_account_is_held_against_the_banks_prefixes(
    bins: BinTable, order_fields: dict[str, Any], masker: Masker
) -> None:
    payee = {"account": NUMBER, "bank_code": "icbc ", "card_type": "credit"}
    facts = facts_of(order_from_dict(payout_to(order_fields, **payee), masker), bins)
    assert facts["payee.bank_matches_bin"] is True
    assert facts["payee.card_type_matches_bin"] is False
    assert facts["payee.length_matches_bin"] is True
    other = facts_of(
        order_from_dict(payout_to(order_fields, account=NUMBER, bank_code="CMB"), masker), bins
    )
    assert other["payee.bank_matches_bin"] is False
    assert "payee.card_type_matches_bin" not in other


def test_an_unknown_prefix_says_nothing(
    bins: BinTable, order_fields: dict[str, Any], masker: Masker
) -> None:
    payee = {"account": "4111111111111111", "bank_code": "ICBC"}
    facts = facts_of(order_from_dict(payout_to(order_fields, **payee), masker), bins)
    assert not {name for name in facts if name.endswith("matches_bin")}


PAYEES = st.fixed_dictionaries(
    {},
    optional={
        "account": st.sampled_from([NUMBER, "6225881234567890", "622848000001", "62-x", "9"]),
        "bank_code": st.sampled_from(["ICBC", "cmb", "ABC", " "]),
        "card_type": st.sampled_from(["debit", "credit"]),
        "kind": st.sampled_from(["personal", "corporate"]),
        "name": st.sampled_from(["王芳", "某某公司", "  ", "7", "買買提·艾山"]),
    },
)


@given(st.lists(PAYEES, min_size=1, max_size=5))
def test_columns_hold_the_same_facts_of_payees(payees: list[dict[str, Any]]) -> None:
    table = parse_bins(TABLE, "table")
    base = {
        "merchant_id": "m", "channel": "generic", "amount_minor": 1, "currency": "CNY",
        "placed_at": "2026-03-01T00:00:00Z",
    }  # fmt: skip
    orders = [
        order_from_dict({**payout_to(base, **payee), "order_id": str(number)}, MASKER)
        for number, payee in enumerate(payees)
    ]
    group = bin_group(table)
    live = [facts_of(order, table) for order in orders]
    names = [
        *group.kinds, "payee.name_kind", "payee.name_plausible", "payee.account_fits_kind",
        "payee.card_cut_short",
    ]  # fmt: skip
    built = fact_frame(frame_from_orders(orders), names, {}, Calendar("UTC"), [group])
    for facts, row in zip(live, built.iter_rows(named=True), strict=True):
        assert {name: facts.get(name) for name in names} == row


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bin,bank_code\n622202,ICBC\n", "lacks the column.s. card_type, length"),
        (TABLE + "62220,ICBC,debit,19\n", "line 9: bin '62220' must be 6 to 8 digits"),
        (TABLE + "622202,ICBC,debit,19\n", "line 9: bin 622202 stands here twice"),
        (TABLE + "622203,ICBC,prepaid,19\n", "line 9: card_type 'prepaid'"),
        (TABLE + "622203,ICBC,debit,nineteen\n", "line 9: length 'nineteen'"),
        ("bin,bank_code,card_type,length\n", "holds no BIN"),
        ("", "lacks the column"),
    ],
)
def test_a_bad_table_of_prefixes_is_named_by_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bins.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=message):
        load_bins(path)


def test_an_absent_or_unreadable_table_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be read"):
        load_bins(tmp_path / "none.csv")
    (tmp_path / "odd.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogError, match="cannot be read"):
        load_bins(tmp_path / "odd.csv")


def test_the_order_of_lines_does_not_change_a_tables_fingerprint(tmp_path: Path) -> None:
    head, *lines = TABLE.splitlines()
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text(TABLE, encoding="utf-8")
    other.write_text("\n".join([head, *reversed(lines)]) + "\n", encoding="utf-8")
    assert load_bins(one).fingerprint == load_bins(other).fingerprint
    assert parse_bins(load_bins(one).text, "again") == load_bins(one)
    other.write_text(TABLE.replace("ICBC", "CCB"), encoding="utf-8")
    assert load_bins(one).fingerprint != load_bins(other).fingerprint
