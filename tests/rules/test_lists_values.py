"""What a list takes in, and that secret numbers come in as keyed hashes only."""

from typing import Any

import pytest

from features.edge import order_from_dict
from features.errors import RuleError
from features.facts import order_facts
from features.masking import Masker
from rules.lists.holdings import BadValue, holding_of, normal

CARD, PHONE = "6222 0212 3456 7894", "138-0013-8000"


@pytest.mark.parametrize(
    ("fact", "value"),
    [("buyer.card.hash", CARD), ("receiver.phone.hash", PHONE), ("device.ip", "203.0.113.7")],
)
def test_a_whole_value_becomes_what_an_order_says(
    fact: str, value: str, order_fields: dict[str, Any], masker: Masker
) -> None:
    order_fields["buyer"] = {"id": "B1", "card": CARD}
    facts = order_facts(order_from_dict(order_fields, masker))
    assert holding_of(fact).read(value, masker) == normal(fact, str(facts[fact]))


@pytest.mark.parametrize(
    "fact", ["buyer.card.hash", "buyer.phone.hash", "buyer.email_hash", "buyer.identity_hash"]
)
def test_a_hash_passes_as_it_is(fact: str, masker: Masker) -> None:
    hashed = masker.digest("account", "x")
    assert holding_of(fact).read(f" {hashed.upper()} ", masker) == hashed


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("buyer.card.hash", "not a card!"),
        ("buyer.phone.hash", "1380013x000"),
        ("buyer.email_hash", "nobody"),
        ("buyer.identity_hash", "?"),
        ("device.ip", "203.0.113"),
        ("buyer.id", "   "),
        ("buyer.id", "a\tb"),
        ("buyer.id", "x" * 501),
        ("words", " !? "),
        ("words", "x" * 33),
        ("attributes.card_no", "6222021234567894"),
    ],
)
def test_what_cannot_be_is_refused(fact: str, value: str, masker: Masker) -> None:
    with pytest.raises(BadValue) as refused:
        holding_of(fact).read(value, masker)
    if holding_of(fact).is_secret or fact.startswith("attributes."):
        assert value not in str(refused.value)


def test_a_fact_that_no_list_holds_gets_the_nearest() -> None:
    with pytest.raises(RuleError, match=r"Did you mean 'buyer\.id'"):
        holding_of("buyer.idd")
    for fact in ("amount_minor", "payout.payee.account.near"):
        with pytest.raises(RuleError, match="a list cannot hold"):
            holding_of(fact)


def test_words_are_folded(masker: Masker) -> None:
    assert holding_of("words").read(" ＶＩＰ 免-费 ", masker) == "vip免费"
