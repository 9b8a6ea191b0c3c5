"""The campaign-wide alarm: one SKU's orders fail alike, and its line alone stops for a while."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from features.catalog import Catalog
from features.facts import order_facts
from features.live import LiveState
from features.order import Order
from features.times import from_us
from rules.book import Book
from rules.decide import decide
from rules.decision import Action, Decision
from rules.packs import Packs
from rules.terms import Terms

START_US = 1_773_196_200_000_000
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US


@dataclass
class Shop:
    """A merchant that sends orders of a SKU and learns what the channel said."""

    book: Book
    packs: Packs
    make: Any
    state: LiveState
    sent: int = field(default=0)

    def order(self, sku: str, at_us: int, **changes: Any) -> Order:
        """Give an order that has nothing but the SKU in common with the others."""
        self.sent += 1
        fields = {
            "order_id": f"A{self.sent:09}",
            "placed_at": from_us(at_us).isoformat(),
            "amount_minor": 10_000,
            "list_amount_minor": None,
            "discount_minor": 0,
            "freight_minor": 0,
            "items": [{"sku": sku, "quantity": 1, "unit_price_minor": 10_000}],
            "buyer": {"id": f"buyer-{self.sent}"},
            "device": {"id": f"device-{self.sent}", "ip": f"8.8.8.{self.sent}"},
            "receiver": {"province": "浙江省", "city": "杭州市", "line": f"文三路 {self.sent} 号"},
            "record": None,
        }
        made: Order = self.make(**{**fields, **changes})
        return made

    def decide(self, order: Order, at_us: int) -> Decision:
        return decide(order, self.state, Terms(self.book, self.packs), at_us)

    def send(self, order: Order, at_us: int, outcome: str | None = None) -> None:
        self.state.apply_order(self.book.facts.complete(order_facts(order)), at_us)
        if outcome is not None:
            self.state.apply_outcome(order.order_id, outcome, True, at_us + SECOND_US)


@pytest.fixture
def shop(book: Book, packs: Packs, make_order: Any, catalog: Catalog) -> Shop:
    return Shop(book, packs, make_order, LiveState(catalog))


def codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.reasons}


def fail_in_masses(shop: Shop, refused: int, accepted: int, **changes: Any) -> int:
    for number in range(refused + accepted):
        outcome = "validation" if number < refused else "accepted"
        at_us = START_US + number * SECOND_US
        shop.send(shop.order("T-1", at_us, **changes), at_us, outcome)
    return START_US + MINUTE_US


def test_one_skus_line_stops_and_no_other(shop: Shop) -> None:
    now = fail_in_masses(shop, refused=2, accepted=18)
    stopped = shop.decide(shop.order("T-1", now), now)
    assert stopped.action is Action.STOP
    assert codes(stopped) == {"SKU_FAILS_VALIDATION"}
    assert "SKU" in stopped.reasons[0].text.en
    assert shop.decide(shop.order("T-2", now), now).action is Action.SUBMIT


def test_the_line_opens_again_by_itself(shop: Shop) -> None:
    fail_in_masses(shop, refused=20, accepted=0)
    later = START_US + 16 * MINUTE_US
    assert shop.decide(shop.order("T-1", later), later).action is Action.SUBMIT


@pytest.mark.parametrize(("refused", "accepted"), [(1, 19), (19, 0)])
def test_few_refusals_or_few_orders_stop_nothing(refused: int, accepted: int, shop: Shop) -> None:
    now = fail_in_masses(shop, refused, accepted)
    assert shop.decide(shop.order("T-1", now), now).action is Action.SUBMIT


def test_a_campaigns_line_stops_over_all_its_goods(shop: Shop) -> None:
    now = fail_in_masses(shop, refused=5, accepted=15, campaign_id="618")
    of_campaign = shop.decide(shop.order("T-9", now, campaign_id="618"), now)
    assert of_campaign.action is Action.STOP
    assert codes(of_campaign) == {"CAMPAIGN_FAILS_VALIDATION"}
    assert shop.decide(shop.order("T-9", now), now).action is Action.SUBMIT


def test_mislabelled_prices_in_masses_are_held_before_the_channel_answers(shop: Shop) -> None:
    mislabelled: dict[str, Any] = {
        "list_amount_minor": 10_000,
        "record": {"amount_minor": 10_000, "list_amount_minor": 12_000, "state": "created"},
    }
    for number in range(20):
        at_us = START_US + number * SECOND_US
        shop.send(shop.order("T-1", at_us, **mislabelled), at_us)
    now = START_US + MINUTE_US
    faulty = shop.decide(shop.order("T-1", now, **mislabelled), now)
    assert "SKU_PRICES_MISLABELLED" in codes(faulty)
    assert faulty.action is Action.FIX, "the record says what the list price is"
    assert faulty.fix is not None
    assert faulty.fix.patch[-1].value == 12_000
    assert shop.decide(shop.order("T-1", now), now).action is Action.SUBMIT
