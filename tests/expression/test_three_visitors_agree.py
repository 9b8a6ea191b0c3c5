"""The oracle, the compiled function and polars give one answer."""

from types import ModuleType

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.expression import Names, compile_row, parse, walk
from features.expression.columnar import to_polars
from features.expression.compiled import compile_book
from features.expression.syntax import Absent, Bound
from features.kinds import Kind, Value

_DTYPES = {
    Kind.NUMBER: pl.Float64,
    Kind.TEXT: pl.String,
    Kind.BOOLEAN: pl.Boolean,
    Kind.INSTANT: pl.Int64,
}
_SLOW_IS_FINE = settings(suppress_health_check=[HealthCheck.too_slow])


def same(left: Value | None, right: Value | None) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)


@_SLOW_IS_FINE
@given(data=st.data())
def test_compiled_equals_the_oracle(random_language: ModuleType, data: st.DataObject) -> None:
    text = data.draw(
        st.one_of(random_language.conditions, random_language.numbers, random_language.durations)
    )
    node = parse(text, random_language.SCOPE)
    row = data.draw(random_language.rows)
    assert same(compile_row(node)(row), walk(node, row))


@_SLOW_IS_FINE
@given(data=st.data())
def test_polars_equals_the_oracle(random_language: ModuleType, data: st.DataObject) -> None:
    text = data.draw(
        st.one_of(random_language.conditions, random_language.numbers, random_language.durations)
    )
    node = parse(text, random_language.SCOPE)
    rows = data.draw(st.lists(random_language.rows, min_size=1, max_size=4))
    schema = {name: _DTYPES[kind] for name, kind in random_language.FACTS.items()}
    frame = pl.DataFrame(
        {
            name: pl.Series([row.get(name) for row in rows], dtype=dtype, strict=False)
            for name, dtype in schema.items()
        }
    )
    answers = frame.with_columns(to_polars(node).alias("answer"))["answer"].to_list()
    for answer, row in zip(answers, rows, strict=True):
        assert same(answer, walk(node, row)), (text, row)


@_SLOW_IS_FINE
@given(data=st.data())
def test_a_compiled_book_gives_each_condition_its_own_answer(
    random_language: ModuleType, data: st.DataObject
) -> None:
    texts = data.draw(st.lists(random_language.conditions, min_size=1, max_size=5))
    texts += data.draw(st.sampled_from([[], [random_language.READS_ALL]]))
    book = {f"R{at}": parse(text, random_language.SCOPE) for at, text in enumerate(texts)}
    row = data.draw(random_language.rows)
    hits, missing = compile_book(book)(row)
    answers = {code: walk(node, row) for code, node in book.items()}
    assert hits == {code for code, answer in answers.items() if answer is True}
    assert missing == {code for code, answer in answers.items() if answer is None}


def test_a_constant_answers_every_row_of_a_frame() -> None:
    frame = pl.DataFrame({"a": [1.0, 2.0]})
    for text, answer in (("0 in [0]", True), ("log1p(-1) > 0", None), ("1 / 2", 0.5)):
        column = to_polars(parse(text, Names({"a": Kind.NUMBER}))).alias("answer")
        assert frame.with_columns(column)["answer"].to_list() == [answer, answer]


@_SLOW_IS_FINE
@given(data=st.data())
def test_a_constant_that_is_unknown_is_missing_in_complete_rows_too(
    random_language: ModuleType, data: st.DataObject
) -> None:
    bound: dict[str, Bound] = {
        "channel.max": Absent("channel.max", Kind.NUMBER),
        "channel.plans": Absent("channel.plans", Kind.NUMBER),
    }
    text = data.draw(
        st.sampled_from(
            [
                "amount_minor > channel.max",
                "credit.instalments not in channel.plans",
                "channel.max is missing",
                "amount_minor > channel.max and state == 'paid'",
                "max(amount_minor, channel.max) > 1 or account.restricted",
            ]
        )
    )
    texts = [text, random_language.READS_ALL]
    book = {
        f"R{at}": parse(one, random_language.SCOPE, bound=bound) for at, one in enumerate(texts)
    }
    row = data.draw(random_language.rows)
    hits, missing = compile_book(book)(row)
    answers = {code: walk(node, row) for code, node in book.items()}
    assert hits == {code for code, answer in answers.items() if answer is True}
    assert missing == {code for code, answer in answers.items() if answer is None}
