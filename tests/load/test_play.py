"""A load against fakes of the service and a real channel: what is done, and that it adds up."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.edge import order_from_dict
from features.masking import Masker
from features.order import Order
from features.progress import silent
from features.times import to_us
from rules.decision import Action, Fix, PatchOperation, Text
from rules.packs import load_packs
from training.simulate.channel.channel import Channel, Silence, Temper
from training.simulate.channel.protocol import Callback, Reply, parse_submission
from training.simulate.channel.registry import Fate, Registry
from training.simulate.channel.script import Script
from training.simulate.channel.verdict import Judge
from training.simulate.load.clients import Advice, NeverArrived, NoAnswer, NotTaken
from training.simulate.load.conduct import Conduct, Held, Reviewer
from training.simulate.load.player import Ends, Player, Timed
from training.simulate.load.worth import Worth, contrast_of, worth_of

MASKER = Masker(bytes(32))
PACKS = load_packs()
NOTIFY = "http://127.0.0.1:1/callback"
TEXT = Text(zh="改", en="change")
CLEAN = Fate("ordinary", None, None, 31_000, 31_000, ((6_000_000, "status=2"),))
WRONG = Fate("ordinary", "wrong_unit", "wrong_unit", 31_000, 310, ((1_000, "JMPT200056"),))
RISKY = Fate("ring", None, "risk_policy", 31_000, 31_000, ((1_000, "JMPT200019"),))


class FixedService:
    """Gives the same advice for all orders, and keeps what was reported."""

    def __init__(self, action: Action, fix: Fix | None = None) -> None:
        self._action, self._fix = action, fix
        self.reports: list[tuple[str, dict[str, Any]]] = []

    async def score(self, order: bytes) -> Advice:
        order_id = msgspec.json.decode(order)["order_id"]
        return Advice(order_id=order_id, action=self._action, fix=self._fix)

    async def report(self, order_id: str, said: dict[str, Any]) -> None:
        self.reports.append((order_id, said))


class NearChannel:
    """A real channel without the HTTP between; calls back into the player."""

    def __init__(self, channel: Channel, now_us: int) -> None:
        self.channel, self.now_us = channel, now_us
        self.take: Callable[[Callback], Any] | None = None

    async def submit(self, _name: str, body: dict[str, Any]) -> Reply | NotTaken | NoAnswer:
        submission, order = parse_submission(msgspec.json.encode(body))
        match self.channel.submit(submission, order, self.now_us):
            case Silence.TIMEOUT:
                return NoAnswer(504)
            case Silence.DOWN | Silence.RATE_LIMITED:
                return NotTaken(503)
            case said:
                return said

    async def query(self, _name: str, order_id: str) -> Reply | NeverArrived:
        return self.channel.query(order_id, self.now_us) or NeverArrived()

    async def move_clock(self, instant: Any) -> None:
        self.now_us = max(self.now_us, to_us(instant))
        for _, callback in list(self.channel.advance(self.now_us)):
            if self.take is not None:
                await self.take(callback)

    @property
    def ledger(self) -> dict[str, Any]:
        books = self.channel.books
        row = {"payments": len(list(books)), "paid_twice": books.paid_twice()}
        return {"channels": {"jd_pay": row}}


def orders(*ids: str) -> list[Order]:
    return [
        order_from_dict(
            {
                "order_id": order_id,
                "merchant_id": "110234567001",
                "channel": "jd_pay",
                "placed_at": f"2026-03-11T10:30:{number:02d}+08:00",
                "amount_minor": 31_000,
                "currency": "CNY",
                "buyer": {"id": f"buyer-{number % 5}"},
            },
            MASKER,
        )
        for number, order_id in enumerate(ids)
    ]


def run(
    service: FixedService, fates: dict[str, Fate], conduct: Conduct, *, is_tested: bool = False
) -> tuple[Player, NearChannel]:
    pack, played = PACKS["jd_pay"], orders(*fates)
    registry = None if is_tested else Registry(fates, {})
    judge = Judge(pack, None, registry, seed=1, takes_test_numbers=is_tested)
    start_us = to_us(played[0].placed_at)
    temper = Temper(seed=1, script=Script(), is_rough=True)
    near = NearChannel(Channel(pack, judge, temper, start_us), start_us)
    ends: Any = Ends(service, near, PACKS, lambda _us: None)  # type: ignore[arg-type] # fakes
    player = Player(ends, conduct, NOTIFY)
    near.take = player.take
    timed = [Timed(to_us(order.placed_at), order) for order in played]
    asyncio.run(player.play(timed, fates, 1e6, silent))
    return player, near


def summed(player: Player, near: NearChannel, *, obeyed: bool) -> Worth:
    return worth_of(list(player.played.values()), obeyed=obeyed, ledger=near.ledger, seed=1)


OBEY = Conduct(Reviewer(seed=1, catches=1.0, wrongly_holds=0.0))
IGNORE = Conduct(None)
MIXED = {f"C{n}": CLEAN for n in range(20)} | {f"W{n}": WRONG for n in range(5)}


def test_what_is_ignored_is_sent_and_refused() -> None:
    player, near = run(FixedService(Action.STOP), MIXED, IGNORE)
    worth = summed(player, near, obeyed=False)
    assert (worth.submitted, worth.accepted, worth.refused) == (25, 20, 5)
    assert worth.refused_by_cause == {"wrong_unit": 5}
    assert worth.payments == 20


def test_what_is_stopped_never_reaches_the_channel() -> None:
    player, near = run(FixedService(Action.STOP), MIXED, OBEY)
    worth = summed(player, near, obeyed=True)
    assert (worth.submitted, worth.payments, worth.stopped) == (0, 0, 25)
    assert worth.held_for_nothing == 20
    assert worth.held_for_nothing_minor == 20 * 31_000
    assert worth.cost_minor == 20 * (20_000 + 3_100)


def test_a_perfect_review_holds_what_is_wrong_and_nothing_else() -> None:
    player, near = run(FixedService(Action.REVIEW), MIXED, OBEY)
    worth = summed(player, near, obeyed=True)
    assert (worth.accepted, worth.refused, worth.held_for_nothing) == (20, 0, 0)
    assert (worth.reviewed, worth.held_after_review) == (25, 5)
    assert worth.cost_minor == round(25 * (300 + 0.0005 * 31_000))


def fix(amount_minor: int, *, certain: bool) -> Fix:
    operation = PatchOperation(op="replace", path="/amount_minor", value=amount_minor)
    return Fix(
        repair="amount_to_record",
        patch=(operation,),
        equation="",
        text=TEXT,
        changes_what_buyer_pays=True,
        certain=certain,
    )


def test_a_certain_fix_is_applied_and_then_accepted() -> None:
    player, near = run(FixedService(Action.FIX, fix(310, certain=True)), {"W1": WRONG}, OBEY)
    assert player.played["W1"].is_accepted
    assert [payment.amount_minor for payment in near.channel.books] == [310]


def test_an_uncertain_fix_is_a_review() -> None:
    player, _ = run(FixedService(Action.FIX, fix(310, certain=False)), {"W1": WRONG}, OBEY)
    assert player.played["W1"].held is Held.REVIEWED


def test_a_fix_that_makes_a_right_amount_wrong_is_refused() -> None:
    player, _ = run(FixedService(Action.FIX, fix(999, certain=True)), {"C1": CLEAN}, OBEY)
    assert player.played["C1"].is_refused


@pytest.mark.parametrize(
    "order_id", ["TESTTIMEOUTPAID1", "TESTLOSTCALLBACK1", "TESTOUTOFORDERCALLBACK1", "TESTPAID1"]
)
def test_whatever_goes_astray_the_payment_is_learned_of_once(order_id: str) -> None:
    service = FixedService(Action.SUBMIT)
    player, near = run(service, {order_id: CLEAN}, OBEY, is_tested=True)
    assert player.played[order_id].is_accepted
    assert len(list(near.channel.books)) == 1
    final = [said for _, said in service.reports if said.get("raw_code") == "status=2"]
    assert len(final) == 1


def test_what_never_settles_stays_open_after_bounded_queries() -> None:
    player, _ = run(FixedService(Action.SUBMIT), {"TESTNEVERSETTLED1": CLEAN}, OBEY, is_tested=True)
    played = player.played["TESTNEVERSETTLED1"]
    assert played.outcome is None
    assert 1 < played.queries < 20


@given(
    kinds=st.lists(st.sampled_from([CLEAN, WRONG, RISKY]), min_size=1, max_size=12),
    action=st.sampled_from(Action),
)
def test_the_figures_add_up(kinds: list[Fate], action: Action) -> None:
    fates = {f"N{number}": fate for number, fate in enumerate(kinds)}
    player, near = run(FixedService(action), fates, OBEY)
    worth = summed(player, near, obeyed=True)
    assert worth.orders == len(kinds)
    assert worth.submitted + worth.stopped + worth.held_after_review == worth.orders
    settled = worth.accepted + worth.refused + worth.cancelled + worth.unresolved
    assert settled == worth.submitted
    assert worth.payments == worth.accepted
    assert worth.double_payments == 0
    assert sum(worth.refused_by_cause.values()) == worth.refused
    low, high = worth.refused_per_1000.low, worth.refused_per_1000.high
    assert low <= 1_000 * worth.refused / worth.orders <= high


def test_two_runs_are_compared_order_by_order() -> None:
    ignoring, _ = run(FixedService(Action.STOP), MIXED, IGNORE)
    obeying, _ = run(FixedService(Action.STOP), MIXED, OBEY)
    contrast = contrast_of(ignoring.played, obeying.played, 1)
    assert (contrast.avoided, contrast.new_refusals, contrast.sales_lost) == (5, 0, 20)
    assert contrast.refused_obeying == contrast.refused_ignoring - 5
    assert contrast.avoided_per_1000.value == pytest.approx(200.0)
