"""What durable-rules 2.0.28 does, each beside what the door does about it."""

import json
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from features.errors import RuleError
from features.expression import Names, parse
from features.kinds import Kind, Value
from rules.bound import BoundBook
from rules.engines.durable import DurableEngine
from rules.engines.durable_clause import TooRichForDurable
from rules.engines.durable_door import (
    Owner,
    SecondOpinionFailed,
    SecondOpinionUnavailable,
    load_library,
    the_owner,
)
from rules.engines.engine import OracleEngine, Verdict

KINDS = {"a": Kind.NUMBER, "b": Kind.NUMBER, "t": Kind.TEXT, "f": Kind.BOOLEAN}
KINDS |= {f"n{number}": Kind.NUMBER for number in range(400)}
NAMES = Names(KINDS)


def bound(*texts: str) -> BoundBook:
    return BoundBook("t", {}, {f"R{at}": parse(text, NAMES) for at, text in enumerate(texts)})


def ours(text: str, row: dict[str, Any]) -> bool | None:
    verdict = DurableEngine(bound(text)).evaluate(row)
    return True if "R0" in verdict.hits else None if "R0" in verdict.missing else False


def raw(conditions: dict[str, Any], body: str) -> list[str]:
    """Fire plain conditions at one fact without the door; gives every firing, at most 40."""
    return the_owner().ask(lambda: _raw(conditions, body))


def _raw(conditions: dict[str, Any], body: str) -> list[str]:
    library = load_library()
    rules = {name: {"all": [{"m": one}]} for name, one in conditions.items()}
    handle = library.create_ruleset("raw", json.dumps(rules))
    code, state = library.assert_fact(handle, f'{{"sid":"1","id":"1",{body}}}')
    if code:
        return []
    fired: list[str] = []
    started = library.start_action_for_state(handle, state)
    message = started[1] if started else None
    while message and len(fired) < 40:
        fired.extend(json.loads(message))
        message = library.complete_and_start_action(handle, state)
    return fired


def test_a_numeric_text_is_a_number_to_durable_and_refused_by_us() -> None:
    assert raw({"A": {"$gt": {"a": 500}}}, '"a":"600"') == ["A"]
    with pytest.raises(RuleError, match="a is '600'"):
        ours("a > 500", {"a": "600"})


def test_a_text_of_digits_is_no_number_behind_the_door() -> None:
    assert raw({"A": {"t": "600.0"}}, '"t":"600"') in ([], ["A"])
    assert ours("t == '600.0'", {"t": "600"}) is False
    assert ours("t == '600'", {"t": "600"}) is True


def test_true_is_one_to_durable_and_refused_by_us() -> None:
    assert raw({"A": {"a": True}}, '"a":1') == ["A"]
    with pytest.raises(RuleError, match="a is True"):
        ours("a == 1", {"a": True})
    with pytest.raises(RuleError, match="f is 1"):
        ours("f", {"f": 1})


def test_exponents_are_a_parse_error_and_written_plainly_by_us() -> None:
    with pytest.raises(load_library().error, match="204"):
        raw({"A": {"$gt": {"a": 1.0}}}, '"a":1e20')
    for extreme in (1e20, 1e-7, 5e-324, 1.7976931348623157e308):
        assert ours("a > 0", {"a": extreme}) is True
        assert ours("a == b", {"a": extreme, "b": extreme}) is True


def test_nan_matches_nothing_and_is_refused_by_us() -> None:
    assert raw({"A": {"$gt": {"a": 1.0}}, "B": {"$lte": {"a": 1.0}}}, '"a":NaN') == []
    with pytest.raises(RuleError, match="a is nan"):
        ours("a > 1", {"a": float("nan")})


def test_an_or_with_both_sides_true_fires_twice_and_counts_once() -> None:
    both = {"$or": [{"$gt": {"a": 5.0}}, {"$lt": {"b": 5.0}}]}
    assert raw({"A": both}, '"a":6.0,"b":1.0') == ["A", "A"]
    verdict = DurableEngine(bound("a > 5 or b < 5")).evaluate({"a": 6, "b": 1})
    assert verdict == Verdict(frozenset({"R0"}), frozenset())


def test_its_own_alias_in_a_comparison_is_always_true_and_written_otherwise_by_us() -> None:
    assert raw({"A": {"$gt": {"a": {"m": "b"}}}}, '"a":1.0,"b":2.0') == ["A"]
    assert ours("a > b", {"a": 1, "b": 2}) is False
    assert ours("a + 1 > b * 2 - 1", {"a": 3, "b": 2}) is True


def test_whole_numbers_overflow_and_are_written_with_a_point_by_us() -> None:
    assert ours("a * b > 1", {"a": 10**12, "b": 10**12}) is True
    assert ours("a * b > 1", {"a": 1e300, "b": 1e300}) is None


def test_a_negated_missing_fact_is_missing_and_never_hangs() -> None:
    assert raw({"A": {"$neq": {"a": 1.0}}}, '"b":1.0') == []
    for text in ("not (a > 1)", "a != 1", "not (a > 1 and b > 1)", "a not in [1]"):
        assert ours(text, {}) is None, text
    assert ours("not (a > 1 and b > 1)", {"a": 0}) is True
    assert ours("a is missing", {}) is True


def test_two_rules_fire_on_one_fact() -> None:
    verdict = DurableEngine(bound("a > 1", "a > 2", "a > 9")).evaluate({"a": 5})
    assert verdict.hits == {"R0", "R1"}


