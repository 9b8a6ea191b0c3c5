"""Properties of the policy over random rules, orders and probabilities."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.book import Book
from rules.costs import Costs
from rules.decision import Action, Basis, Severity
from rules.policy import action_of_costs, action_of_rules, expected_costs

severities = st.lists(st.sampled_from(Severity))
BURST = {"buyer_orders_10m": 99, "buyer_orders_24h": 99, "buyer_cities_24h": 99}
BURST |= {"device_orders_10m": 99, "card_orders_10m": 99, "address_buyers_24h": 99}


@given(severities, st.sampled_from(Severity), st.booleans())
def test_one_more_hit_never_softens_what_the_rules_ask(
    hits: Any, more: Any, is_repairable: Any
) -> None:
    assert action_of_rules([*hits, more], is_repairable) >= action_of_rules(hits, is_repairable)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_adding_a_rule_never_softens_the_action(
    data: Any, make_order: Any, decide_on: Any, book: Any
) -> None:
    chosen = data.draw(st.sets(st.sampled_from(book.rules)))
    more = data.draw(st.sampled_from(book.rules))
    order = make_order(
        amount_minor=data.draw(st.sampled_from([31_000, 3_100_000, 30_999])),
        state=data.draw(st.sampled_from(["created", "closed"])),
        record=data.draw(st.sampled_from([None, {"amount_minor": 31_000}, {"amount_minor": 5}])),
    )
    smaller = Book(tuple(rule for rule in book if rule in chosen), book.catalog, book.lists)
    larger = Book(
        tuple(rule for rule in book if rule in chosen or rule is more), book.catalog, book.lists
    )
    assert decide_on(order, book=larger).action >= decide_on(order, book=smaller).action


def test_heuristics_alone_never_stop_and_fix_only_what_the_record_proves(
    make_order: Any, decide_on: Any, fake_state: Any, book: Any
) -> None:
    guesses = Book(
        tuple(rule for rule in book if rule.entry.basis is Basis.HEURISTIC),
        book.catalog,
        book.lists,
    )
    decision = decide_on(make_order(subject="?"), fake_state(BURST), book=guesses)
    assert len(decision.reasons) >= 4
    assert decision.action in (Action.FIX, Action.REVIEW)
    assert decision.fix is not None
    assert decision.fix.patch[-1].value == make_order().record.subject


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 10**9))
def test_a_likelier_refusal_is_never_treated_more_mildly(one: Any, other: Any, amount: Any) -> None:
    low, high = sorted((one, other))
    actions = [
        action_of_costs(expected_costs(Costs(), amount, {"refused": p}, after_fix=False))
        for p in (low, high)
    ]
    assert actions[0] <= actions[1]


def test_without_an_overall_head_the_likeliest_class_stands_for_it() -> None:
    heads = {"risk_block": 0.2, "validation": 0.4, "fraud": 0.9}
    expected = expected_costs(Costs(), 100, heads, after_fix=False)
    assert expected is not None
    assert (expected.head, expected.probability) == ("validation", 0.4)


def test_the_strictest_action_is_the_max() -> None:
    assert max(Action) is Action.STOP
    assert sorted(Action, reverse=True)[-1] is Action.SUBMIT
