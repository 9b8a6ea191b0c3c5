"""What `reach` sees of a small circle of buyers, said one case at a time."""

from typing import Any

import pytest

from features.catalog import Catalog, parse_catalog
from features.links.live import LiveLinks
from features.times import US_PER_SECOND
from tests.links.worlds import World, by_columns, by_live, by_rescan

CATALOG = parse_catalog("""
catalog: circle
entities: {buyer: buyer.id, device: device.id, card: buyer.card.hash}
links:
  - {entity: buyer, measure: reach, through: [device, card], over: 10s, name: reach}
  - {entity: buyer, measure: reach, through: [device, card], over: 10s, newest: 2, name: reach_of_2}
  - {entity: buyer, measure: reach, through: [device, card], over: 10s, budget: 2, name: reach_to_2}
""")
DAY_S = 86_400


def order(number: int, second: float, buyer: str | None, **keys: Any) -> dict[str, Any]:
    """Make one order; `device`, `card`, `placed` (seconds) and `id` may be given."""
    facts = {
        "order_id": keys.get("id", f"o{number}"),
        "as_of": round(second * US_PER_SECOND),
        "placed_at": round(keys.get("placed", second) * US_PER_SECOND),
        "buyer.id": buyer,
        "device.id": keys.get("device"),
        "buyer.card.hash": keys.get("card"),
    }
    return {name: value for name, value in facts.items() if value is not None}


def last(*rows: dict[str, Any], catalog: Catalog = CATALOG) -> dict[str, Any]:
    """Give the features of the last order, which all three computations must agree on."""
    world = World(rows)
    slow = by_rescan(world, catalog)
    assert by_columns(world, catalog) == slow
    assert by_live(world, catalog, patient=True, sweep=True) == slow
    return slow[-1]


def test_a_device_of_another_buyer_is_one_hop_away() -> None:
    rows = order(1, 1, "ann", device="d"), order(2, 2, "bob", device="d")
    assert last(*rows)["reach"] == 1


def test_a_value_of_an_earlier_order_links_too() -> None:
    first = order(1, 1, "ann", device="d")
    rows = first, order(2, 2, "bob", device="d", card="c"), order(3, 3, "bob", device="e")
    assert last(*rows)["reach"] == 1


def test_a_third_hop_is_not_taken() -> None:
    rows = (
        order(1, 1, "ann", device="d"),
        order(2, 2, "bob", device="d", card="c"),
        order(3, 3, "cid", card="c"),
    )
    assert last(*rows)["reach"] == 1


def test_a_buyer_never_reaches_itself() -> None:
    rows = order(1, 1, "ann", device="d"), order(2, 2, "ann", device="d")
    assert last(*rows)["reach"] == 0


def test_orders_of_one_instant_do_not_see_each_other() -> None:
    rows = order(1, 2, "ann", device="d"), order(2, 2, "bob", device="d")
    assert last(*rows)["reach"] == 0


def test_an_order_that_arrived_later_is_not_known_yet() -> None:
    rows = order(1, 1, "bob", device="d"), order(2, 3, "ann", device="d", placed=1)
    assert last(*rows, order(3, 3, "bob", device="d"))["reach"] == 0
    assert last(*rows, order(3, 3.5, "bob", device="d"))["reach"] == 1


def test_an_order_that_is_dated_ahead_waits_for_its_window() -> None:
    ahead = order(1, 1, "ann", device="d", placed=3 * DAY_S)
    later = order(2, 3 * DAY_S - 1, "bob", device="d"), order(3, 3 * DAY_S + 1, "cid", device="d")
    assert last(ahead, later[0])["reach"] == 0
    assert last(ahead, *later)["reach"] == 2


def test_a_corrected_order_leaves_no_link_behind() -> None:
    rows = order(1, 1, "ann", device="d"), order(1, 2, "ann", device="e")
    assert last(*rows, order(2, 3, "bob", device="d"))["reach"] == 0


def test_an_order_does_not_reach_over_its_earlier_self() -> None:
    rows = order(1, 1, "ann", device="d"), order(1, 2, "bob", device="d")
    assert last(*rows)["reach"] == 0


def test_the_window_holds_its_start_and_not_its_end() -> None:
    first = order(1, 1, "ann", device="d")
    assert last(first, order(2, 11, "bob", device="d"))["reach"] == 1
    assert last(first, order(2, 11.1, "bob", device="d"))["reach"] == 0


def test_only_the_newest_orders_of_a_value_are_followed() -> None:
    rows = [order(n, n, buyer, device="d") for n, buyer in enumerate(("ann", "bob", "cid"), 1)]
    features = last(*rows, order(9, 5, "dan", device="d"))
    assert (features["reach"], features["reach_of_2"]) == (3, 2)


def test_only_the_newest_orders_of_the_buyer_are_followed() -> None:
    rows = [
        order(1, 1, "ann", device="d"),
        *(order(n, n, "bob", device=device) for n, device in enumerate("def", 2)),
    ]
    features = last(*rows, order(9, 6, "bob"))
    assert (features["reach"], features["reach_of_2"]) == (1, 0)


def test_counting_stops_at_the_budget() -> None:
    rows = [order(n, n, buyer, device="d") for n, buyer in enumerate(("ann", "bob", "cid"), 1)]
    features = last(*rows, order(9, 5, "dan", device="d"))
    assert (features["reach"], features["reach_to_2"]) == (3, 2)


@pytest.mark.parametrize(
    "asked", [order(2, 2, None, device="d"), order(2, 2, "bob")], ids=["no buyer", "no link"]
)
def test_without_a_buyer_or_anything_to_link_by_it_is_missing(asked: dict[str, Any]) -> None:
    assert last(order(1, 1, "ann", device="d"), asked)["reach"] is None


def test_a_stranger_with_a_new_device_reaches_nobody() -> None:
    assert last(order(1, 1, "ann", device="d"))["reach"] == 0


def test_a_read_changes_nothing() -> None:
    links = LiveLinks(CATALOG.links)
    links.apply_order(order(1, 1, "ann", device="d"), US_PER_SECOND, US_PER_SECOND)
    held = len(links)
    for asked in (order(2, 2, "bob", device="d", card="c"), order(3, 2, "cid", device="e")):
        links.read(asked, 2 * US_PER_SECOND, {})
    assert len(links) == held


def test_applying_frees_what_no_read_can_see() -> None:
    links = LiveLinks(CATALOG.links)
    for number in range(400):
        second = number * DAY_S // 10
        made = order(number, second, f"b{number % 7}", device=f"d{number % 5}", card=f"c{number}")
        links.apply_order(made, made["placed_at"], made["as_of"])
    # A day of late reads, ten seconds of window: some eleven orders with two notes and four keys.
    assert len(links) < 11 * 6


def test_a_sweep_after_a_pause_frees_everything() -> None:
    links = LiveLinks(CATALOG.links)
    for number in range(50):
        second = number % 5
        made = order(number, second, "ann", device=f"d{number}", placed=second + number % 3)
        links.apply_order(made, made["placed_at"], made["as_of"])
        links.apply_order({**made, "device.id": "other"}, made["placed_at"], made["as_of"] + 1)
    assert links.sweep(3 * DAY_S * US_PER_SECOND) == 100
    assert len(links) == 0
