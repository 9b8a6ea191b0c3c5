"""Whatever text is handed over, it is read or refused with our own error: nothing runs or hangs."""

import random
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from features.errors import ExpressionError, PreflightError
from features.expression import Names, Place, compile_row, kind_of, parse, walk
from features.expression.budget import MAX_DEPTH, MAX_NODES, depth_of, nodes_of
from features.expression.syntax import Absent, Bound, Members, Number
from features.kinds import Kind, Value
from features.units import MINOR, SECONDS

SCOPE = Names(
    {
        "amount_minor": Kind.NUMBER,
        "age_seconds": Kind.NUMBER,
        "state": Kind.TEXT,
        "buyer.id": Kind.TEXT,
        "restricted": Kind.BOOLEAN,
        "placed_at": Kind.INSTANT,
        "registered_at": Kind.INSTANT,
    },
    {"amount_minor": MINOR, "age_seconds": SECONDS},
    lists=("blocked",),
)
BOUND: dict[str, Bound] = {
    "threshold.n": Number(3.0, MINOR),
    "channel.plans": Members(Kind.NUMBER, (3.0, 6.0)),
    "channel.max": Absent("channel.max", Kind.NUMBER, MINOR),
}
ROW: dict[str, Value | None] = {
    "amount_minor": 5.0,
    "state": "x",
    "restricted": True,
    "placed_at": 9,
}
PIECES = (
    *SCOPE.kinds,
    *BOUND,
    *("+", "-", "*", "/", "<", ">", "==", "!=", "<=", ">=", "(", ")", "[", "]", ",", "in", "and"),
    *("or", "not", "is", "missing", "present", "between"),
    *("true", "false", "abs(", "min(", "max(", "log1p(", "list.blocked", "list.x", "1", "600"),
    *("0.1", "1_000", "'x'", '"北京"', "9" * 400, "1e9", "0x1f", "nan", "inf", "None"),
    *("__import__('os').system('x')", "().__class__", "lambda: 0", "eval", "exec", "{0}", "@"),
    *("\x00", "\ud800", "\u202e", "\ufeff", "x" * 500, "a." * 300, "\n", "\t", "#", ";", ":="),
    *("(" * 70, "-" * 70, "not " * 70, "[" * 70, "abs(" * 70, "1+" * 70, "restricted and " * 70),
)
ALPHABET = "abzAZ_09.,'\"()[]<>=!+-*/ \n\t\r\x00\x0b\x85\u2028北é😀\ud800{}@#$%^&|~`\\:;?"


def texts(seed: int, count: int) -> Iterator[str]:
    """Half of them pieces of the language in any order, half any characters."""
    chance = random.Random(seed)
    for _ in range(count):
        if chance.random() < 0.6:
            joint = chance.choice(["", " ", " ", "  "])
            yield joint.join(chance.choices(PIECES, k=chance.randint(1, 12)))
        else:
            yield "".join(chance.choices(ALPHABET, k=chance.randint(0, 60)))


def _refusal(text: str) -> str:
    """Give the error of a text, or nothing, once its tree is evaluated within the budget."""
    try:
        node = parse(text, SCOPE, place=Place("fuzz.yaml", 3, 9), bound=BOUND)
    except ExpressionError as error:
        return str(error)
    assert kind_of(node) in Kind
    assert nodes_of(node) <= MAX_NODES
    assert depth_of(node) <= MAX_DEPTH
    assert compile_row(node)(ROW) == walk(node, ROW)
    return ""


def fuzz(seed: int, count: int, told: Callable[[int], None] = lambda _: None) -> tuple[int, int]:
    """Read texts; gives how many were read and how many refused. Anything else raises."""
    read = refused = 0
    for number, text in enumerate(texts(seed, count)):
        started = time.thread_time()
        told_of = _refusal(text)
        if told_of:
            refused += 1
            assert told_of.startswith("fuzz.yaml, line ")
            assert len(told_of) < 700, text
        else:
            read += 1
        assert time.thread_time() - started < 1.0, text
        told(number)
    return read, refused


def test_20_000_random_texts_are_read_or_refused() -> None:
    read, refused = fuzz(seed=5, count=20_000)
    assert read > 200
    assert refused > 10_000


@pytest.mark.slow
def test_a_million_random_texts_are_read_or_refused() -> None:
    def told(number: int) -> None:
        if number % 50_000 == 0:
            print(f"{number:>9,} of 1,000,000", file=sys.__stderr__, flush=True)

    read, refused = fuzz(seed=55, count=1_000_000, told=told)
    assert read + refused == 1_000_000
    assert read > 10_000


def test_nothing_of_a_text_is_run(tmp_path: object) -> None:
    seen = set(sys.modules)
    for text in ("__import__('antigravity')", "state == \"'+__import__('this')+'\""):
        try:
            node = parse(text, SCOPE)
        except PreflightError:
            continue
        compile_row(node)({"state": "x"})
    assert not {"antigravity", "this"} & (set(sys.modules) - seen)
