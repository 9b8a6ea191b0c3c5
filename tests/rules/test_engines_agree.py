"""Walker, compiled, durable and polars give one verdict, over random books and the shipped one."""

import math
from types import ModuleType
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import RuleError
from features.expression import Names, parse
from features.kinds import Kind, Value
from rules.book import load_book
from rules.bound import BoundBook, bind
from rules.decision import Action
from rules.engines.columnar import ColumnarEngine
from rules.engines.compiled import CompiledEngine
from rules.engines.durable import DurableEngine
from rules.engines.engine import OracleEngine, Verdict
from rules.packs import load_packs

BOOK, PACKS = load_book(), load_packs()
BOUND = {pack.channel: bind(BOOK, pack) for pack in PACKS}
ENGINES = {
    channel: (OracleEngine(bound), CompiledEngine(bound), DurableEngine(bound))
    for channel, bound in BOUND.items()
}
DTYPES = {
    Kind.NUMBER: pl.Float64,
    Kind.INSTANT: pl.Int64,
    Kind.TEXT: pl.String,
    Kind.BOOLEAN: pl.Boolean,
}
SETTINGS = settings(suppress_health_check=[HealthCheck.too_slow])

EDGES = [0, 1, 2, 3, 4, 5, 6, 19, 20, 24, 0.59, 0.6, 9_999, 10_000, 1_000_000, 10**12, -1, 1e300]
EDGES += sorted({value + by for value in BOOK.thresholds.values() for by in (-1, 0, 1)})
VALUES = {
    Kind.NUMBER: st.sampled_from(EDGES),
    Kind.INSTANT: st.sampled_from([0, 86_399_999_999, 86_400_000_000, 1_773_196_200_000_000]),
    Kind.TEXT: st.sampled_from(["order", "payout", "CNY", "closed", "created", "personal", "600"]),
    Kind.BOOLEAN: st.booleans(),
}
KINDS = {name: kind for bound in BOUND.values() for name, kind in bound.kinds.items()}
orders = st.fixed_dictionaries({}, optional={name: VALUES[kind] for name, kind in KINDS.items()})


def columnar(bound: BoundBook, rows: list[dict[str, Value]]) -> list[Verdict]:
    frame = pl.DataFrame(
        {"row": pl.Series(range(len(rows)), dtype=pl.Int64)}
        | {
            name: pl.Series([row.get(name) for row in rows], dtype=DTYPES[kind], strict=False)
            for name, kind in bound.kinds.items()
        },
    )
    return ColumnarEngine(bound).evaluate(frame)


@SETTINGS
@given(st.sampled_from(PACKS.names), st.lists(orders, min_size=1, max_size=5))
def test_all_engines_agree_on_the_shipped_book(channel: str, rows: list[dict[str, Value]]) -> None:
    oracle, compiled, durable = ENGINES[channel]
    expected = [oracle.evaluate(row) for row in rows]
    assert [compiled.evaluate(row) for row in rows] == expected
    assert [durable.evaluate(row) for row in rows] == expected
    assert columnar(BOUND[channel], rows) == expected


@SETTINGS
@given(data=st.data())
def test_all_engines_agree_on_random_books(random_language: ModuleType, data: Any) -> None:
    texts = data.draw(st.lists(random_language.conditions, min_size=1, max_size=6))
    texts += data.draw(st.sampled_from([[], [random_language.READS_ALL]]))
    rows = data.draw(st.lists(random_language.rows, min_size=1, max_size=3))
    nodes = {f"R{at}": parse(text, random_language.SCOPE) for at, text in enumerate(texts)}
    bound = BoundBook("random", {}, nodes)
    expected = [OracleEngine(bound).evaluate(row) for row in rows]
    durable = DurableEngine(bound)
    assert [CompiledEngine(bound).evaluate(row) for row in rows] == expected
    assert [durable.evaluate(row) for row in rows] == expected
    assert columnar(bound, rows) == expected


@given(left=st.text(max_size=8), right=st.text(max_size=8))
def test_texts_of_every_alphabet_agree(random_language: ModuleType, left: str, right: str) -> None:
    texts = ['state == "paid"', "state == receiver.city", 'state != "600"', 'state in ["北京"]']
    nodes = {f"R{at}": parse(text, random_language.SCOPE) for at, text in enumerate(texts)}
    bound = BoundBook("texts", {}, nodes)
    row: dict[str, Value] = {"state": left, "receiver.city": right}
    assert TEXT_ENGINE.setdefault("one", DurableEngine(bound)).evaluate(row) == OracleEngine(
        bound
    ).evaluate(row)


