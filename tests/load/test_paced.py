"""Many orders in flight: each keeps its sequence, and how many there are changes no result."""

from collections import defaultdict
from functools import cache
from typing import Any

import msgspec
import pytest

from rules.decision import Action
from tests.load.near import CLEAN, RISKY, WRONG, FixedService, Jitter, Run, run
from training.simulate.channel.channel import Temper
from training.simulate.channel.crowd import Capacity
from training.simulate.channel.protocol import ChannelError
from training.simulate.channel.script import Script, Step
from training.simulate.channel.suspicion import Suspicion
from training.simulate.load.conduct import Conduct, Reviewer
from training.simulate.load.pace import Leg, pace_of
from training.simulate.load.paced import Tempo
from training.simulate.load.report import print_load
from training.simulate.scenario import Policy, Signal

IGNORE = Conduct(None)
OBEY = Conduct(Reviewer(seed=1))
FATES = {f"N{n}": (CLEAN, CLEAN, RISKY, WRONG)[n % 4] for n in range(60)}
RISKY_ONES = {f"R{n}": RISKY for n in range(20)}
ASTRAY = ("TIMEOUTPAID", "TIMEOUTLOST", "LOSTCALLBACK", "DOWN", "DUPLICATECALLBACK", "PAID", "RISK")
ALL_ASTRAY = {f"TEST{astray}{n}": CLEAN for n in range(4) for astray in ASTRAY}
NERVOUS = Policy(
    threshold=1.6,
    noise=0.3,
    watch_s=600.0,
    watch_relief=0.5,
    patience=1.0,
    orders_per_day=1_000,
    signals={"account_pace": Signal(weight=0.8, memory_s=3_600.0)},
    basis="assumed",
)
CAPACITY = Capacity(8, 10_000_000, 0.8, ["JMPT200033"])
STORMY = Temper(
    seed=1,
    script=Script(steps=(Step(from_s=10, until_s=20, what="down"),)),
    is_rough=True,
    capacity=CAPACITY,
)


def played(most_in_flight: int, seed: int, *, action: Action = Action.SUBMIT) -> Run:
    jitter = Jitter(seed, most_s=0.004)
    return run(
        FixedService(action, jitter=jitter),
        FATES,
        OBEY if action is Action.REVIEW else IGNORE,
        tempo=Tempo(5_000, most_in_flight),
        jitter=jitter,
        temper=STORMY,
        suspicion=Suspicion(NERVOUS, 1, (0, 1)),
    )


@cache
def played_alone(action: Action = Action.SUBMIT) -> Run:
    return played(1, seed=1, action=action)


def outcomes(done: Run) -> dict[str, Any]:
    return {
        order_id: (one.held, one.outcome, one.sent_minor, one.timeouts, one.queries, one.resent)
        for order_id, one in done.player.played.items()
    }


@pytest.mark.parametrize("tempo", [None, Tempo(5_000, 1), Tempo(5_000, 64)])
def test_the_events_of_one_order_keep_their_sequence(tempo: Tempo | None) -> None:
    jitter, calm = Jitter(3, most_s=0.002), Temper(seed=1, script=Script())
    service = FixedService(Action.SUBMIT, jitter=jitter)
    done = run(service, ALL_ASTRAY, IGNORE, tempo=tempo, jitter=jitter, temper=calm, is_tested=True)
    events: defaultdict[str, list[str]] = defaultdict(list)
    for what, order_id in done.seen:
        events[order_id].append(what)
    for order_id in ALL_ASTRAY:
        mine, said = events[order_id], [one for who, one in service.reports if who == order_id]
        assert mine[:2] == ["score", "submit"]
        assert mine.count("score") == 1
        assert ("report" in mine[2:]) == ("DOWN" not in order_id)
        if "TIMEOUTLOST" in order_id:  # the silence is reported, then asked about, then sent again
            assert mine[2:5] == ["report", "query", "submit"]
        if "TIMEOUTPAID" in order_id:
            assert [next(iter(one)) for one in said] == ["http_status", "raw_code"]
        if "LOSTCALLBACK" in order_id:
            assert mine[2:4] == ["query", "report"]


