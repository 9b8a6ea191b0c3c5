"""The links of a catalog, from raw payouts and simulated orders to the features of both paths."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import parse_catalog
from features.columnar import build_features
from features.edge import parse_order
from features.facts import order_facts
from features.history import History, frame_from_orders
from features.history_schema import OUTCOME_COLUMNS
from features.masking import Masker
from features.parity import check_parity
from tests.links.worlds import World, by_columns, linked, worlds

CATALOG = parse_catalog("""
catalog: linked
entities: {buyer: buyer.id, device: device.id, merchant: merchant_id}
fields: [amount_minor]
windows:
  - {entity: buyer, measure: count, over: 1d}
links:
  - {entity: buyer, measure: reach, through: device, over: [1h, 7d]}
  - entity: merchant
    measure: near
    of: payout.payee.account.hash
    keys: payout.payee.account.near
    over: 180d
    name: payee_near
derived:
  is_slip: payee_near > 0
  reach_growth: buyer_reach_1h / buyer_reach_7d
""")
START = datetime(2026, 1, 5, tzinfo=UTC)


def raw(number: int, **blocks: Any) -> dict[str, Any]:
    return {
        "order_id": f"o{number}",
        "merchant_id": "M",
        "channel": "generic",
        "placed_at": (START + timedelta(hours=number)).isoformat(),
        "amount_minor": 100,
        "currency": "CNY",
        **blocks,
    }


def paid_to(number: int, account: str) -> dict[str, Any]:
    payee = {"id": f"P{number}", "account": account}
    return raw(number, kind="payout", payout={"payee": payee})


def bought(number: int, buyer: str, device: str) -> dict[str, Any]:
    return raw(number, buyer={"id": buyer}, device={"id": device})


def history(masker: Masker, *orders: dict[str, Any]) -> History:
    parsed = [parse_order(msgspec.json.encode(order), masker) for order in orders]
    outcomes = pl.DataFrame(schema=dict(OUTCOME_COLUMNS))
    return History(Path("memory"), frame_from_orders(parsed), outcomes, {"ordering": "time"})


def test_raw_orders_and_payouts_give_the_same_links_on_both_paths(masker: Masker) -> None:
    read = history(
        masker,
        bought(1, "ann", "d"),
        bought(2, "bob", "d"),
        paid_to(3, "6222021234567890123"),
        paid_to(4, "6222021234567890132"),
        bought(30, "cid", "d"),
    )
    built = build_features(read, CATALOG)
    assert built["buyer_reach_7d"].to_list() == [0, 1, None, None, 2]
    assert built["buyer_reach_1h"].to_list() == [0, 1, None, None, 0]
    assert built["payee_near"].to_list() == [None, None, 0, 1, None]
    assert built["is_slip"].to_list() == [None, None, 0, 1, None]
    assert check_parity(read, CATALOG).differences == ()


def test_the_near_keys_are_a_fact_of_payouts_alone(masker: Masker) -> None:
    account = "6222021234567890123"
    facts = order_facts(parse_order(msgspec.json.encode(paid_to(1, account)), masker))
    expected = masker.payee_account(account)["near"]
    assert str(facts["payout.payee.account.near"]).split() == expected
    other = order_facts(parse_order(msgspec.json.encode(bought(1, "ann", "d")), masker))
    assert "payout.payee.account.near" not in other


@given(worlds(), st.data())
@settings(max_examples=50)
def test_what_comes_later_changes_no_link(world: World, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(world.rows) - 1))
    known = tuple(other for other in world.rows if other["as_of"] <= world.rows[row]["as_of"])
    assert by_columns(World(known), linked())[row] == by_columns(world, linked())[row]
