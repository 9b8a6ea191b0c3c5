"""Small random pasts for the live state: what arrives, in order, and questions in between."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from hypothesis import strategies as st

from features import population, series
from features.catalog import Catalog, parse_catalog
from features.kinds import Value
from features.live import LiveState
from features.live_facts import FactsOfCatalog
from features.rescan import rescan
from features.windows import OUTCOME_WAIT_US, OrderEvent, OutcomeEvent, Past, make_past

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
HALF_US = SECOND_US // 2

_WINDOWS = """
  - {entity: E, measure: count, over: [5s, 1d, 3d]}
  - {entity: E, measure: sum, of: list_amount_minor, over: [5s, 3d]}
  - {entity: E, measure: mean, of: list_amount_minor, over: [5s, 3d]}
  - {entity: E, measure: max, of: list_amount_minor, over: [5s, 3d]}
  - {entity: E, measure: min, of: amount_minor, over: [5s, 3d]}
  - {entity: E, measure: distinct, of: receiver.city, over: [5s, 3d]}
  - {entity: E, measure: distinct, of: [amount_minor, receiver.city], over: [5s, 3d]}
  - {entity: E, measure: seconds_since_last, over: [5s, 3d]}
  - {entity: E, measure: seconds_since_first, over: [5s, 3d]}
  - {entity: E, measure: open, over: [5s, 3d]}
  - {entity: E, measure: open_sum, of: list_amount_minor, over: 3d}
  - {entity: E, measure: median, of: list_amount_minor, over: 3d, newest: 3}
  - {entity: E, measure: entropy, of: receiver.city, over: [5s, 3d]}
  - {entity: E, measure: repeated, of: amount_minor, over: [5s, 3d], newest: 4}
  - {entity: E, measure: same, of: receiver.city, over: [5s, 3d], newest: 3}
  - {entity: E, measure: seconds_since_change, of: receiver.city, over: [5s, 3d], newest: 4}
  - {entity: E, measure: radius, of: [device.x_m, device.y_m, device.z_m], over: [5s, 3d]}
  - {entity: E, measure: distance, of: [device.x_m, device.y_m, device.z_m], over: 3d}
  - {entity: E, measure: distance_to_usual, of: [device.x_m, device.y_m, device.z_m], over: 3d}
  - {entity: E, measure: rate, outcome: refused, over: [5s, 3d]}
  - {entity: E, measure: rate, outcome: refused, without: [validation], over: 3d, name: E_theirs}
  - {entity: E, measure: outcomes, outcome: accepted, over: [5s, 3d]}
  - {entity: E, measure: seconds_since_outcome, outcome: refused, over: [5s, 3d]}
  - {entity: E, measure: mean_latency, over: [5s, 3d]}
  - {entity: E, measure: mean_latency, outcome: any, without: [accepted], over: 3d, name: E_slow}
  - {entity: E, measure: unknowns, over: [5s, 3d]}
"""
CATALOG = parse_catalog(
    "catalog: live\nentities: {merchant: merchant_id, pair: [buyer.id, device.id]}\nwindows:"
    + "".join(_WINDOWS.replace("E", entity) for entity in ("merchant", "pair"))
)


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that arrives."""

    facts: dict[str, Value]
    at_us: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that arrives."""

    order_id: str
    outcome_class: str
    final: bool
    at_us: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is known of an order at an instant, asked at this point; it is not placed."""

    facts: dict[str, Value]
    as_of_us: int


Step = Placed | Answer | Question


@contextmanager
def tiny_chunks(few: int, chunk: int) -> Iterator[None]:
    """Let a key be hot from `few` records on, and cut it into tiny chunks."""
    before = population.FEW, series.CHUNK
    population.FEW, series.CHUNK = few, chunk
    try:
        yield
    finally:
        population.FEW, series.CHUNK = before


class Choose(Protocol):
    """Chooses one of several: hypothesis where a failure shall shrink, a seed where it is quick."""

    def __call__(self, options: Sequence[Any], /) -> Any: ...


