"""The instant to wait for is the first of all at which the order passes, in small random worlds."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import parse_catalog
from features.kinds import Value
from features.live import LiveState
from features.live_changes import Changes, merged
from features.order import Order
from features.times import from_us, to_us
from rules import waiting_search
from rules.book import Book, load_book
from rules.court import court_of
from rules.packs import load_packs
from rules.terms import Terms
from rules.waiting import waiting
from rules.waiting_search import first_passing

SECOND_US = 1_000_000
HALF_US = SECOND_US // 2
CATALOG = parse_catalog("""
catalog: small
entities: {lane: [merchant_id, channel], channel: [channel]}
windows:
  - {entity: lane, measure: count, over: [3s, 10s]}
  - {entity: lane, measure: open_sum, of: amount_minor, over: 6s}
  - {entity: channel, measure: outcomes, outcome: any, over: [4s]}
  - {entity: channel, measure: rate, outcome: refused, over: [4s]}
  - {entity: channel, measure: unknowns, over: [8s]}
derived:
  busy: lane_orders_3s * 2
""")
_RULE = """
  - code: {code}
    title: {{zh: 快, en: fast}}
    when: {when}
    waits: time
    outcome_class: channel
    severity: {severity}
    basis: heuristic
    source: a test
    grade: H
    reason: {{zh: 快, en: fast}}
    examples: {{fires: [{{}}], passes: [{{}}]}}
"""
FALLING = {
    "FAST": "busy >= 6",
    "OPEN": "lane_amount_minor_open_sum_6s > 250",
    "SLOW": "lane_orders_10s >= 5",
    "UNKNOWN": "channel_unknowns_8s >= 2",
}
"""What only falls while nothing arrives."""
RISING = {"FAILING": "channel_any_outcomes_4s >= 2 and channel_refused_rate_4s > 0.5"}
"""What may fall, and rise again as the good answers go first."""


def book_of(rules: Mapping[str, str]) -> Book:
    severities = ("warn", "confirm")
    text = "rules:" + "".join(
        _RULE.format(code=code, when=when, severity=severities[number % 2])
        for number, (code, when) in enumerate(rules.items())
    )
    with TemporaryDirectory() as folder:
        (Path(folder) / "book.yaml").write_text(text, encoding="utf-8")
        return load_book(Path(folder), CATALOG)


PACKS = load_packs()
BOOKS = {"falling": book_of(FALLING), "all": book_of(FALLING | RISING)}


@dataclass(frozen=True)
class World:
    state: LiveState
    order: Order
    as_of_us: int


def order_of(order_id: str, at_us: int, **more: Any) -> Order:
    return Order(
        order_id=order_id,
        merchant_id="M",
        channel="generic",
        placed_at=from_us(at_us),
        amount_minor=100,
        currency="CNY",
        **more,
    )


def facts_of(order: Order) -> dict[str, Value]:
    return dict(court_of(Terms(BOOKS["all"], PACKS), "generic", 0, is_stateless=False).facts(order))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    state, at_us = LiveState(CATALOG), 100 * SECOND_US
    for number in range(draw(st.integers(2, 14))):
        at_us += draw(st.sampled_from([0, 0, HALF_US, HALF_US, SECOND_US, 3 * SECOND_US]))
        state.apply_order(facts_of(order_of(f"o{number}", at_us)), at_us)
        outcome = draw(st.sampled_from([None, None, "accepted", "channel", "channel", "unknown"]))
        if outcome is not None:
            at_us += HALF_US
            state.apply_outcome(f"o{number}", outcome, outcome != "unknown", at_us)
    as_of_us = at_us + draw(st.sampled_from([1, HALF_US]))
    expiry = draw(st.sampled_from([None, None, 2, 5]))
    expires_at = None if expiry is None else from_us(as_of_us + expiry * SECOND_US)
    return World(state, order_of("mine", as_of_us, expires_at=expires_at), as_of_us)


def holds_at(world: World, terms: Terms, at_us: int) -> bool:
    """Judge the order as of an instant, as a decision of then would; too late is held too."""
    if world.order.expires_at is not None and to_us(world.order.expires_at) <= at_us:
        return True
    court = court_of(terms, "generic", at_us, is_stateless=False)
    facts = court.facts(world.order)
    return bool(court.hear(world.order, world.state.read(facts, at_us), facts).findings.hits)


def every_instant(as_of_us: int) -> Iterator[int]:
    """Give all instants at which anything can change in such a world, and those beside them."""
    for half in range(60):
        on_the_grid = (as_of_us // HALF_US + half) * HALF_US
        yield from (us for us in (on_the_grid, on_the_grid + 1) if us > as_of_us)


def found_by(world: World, terms: Terms) -> tuple[int | None, int | None]:
    court = court_of(terms, "generic", world.as_of_us, is_stateless=False)
    facts = court.facts(world.order)
    case = court.hear(world.order, world.state.read(facts, world.as_of_us), facts)
    wait = waiting(case, court, world.state, None)
    if wait is None or wait.clears_at is None or wait.until is None:
        return None, None
    return to_us(wait.clears_at), to_us(wait.until)


def hold_to_the_scan(world: World, book: Book) -> None:
    terms = Terms(book, PACKS)
    held = holds_at(world, terms, world.as_of_us)
    passing = (us for us in every_instant(world.as_of_us) if not holds_at(world, terms, us))
    first = next(passing, None) if held else None
    clears_us, until_us = found_by(world, terms)
    assert clears_us == first
    if clears_us is not None and until_us is not None:
        assert holds_at(world, terms, clears_us - 1)
        assert until_us >= clears_us
        assert not holds_at(world, terms, until_us)


@contextmanager
def trying_one_by_one(most: int) -> Iterator[None]:
    before = waiting_search.ONE_BY_ONE
    waiting_search.ONE_BY_ONE = most
    try:
        yield
    finally:
        waiting_search.ONE_BY_ONE = before


@given(worlds())
@settings(max_examples=60)
def test_it_is_the_first_instant_of_all_where_few_are_tried_one_by_one(world: World) -> None:
    with trying_one_by_one(64):
        hold_to_the_scan(world, BOOKS["all"])


@given(worlds())
@settings(max_examples=60)
def test_it_is_the_first_instant_of_all_where_half_after_half_is_left_out(world: World) -> None:
    with trying_one_by_one(0):
        hold_to_the_scan(world, BOOKS["falling"])


def rising(at: set[int]) -> tuple[list[int], int | None]:
    """Look for the first of 10,000 instants from which on it passes; give what was tried."""
    tried: list[int] = []

    def passes(us: int) -> bool:
        tried.append(us)
        return us >= min(at, default=10**9)

    def changes(after_us: int, until_us: int) -> Changes:
        return merged([Changes(tuple(range(after_us + 1, until_us + 1)), is_whole=True)])

    return tried, first_passing(passes, changes, 0, 10_000)


@given(st.sets(st.integers(1, 10_000), max_size=1))
def test_of_ten_thousand_instants_the_first_is_found_by_few_looks(at: set[int]) -> None:
    tried, found = rising(at)
    assert found == min(at, default=None)
    assert len(tried) <= 30
    assert len(tried) == len(set(tried))
