from datetime import datetime
from io import StringIO

import msgspec
import pytest
from rich.console import Console

from features.edge import Masker, parse_order
from features.times import to_us
from rules.decision import (
    Action,
    Basis,
    Fix,
    Mode,
    PatchOperation,
    Reason,
    Severity,
    Status,
    Text,
)
from serving.answers import AnswerVersions, ScoreAnswer
from serving.demo import EXAMPLE_ORDERS, Example, example_bodies
from serving.printing import answer_panel

NOW_US = 1_800_000_000_000_000
MASKER = Masker(b"k" * 32)


@pytest.mark.parametrize("example", EXAMPLE_ORDERS, ids=lambda example: example.file)
def test_every_example_is_a_valid_order_placed_now(example: Example) -> None:
    *_, last = example_bodies(example, NOW_US)
    assert to_us(parse_order(last, MASKER).placed_at) == NOW_US


def test_a_burst_comes_from_one_buyer_to_many_cities_before_the_example() -> None:
    *earlier, last = (
        parse_order(body, MASKER) for body in example_bodies(EXAMPLE_ORDERS[2], NOW_US)
    )
    assert {order.buyer for order in earlier} == {last.buyer}
    assert len({order.receiver.city for order in earlier if order.receiver}) == len(earlier)
    assert all(order.placed_at < last.placed_at for order in earlier)


def test_two_runs_score_orders_of_their_own() -> None:
    for example in EXAMPLE_ORDERS:
        first = {msgspec.json.decode(body)["order_id"] for body in example_bodies(example, NOW_US)}
        later = {
            msgspec.json.decode(body)["order_id"]
            for body in example_bodies(example, NOW_US + 1_000)
        }
        assert not first & later


def test_example_ids_fit_the_strictest_channel() -> None:
    for example in EXAMPLE_ORDERS:
        for body in example_bodies(example, NOW_US):
            order_id = msgspec.json.decode(body)["order_id"]
            assert order_id.isalnum()
            assert len(order_id) <= 32


def _answer() -> ScoreAnswer:
    text = Text(zh="金额与记录不符", en="The amount differs from the record")
    return ScoreAnswer(
        decision_id="d1",
        order_id="O1",
        action=Action.FIX,
        mode=Mode.FULL,
        probabilities={"refused": 0.91},
        reasons=(
            Reason(
                code="AMOUNT_DIFFERS",
                severity=Severity.BLOCK,
                status=Status.HIT,
                outcome_class="validation",
                title=text,
                text=text,
                buyer_text=None,
                advice=None,
                basis=Basis.CHANNEL_RULE,
                source="S1",
                grade="B",
            ),
        ),
        missing=(),
        fix=Fix(
            repair="amount_from_record",
            patch=(PatchOperation(op="replace", path="/amount_minor", value=38_900),),
            equation="42900 -> 38900",
            text=text,
            changes_what_buyer_pays=True,
            certain=True,
        ),
        fix_candidates=(),
        wait=None,
        reroute=None,
        retry=None,
        expected_costs=None,
        superseding=None,
        versions=AnswerVersions(
            book="b", pack="p", model="m", schema="s", catalog="c", engine="compiled", code="0"
        ),
        as_of=datetime.fromisoformat("2026-11-22T10:00:00+00:00"),
    )


def test_an_answer_is_printed_with_action_reason_fix_and_probability() -> None:
    out = StringIO()
    Console(file=out, width=100).print(answer_panel(_answer(), "order.json"))
    for part in ("FIX", "AMOUNT_DIFFERS", "金额与记录不符", "/amount_minor = 38900", "91.0%"):
        assert part in out.getvalue()
