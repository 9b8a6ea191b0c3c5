"""No trace of a bounded world pays twice; and where nothing is under way, an order can go on."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from rules.packs import Packs, load_packs
from tests.retry.explorer import Found, Planner, PlannerOfAttempts, explore, shipped
from tests.retry.faults import CAREFUL, FAULTS, FORGETFUL, Fault
from tests.retry.rails import Again, Rail, Said, Trade, jd_pay, jd_payout, lakala_payout, wechat_pay
from tests.retry.world import ORDER, WINDOW_S, Bounds, Game, Merchant, Report, World

RAILS = (jd_pay, jd_payout, lakala_payout, wechat_pay)
SMALL = Bounds(calls=2, queries=1, repeats=0, waits=1)
DEEP = Bounds(calls=3, queries=1, repeats=0, waits=1)
WIDE = Bounds(calls=2, queries=2, repeats=0, waits=1)
TERSE = Merchant(says_all=False)
MakeRail = Callable[[Again], Rail]


@cache
def packs() -> Packs:
    return load_packs()


def explored(rail: Rail, merchant: Merchant, bounds: Bounds) -> Found:
    found = explore(Game(rail, merchant, bounds), Planner(rail.channel, packs(), shipped))
    print(f"{rail}: {found.worlds:,} worlds, {found.plans:,} histories")  # noqa: T201
    return found


@pytest.mark.parametrize(
    ("make", "merchant"),
    [(jd_pay, TERSE), (jd_payout, CAREFUL), (lakala_payout, CAREFUL), (wechat_pay, TERSE)],
)
def test_no_trace_pays_twice(make: MakeRail, merchant: Merchant) -> None:
    found = explored(make(Again.REOPENS), merchant, SMALL)
    assert found.trace is None
    assert found.worlds > 2_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("again", "merchant", "bounds"),
    [
        (Again.REOPENS, CAREFUL, DEEP),
        (Again.DUPLICATE, CAREFUL, DEEP),
        (Again.REOPENS, TERSE, DEEP),
        (Again.REOPENS, CAREFUL, WIDE),
    ],
    ids=["three calls", "duplicate numbers", "says little", "many answers"],
)
@pytest.mark.parametrize("make", RAILS)
def test_no_longer_trace_pays_twice(
    make: MakeRail, again: Again, merchant: Merchant, bounds: Bounds
) -> None:
    found = explored(make(again), merchant, bounds)
    assert found.trace is None
    assert found.worlds > 2_000


def test_a_number_that_the_channel_closes_is_paid_no_more() -> None:
    rail = replace(jd_pay(Again.REOPENS), closed=Said("status=4"))
    found = explored(rail, CAREFUL, replace(SMALL, waits=0))
    assert found.trace is None
    assert found.worlds > 500


@pytest.mark.parametrize("make", RAILS)
def test_an_order_that_tells_of_its_own_calls_alone_is_never_paid_twice(make: MakeRail) -> None:
    rail = make(Again.REOPENS)
    planner = PlannerOfAttempts(rail.channel, packs(), shipped)
    bounds = Bounds(calls=3, queries=0, repeats=0, waits=1)
    found = explore(Game(rail, Merchant(tells_calls_only=True), bounds), planner)
    assert found.trace is None
    assert found.worlds > 100


@pytest.mark.parametrize("again", [Again.ECHO, Again.DUPLICATE])
def test_a_merchant_who_forgets_a_call_is_safe_where_a_refused_number_stays_so(
    again: Again,
) -> None:
    bounds = Bounds(calls=3, queries=0, repeats=0, waits=0)
    assert explored(lakala_payout(again), FORGETFUL, bounds).trace is None


def test_where_a_refused_number_can_be_paid_later_each_call_must_be_written_down() -> None:
    bounds = Bounds(calls=3, queries=0, repeats=0, waits=0)
    assert explored(lakala_payout(Again.REOPENS), FORGETFUL, bounds).trace is not None


@pytest.mark.parametrize("calls", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("make", RAILS)
def test_once_a_payment_is_known_nothing_is_sent_even_if_the_channel_lied(
    make: MakeRail, calls: int
) -> None:
    rail = replace(make(Again.ECHO), lies=True)
    bounds = Bounds(calls=calls, queries=0, repeats=0, waits=0)
    assert explored(rail, CAREFUL, bounds).trace is None


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    game = Game(fault.rail, fault.merchant, fault.bounds)
    found = explore(game, Planner(fault.rail.channel, packs(), fault.plant(monkeypatch)))
    assert found.trace is not None
    assert len(found.trace) <= 6, "breadth first finds a shortest trace"


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_without_the_fault_the_same_world_is_safe(fault: Fault) -> None:
    bounds = replace(fault.bounds, waits=0)
    assert explored(fault.rail, fault.merchant, bounds).trace is None


@pytest.mark.parametrize("make", RAILS)
def test_where_nothing_is_under_way_honest_queries_let_an_order_go_on(make: MakeRail) -> None:
    rail = make(Again.REOPENS)
    planner = Planner(rail.channel, packs(), shipped)
    quiet: set[World] = set()
    bounds = Bounds(calls=2, queries=1, repeats=0, waits=0)
    explore(Game(rail, CAREFUL, bounds), planner, lambda w: quiet.add(w) if _rests(w) else None)
    stuck = {world for world in quiet if _end(world, rail, planner) == "query_first"}
    assert quiet
    assert not stuck


def _rests(world: World) -> bool:
    """Tell whether nothing can happen any more unless somebody acts."""
    pending = any(one.trade is Trade.PENDING for one in world.known)
    return bool(world.reports) and not (pending or world.flights or world.mail)


def _end(world: World, rail: Rail, planner: Planner) -> str:
    """Query as advised, truthfully answered, and tell what is advised in the end."""
    reports, now_s = world.reports, world.now_s
    for _ in range(8):
        retry = planner.retry(reports, now_s)
        assert retry is not None
        if retry.advice.value != "query_first":
            return retry.advice.value
        now_s += WINDOW_S
        number = retry.number or ORDER
        said = rail.state(world.at(number).trade)
        reports = (*reports, Report(now_s, number, "query", said, None, None))
    return "query_first"