def test_a_fact_leaves_nothing_behind() -> None:
    engine = DurableEngine(bound("a > 1", "b > 1"))
    assert engine.evaluate({"a": 5}).hits == {"R0"}
    assert engine.evaluate({"b": 5}).hits == {"R1"}
    assert engine.evaluate({"a": 0, "b": 0}).hits == set()


def test_many_evaluations_use_one_session() -> None:
    engine = DurableEngine(bound("a > 1"))
    assert all(engine.evaluate({"a": 2}).hits for _ in range(2_500))


_EXHAUST = """
from rules.engines.durable_door import load_library
library = load_library()
handle = library.create_ruleset("r", '{"A":{"all":[{"m":{"$gt":{"a":1}}}]}}')
for number in range(2_000):
    library.assert_fact(handle, '{"sid":"%d","id":"1","a":0}' % number)
"""


def test_a_session_for_each_order_would_exhaust_it() -> None:
    # In a process of its own: what is left of the library afterwards is not to be trusted.
    ended = subprocess.run(
        [sys.executable, "-c", _EXHAUST], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode != 0


def test_eight_threads_lose_no_hit() -> None:
    engine = DurableEngine(bound("a > 1", "b > 1 or a > 3"))
    oracle = OracleEngine(bound("a > 1", "b > 1 or a > 3"))
    rows: list[dict[str, Value]] = [{"a": at % 5, "b": at % 3} for at in range(400)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(engine.evaluate, rows)) == [oracle.evaluate(row) for row in rows]


def test_a_new_book_is_a_new_ruleset_and_the_old_one_still_answers() -> None:
    old, new = DurableEngine(bound("a > 1")), DurableEngine(bound("a > 3"))
    assert old.evaluate({"a": 2}).hits == {"R0"}
    assert new.evaluate({"a": 2}).hits == set()


def test_a_book_beyond_its_limits_is_cut_into_parts() -> None:
    texts = [f"n{at} > {at} or (n{at} < 0 and not a > 5)" for at in range(400)]
    engine, oracle = DurableEngine(bound(*texts)), OracleEngine(bound(*texts))
    row: dict[str, Value] = {f"n{at}": 2 * at for at in range(0, 400, 3)}
    assert engine.evaluate(row) == oracle.evaluate(row)


def test_more_than_64_matches_at_once_are_an_error_and_spread_by_us() -> None:
    conditions = {f"R{at}": {"$gt": {"a": float(at)}} for at in range(65)}
    with pytest.raises(load_library().error, match="303"):
        raw(conditions, '"a":1000.0')
    engine = DurableEngine(bound(*[f"a > {at}" for at in range(200)]))
    assert len(engine.evaluate({"a": 1_000}).hits) == 200


def test_sixteen_connectives_are_refused_by_durable_and_unfolded_by_us() -> None:
    def nested(depth: int) -> Any:
        return (
            {"a": 1.0}
            if not depth
            else {"$and": [{"b": 1.0}, {"$or": [{"a": 2.0}, nested(depth - 1)]}]}
        )

    with pytest.raises(load_library().error, match="113"):
        raw({"A": nested(9)}, '"a":1.0')
    text = "a > 0"
    for at in range(9):
        text = f"(b > {at} and (a > {at + 1} or {text}))"
    for row in ({"a": 5, "b": 9}, {"a": 0, "b": 9}, {"a": 3, "b": 2}, {"b": 1}):
        assert DurableEngine(bound(text)).evaluate(row) == OracleEngine(bound(text)).evaluate(row)


def test_what_cannot_be_unfolded_is_refused_with_the_way_out() -> None:
    wide = " and ".join(f"(n{at} > 1 or n{at} < 0 or n{at} == 0.5)" for at in range(14))
    with pytest.raises(TooRichForDurable, match="make a part of it a feature"):
        DurableEngine(bound(wide))


def test_an_exception_in_the_owner_thread_is_raised_to_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        Owner().ask(lambda: 1 / 0)


def test_a_hang_is_an_error_and_no_hang() -> None:
    from threading import Event

    owner, never = Owner(), Event()
    with pytest.raises(SecondOpinionFailed, match=r"gave no answer in 0\.05 s"):
        owner.ask(never.wait, seconds=0.05)
    with pytest.raises(SecondOpinionFailed, match="hangs since an earlier call"):
        owner.ask(lambda: 1)
    never.set()


def test_a_ruleset_that_it_refuses_is_an_error_of_ours() -> None:
    from rules.engines.durable_door import Ruleset

    with pytest.raises(SecondOpinionFailed, match="refuses the ruleset"):
        Ruleset({"A": "{not json"})
    with pytest.raises(SecondOpinionFailed, match="cannot read a fact"):
        Ruleset({"A": '{"a":1.0}'}).fired('"a":1e5')


def test_where_it_cannot_be_imported_the_door_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    with pytest.raises(SecondOpinionUnavailable, match="There is no second opinion"):
        DurableEngine(bound("a > 1"))


def grown_kilobytes(n_evaluations: int) -> int:
    engine = DurableEngine(bound("a > 1 or b > 1", "t == 'x' and not f"))
    row: dict[str, Value] = {"a": 5, "b": 5, "t": "x", "f": False}
    for _ in range(200):
        engine.evaluate(row)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(n_evaluations):
        engine.evaluate(row)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


def test_evaluating_does_not_grow_the_process() -> None:
    assert grown_kilobytes(3_000) < 4_000


@pytest.mark.slow
def test_evaluating_for_long_does_not_grow_the_process() -> None:
    assert grown_kilobytes(300_000) < 8_000
