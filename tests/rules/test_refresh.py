"""After a repair only that is known which the repair cannot have changed."""

from features.catalog import parse_catalog
from features.kinds import Value
from rules.refresh import refreshed

CATALOG = parse_catalog("""
catalog: small
entities: {buyer: buyer.id, price: [buyer.id, amount_minor]}
fields: [amount_minor, calendar.hour]
windows:
  - {entity: buyer, measure: count, over: 1h}
  - {entity: buyer, measure: same, of: amount_minor, over: 1h}
  - {entity: price, measure: count, over: 1h}
derived:
  doubled: amount_minor + amount_minor
  twice: buyer_orders_1h + buyer_orders_1h
  alike: buyer_same_amount_minor_1h + 1
""")
BEFORE: dict[str, Value] = {"buyer.id": "b", "amount_minor": 500, "calendar.hour": 9}
FEATURES: dict[str, Value] = {
    "amount_minor": 500,
    "calendar.hour": 9,
    "buyer_orders_1h": 3,
    "buyer_same_amount_minor_1h": 2,
    "price_orders_1h": 2,
    "doubled": 1_000,
    "twice": 6,
    "alike": 3,
}


def test_what_others_ordered_stays_and_what_compares_with_the_order_is_unknown() -> None:
    after = BEFORE | {"amount_minor": 700}
    assert refreshed(FEATURES, BEFORE, after, CATALOG) == {
        "amount_minor": 700,
        "calendar.hour": 9,
        "buyer_orders_1h": 3,
        "doubled": 1_400,
        "twice": 6,
    }


def test_nothing_changes_where_no_fact_does() -> None:
    assert refreshed(FEATURES, BEFORE, BEFORE, CATALOG) == FEATURES
