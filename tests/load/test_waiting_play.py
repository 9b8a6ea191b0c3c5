"""An obedient load waits, goes elsewhere and queries first; one that ignores sends at once."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from rules.decision import Action, PatchOperation, Reroute, Retry, Text, Wait
from rules.decision import Advice as RetryAdvice
from tests.load.near import CLEAN, FixedService, orders, run
from training.simulate.load.clients import Advice
from training.simulate.load.conduct import Conduct, Held, Reviewer
from training.simulate.load.paced import Tempo

TEXT = Text(zh="等", en="wait")
OBEY = Conduct(Reviewer(seed=1, catches=1.0, wrongly_holds=0.0))
IGNORE = Conduct(None)
ONE = {"C1": CLEAN}
PLACED_AT = orders("C1")[0].placed_at


class StepwiseService(FixedService):
    """Gives one advice after the other about each order; the last one again and again."""

    def __init__(self, *advice: Advice) -> None:
        super().__init__(Action.SUBMIT)
        self._given = advice
        self.asked: list[dict[str, Any]] = []

    async def score(self, order: bytes) -> Advice:
        self.asked.append(msgspec.json.decode(order))
        self.seen.append(("score", self.asked[-1]["order_id"]))
        place = min(len(self.asked), len(self._given)) - 1
        return msgspec.structs.replace(self._given[place], order_id=self.asked[-1]["order_id"])


def advice(action: Action, **more: Any) -> Advice:
    return Advice(order_id="", action=action, **more)


def wait(minutes: int | None) -> Wait:
    until = None if minutes is None else PLACED_AT + timedelta(minutes=minutes)
    return Wait(until=until, codes=("CHANNEL_OUTAGE",), text=TEXT)


def reroute(channel: str | None, *more: PatchOperation) -> Reroute:
    patch = (PatchOperation(op="replace", path="/channel", value=channel), *more)
    return Reroute(channel=channel, patch=patch if channel else (), text=TEXT)


SUBMIT = advice(Action.SUBMIT)


@pytest.mark.parametrize("tempo", [None, Tempo(1_000, 4)])
def test_an_order_that_waits_is_asked_about_again_and_sent_then(tempo: Tempo | None) -> None:
    service = StepwiseService(advice(Action.WAIT, wait=wait(15)), SUBMIT)
    done = run(service, ONE, OBEY, tempo=tempo)
    played = done.player.played["C1"]
    assert played.is_accepted
    assert (played.action, played.held, played.waits) == (Action.WAIT, None, 1)
    assert played.waited_us == 15 * 60_000_000
    assert len(service.asked) == 2
    assert done.near.ledger["channels"]["jd_pay"]["payments"] == 1


def test_without_an_instant_it_is_asked_about_some_times_and_then_left() -> None:
    service = StepwiseService(advice(Action.WAIT, wait=wait(None)))
    played = run(service, ONE, OBEY).player.played["C1"]
    assert (played.held, played.was_sent) == (Held.WAITING, False)
    assert 10 < len(service.asked) < 100


def test_whoever_ignores_the_advice_sends_at_once() -> None:
    service = StepwiseService(advice(Action.WAIT, wait=wait(15), reroute=reroute("wechat_pay")))
    played = run(service, ONE, IGNORE).player.played["C1"]
    assert played.is_accepted
    assert (played.waits, played.rerouted_from, len(service.asked)) == (0, None, 1)


def test_an_order_that_goes_elsewhere_is_asked_about_there_first() -> None:
    service = StepwiseService(advice(Action.REROUTE, reroute=reroute("wechat_pay")), SUBMIT)
    played = run(service, ONE, OBEY).player.played["C1"]
    assert [one["channel"] for one in service.asked] == ["jd_pay", "wechat_pay"]
    assert (played.channel, played.rerouted_from, played.action) == (
        "wechat_pay",
        "jd_pay",
        Action.REROUTE,
    )
    assert played.was_sent


def test_an_order_is_not_sent_round_in_circles() -> None:
    there, back = reroute("wechat_pay"), reroute("jd_pay")
    circle = [advice(Action.REROUTE, reroute=one, wait=wait(None)) for one in (there, back) * 50]
    service = StepwiseService(*circle)
    played = run(service, ONE, OBEY).player.played["C1"]
    assert not played.was_sent
    assert len(service.asked) < 300


def test_a_new_number_is_left_to_a_person() -> None:
    number = PatchOperation(op="replace", path="/order_id", value="N1")
    told = advice(Action.REROUTE, reroute=reroute("wechat_pay", number), wait=wait(15))
    service = StepwiseService(told, SUBMIT)
    played = run(service, ONE, OBEY).player.played["C1"]
    assert (played.channel, played.rerouted_from) == ("jd_pay", None)
    assert played.waits == 1


RETRY = Retry(
    advice=RetryAdvice.QUERY_FIRST, text=TEXT, outcome_class="unknown", next_action="query"
)
QUERY_FIRST = advice(Action.WAIT, wait=wait(None), retry=RETRY)


def test_what_waits_for_an_attempts_result_is_queried_and_never_sent_unless_unknown_there() -> None:
    service = StepwiseService(QUERY_FIRST, SUBMIT)
    done = run(service, ONE, OBEY)
    assert ("query", "C1") in done.seen
    assert done.player.played["C1"].is_accepted
    assert done.player.played["C1"].queried_first
    assert "attempts" not in service.asked[1]


def test_that_the_channel_never_heard_of_a_number_is_reported_before_asking_again() -> None:
    service = StepwiseService(QUERY_FIRST, SUBMIT)
    done = run(service, ONE, OBEY)
    not_found = {"channel": "jd_pay", "asked": "query", "http_status": 404}
    assert service.reports[0] == ("C1", not_found)
    assert [what for what, _ in done.seen[:4]] == ["score", "query", "report", "score"]


def test_while_the_advice_is_to_query_nothing_is_sent_however_often_it_is_asked() -> None:
    service = StepwiseService(QUERY_FIRST)
    done = run(service, ONE, OBEY)
    assert done.player.played["C1"].held is Held.WAITING
    assert "submit" not in {what for what, _ in done.seen}
    assert 10 < len(service.asked) < 200


def test_whoever_ignores_the_advice_queries_nothing() -> None:
    done = run(StepwiseService(QUERY_FIRST), ONE, IGNORE)
    assert done.player.played["C1"].is_accepted
    assert "query" not in [what for what, _ in done.seen[:2]]


def test_every_report_says_what_was_answered() -> None:
    fates = {"TESTPAID1": CLEAN, "TESTTIMEOUTPAID1": CLEAN, "TESTLOSTCALLBACK1": CLEAN}
    service = FixedService(Action.SUBMIT)
    run(service, fates, OBEY, is_tested=True)
    asked = {
        order_id: [said["asked"] for who, said in service.reports if who == order_id]
        for order_id in fates
    }
    assert asked["TESTPAID1"] == ["callback"]
    assert asked["TESTTIMEOUTPAID1"][0] == "submit"
    assert asked["TESTLOSTCALLBACK1"] == ["query"]