TEXT_ENGINE: dict[str, DurableEngine] = {}


ODD: list[dict[str, Any]] = [
    {"amount_minor": "600"},
    {"amount_minor": True},
    {"amount_minor": float("inf")},
    {"amount_minor": float("nan")},
    {"amount_minor": math.nan},
    {"amount_minor": 2, "placed_at": True},
    {"placed_at": 1, "amount_minor": -float("inf")},
    {"state": 1},
    {"account.restricted": 1},
]


@pytest.mark.parametrize("row", ODD)
@pytest.mark.parametrize("engine", [OracleEngine, CompiledEngine, DurableEngine])
@pytest.mark.parametrize("n_others", [0, 12])
def test_every_engine_refuses_a_fact_of_another_kind(
    row: dict[str, Any], engine: Any, n_others: int
) -> None:
    others = {f"n{at}": Kind.NUMBER for at in range(n_others)}
    names = Names({"amount_minor": Kind.NUMBER, "placed_at": Kind.INSTANT, "state": Kind.TEXT,
                   "account.restricted": Kind.BOOLEAN, **others})  # fmt: skip
    text = "amount_minor > 1 or placed_at is present or state == 'x' or account.restricted"
    nodes = {"R": parse(text, names)} | {name: parse(f"{name} > 1", names) for name in others}
    with pytest.raises(RuleError, match=f"{list(row)[-1]} is "):
        engine(BoundBook("odd", {}, nodes)).evaluate(row)


@pytest.mark.parametrize("odd", ["600", True, float("inf"), -float("inf"), float("nan"), math.nan])
@pytest.mark.parametrize("engine", [OracleEngine, CompiledEngine, DurableEngine])
def test_every_engine_refuses_it_in_a_row_without_gaps_too(odd: Any, engine: Any) -> None:
    names = Names({f"n{at}": Kind.NUMBER for at in range(12)})
    bound = BoundBook("full", {}, {name: parse(f"{name} > 1", names) for name in names.kinds})
    row = {**dict.fromkeys(names.kinds, 1.5), "n7": odd}
    with pytest.raises(RuleError, match="n7 is "):
        engine(bound).evaluate(row)


@pytest.mark.parametrize("filler", [1.5, 2, None])
def test_whole_numbers_and_none_in_a_row_without_gaps_are_as_the_walker_reads_them(
    filler: Value | None,
) -> None:
    names = Names({f"n{at}": Kind.NUMBER for at in range(12)})
    bound = BoundBook("full", {}, {name: parse(f"{name} > 1", names) for name in names.kinds})
    row: dict[str, Value | None] = {**dict.fromkeys(names.kinds, 1.5), "n7": filler}
    assert CompiledEngine(bound).evaluate(row) == OracleEngine(bound).evaluate(row)


@pytest.mark.parametrize("extreme", [1e300, -1e300, 10**400, 2**53 + 1, -(2**60), 5e-324])
def test_extreme_numbers_are_no_infinite_ones(extreme: float) -> None:
    names = Names({f"n{at}": Kind.NUMBER for at in range(12)})
    nodes = {f"R{at}": parse(f"n{at} * n{at} > 1 or n{at} == {2**53}", names) for at in range(12)}
    bound = BoundBook("extreme", {}, nodes)
    row: dict[str, Value] = dict.fromkeys(names.kinds, extreme)
    assert CompiledEngine(bound).evaluate(row) == OracleEngine(bound).evaluate(row)


def test_an_empty_book_hits_nothing() -> None:
    bound = BoundBook("empty", {}, {})
    nothing = Verdict(frozenset(), frozenset())
    assert DurableEngine(bound).evaluate({}) == nothing
    assert CompiledEngine(bound).evaluate({}) == nothing
    assert columnar(bound, [{}]) == [nothing]


@pytest.mark.parametrize("amount", [31_000, 3_100_000])
def test_a_decision_is_the_same_whichever_engine_serves(
    amount: int, make_order: Any, decide_on: Any
) -> None:
    compiled = decide_on(make_order(amount_minor=amount))
    durable = decide_on(make_order(amount_minor=amount), engine=DurableEngine)
    assert durable.versions.engine == "durable"
    assert (durable.action, durable.reasons, durable.missing, durable.fix) == (
        compiled.action,
        compiled.reasons,
        compiled.missing,
        compiled.fix,
    )
    assert compiled.action is (Action.SUBMIT if amount == 31_000 else Action.FIX)