def test_many_orders_are_in_flight_and_the_later_is_scored_before_the_earlier_is_answered() -> None:
    done = played(64, seed=2)
    assert done.pace is not None
    assert done.pace.most_in_flight > 10
    at = {event: place for place, event in enumerate(done.seen)}
    overtaken = [at["score", f"N{n + 1}"] < at["submit", f"N{n}"] for n in range(len(FATES) - 1)]
    assert sum(overtaken) > 20


@pytest.mark.parametrize("action", [Action.SUBMIT, Action.REVIEW])
@pytest.mark.parametrize(("most_in_flight", "seed"), [(4, 2), (64, 3)])
def test_results_are_the_same_whatever_is_in_flight(
    most_in_flight: int, seed: int, action: Action
) -> None:
    alone, many = played_alone(action), played(most_in_flight, seed, action=action)
    assert outcomes(many) == outcomes(alone)
    assert msgspec.json.encode(many.worth()) == msgspec.json.encode(alone.worth())
    assert [one.order_id for one in many.near.channel.books] == [
        one.order_id for one in alone.near.channel.books
    ]


def test_the_comparison_above_has_something_to_compare() -> None:
    worth = played_alone().worth()
    assert min(worth.accepted, worth.refused, worth.timeouts, worth.sent_again) > 0
    assert any(cause.startswith("only here") for cause in worth.refused_by_cause)
    assert worth.double_payments == 0


def test_in_step_a_play_is_repeated_to_the_last_event() -> None:
    first, second = (
        run(FixedService(Action.SUBMIT), FATES, IGNORE, temper=STORMY) for _ in range(2)
    )
    assert first.seen == second.seen
    assert outcomes(first) == outcomes(second)


def test_in_step_a_callback_is_learned_of_before_the_next_order_is_scored() -> None:
    fates = {"TESTPAID1": CLEAN, "TESTPAID2": CLEAN}
    done = run(FixedService(Action.SUBMIT), fates, IGNORE, is_tested=True, apart_s=3_600)
    assert done.seen.index(("report", "TESTPAID1")) < done.seen.index(("score", "TESTPAID2"))


def test_a_slow_service_is_seen_in_the_pace_and_delays_no_other_order() -> None:
    slow = Jitter(1, most_s=0.1)
    service = FixedService(Action.SUBMIT, jitter=slow)
    done = run(service, RISKY_ONES, IGNORE, tempo=Tempo(200, 256))
    assert done.pace is not None
    assert done.pace.begun_rate == pytest.approx(200, rel=0.25)
    assert done.pace.score.p50_ms > 25


def test_waiting_for_a_place_counts_as_latency_and_as_behind() -> None:
    slow = Jitter(1, most_s=0.05)
    service = FixedService(Action.SUBMIT, jitter=slow)
    done = run(service, RISKY_ONES, IGNORE, tempo=Tempo(1_000, 1))
    assert done.pace is not None
    assert done.pace.behind > 10
    assert done.pace.score_since_due.p99_ms > 3 * done.pace.score.p99_ms


def test_a_service_that_fails_ends_the_load_with_its_reason() -> None:
    class Failing(FixedService):
        async def score(self, order: bytes) -> Any:
            raise ChannelError("the service says 503")

    with pytest.raises(ChannelError, match="says 503"):
        run(Failing(Action.SUBMIT), FATES, IGNORE, tempo=Tempo(1_000, 8))


def test_a_printed_load_says_how_fast_it_went_and_what_only_here_means(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = played_alone()
    print_load(done.worth(obeyed=False), done.pace, Reviewer(1))
    said = capsys.readouterr().out
    assert "done, a second" in said
    assert "advice, since the order was due" in said
    assert "the history's channel took the order" in " ".join(said.split())


def test_a_pace_is_summed_up_from_the_timetable() -> None:
    legs = [Leg(n / 10, n / 10 + 0.5 * (n == 3), n / 10 + 0.6, n / 10 + 0.7, 2.0) for n in range(5)]
    pace = pace_of(legs, 10)
    assert (pace.behind, pace.most_in_flight) == (1, 5)
    assert pace.most_behind_ms == pytest.approx(500)
    assert pace.done_rate == pytest.approx(2.5)
    assert pace.score_since_due.p50_ms == pytest.approx(600)