_LATENESS = (0, 0, 0, HALF_US, 3 * SECOND_US, DAY_US, 5 * DAY_US, -HALF_US, -DAY_US)
_PLACES = ((None,) * 3, (0, 0, 0), (30, 40, 0), (-7, 2, 5))
_GAPS = (0, 0, HALF_US, HALF_US, SECOND_US, 4 * SECOND_US, DAY_US // 2, DAY_US * 3 // 2, 4 * DAY_US)
_CLASSES = ("accepted", "risk_block", "validation", "unknown", "unknown")
_ASKED = (HALF_US, HALF_US, HALF_US, 0, -HALF_US, -3 * SECOND_US, -DAY_US * 9 // 10, DAY_US)


def order_facts(choose: Choose, now_us: int) -> dict[str, Value]:
    facts: dict[str, Any] = {
        "order_id": f"o{choose(range(12))}",
        "placed_at": now_us - choose(_LATENESS),
        "merchant_id": "M",
        "amount_minor": choose([0, 1, 4, 10**12]),
        "list_amount_minor": choose([None, 0, 3, 5, 10**30]),
        "buyer.id": choose(["b1", "b1", "b2", None]),
        "device.id": choose(["d1", "d1", "d2"]),
        "receiver.city": choose([None, "Hangzhou", "Suzhou", "Wuxi"]),
        **dict(zip(("device.x_m", "device.y_m", "device.z_m"), choose(_PLACES), strict=True)),
    }
    return {name: value for name, value in facts.items() if value is not None}


def past(choose: Choose, longest: int) -> list[Step]:
    """Choose what arrives, and what is asked; at one instant orders come before answers."""
    now_us, answered_us = 100 * DAY_US, 0
    steps: list[Step] = []
    for _ in range(choose(range(1, longest))):
        kind = choose("ooooaaq")
        if kind == "q":
            as_of_us = now_us + choose(_ASKED)
            steps.append(Question(order_facts(choose, as_of_us), as_of_us))
            continue
        now_us += choose(_GAPS) or HALF_US * (answered_us == now_us)
        if kind == "o":
            placed = Placed(order_facts(choose, now_us), now_us)
            steps += [Question(placed.facts, now_us), placed]
        else:
            answered_us = now_us
            steps.append(_answer(choose, now_us))
    return steps


def _answer(choose: Choose, now_us: int) -> Answer:
    outcome_class = choose(_CLASSES)
    final = choose([outcome_class != "unknown"] * 3 + [True, False])
    return Answer(f"o{choose(range(13))}", outcome_class, final, now_us)


@st.composite
def pasts(draw: st.DrawFn) -> list[Step]:
    """Draw a past that shrinks."""
    return past(lambda options: draw(st.sampled_from(options)), 25)


def ask(feature_catalog: Catalog, question: Question, past: Past) -> dict[str, Value]:
    """Answer a question by the rescan."""
    facts = FactsOfCatalog(feature_catalog).complete(question.facts)
    values = {f.name: rescan(f, facts, question.as_of_us, past) for f in feature_catalog.windows}
    return {name: value for name, value in values.items() if value is not None}


def past_until(steps: Sequence[Step]) -> Past:
    """Gather what has arrived."""
    orders: list[OrderEvent] = []
    final: list[OutcomeEvent] = []
    unknown: list[OutcomeEvent] = []
    for step in steps:
        if isinstance(step, Placed):
            placed_us = int(step.facts["placed_at"])
            orders.append(
                OrderEvent(str(step.facts["order_id"]), placed_us, step.at_us, step.facts)
            )
        if isinstance(step, Answer):
            about = [o for o in orders if o.order_id == step.order_id][-1:]
            if not about or step.at_us - about[0].received_us > OUTCOME_WAIT_US:
                continue
            event = OutcomeEvent(
                step.order_id, step.at_us, step.outcome_class, about[0].facts, about[0].received_us
            )
            if step.final:
                final.append(event)
            elif step.outcome_class == "unknown":
                unknown.append(event)
    return make_past(orders, final, unknown)


def take(state: LiveState, step: Placed | Answer) -> None:
    """Let the state count what arrived."""
    if isinstance(step, Placed):
        state.apply_order(step.facts, step.at_us)
    else:
        state.apply_outcome(step.order_id, step.outcome_class, step.final, step.at_us)
