"""What lists say of a whole history: the same facts as `Lists` gives, one column each."""

from collections.abc import Iterable

import polars as pl

from features.expression.lists import Membership
from rules.lists.lists import FORBIDDEN_WORDS, FORBIDDEN_WORDS_LIST, SHOWN_TEXTS, Lists, NamedList
from rules.lists.table import FOREVER

_LAST_US = 2**63 - 1
_BEFORE_ALL_US = -(2**63)
"""An instant at which no entry has ended yet."""
_AS_OF = "as of"
"""No fact's name has a space."""


def list_columns(
    facts: pl.DataFrame, as_of_us: pl.Series, lists: Lists, asked: Iterable[Membership]
) -> pl.DataFrame:
    """Answer each question for each row, as of its own instant; null where the operand is.

    `facts` has a column for each known fact, `as_of_us` microseconds since 1970 UTC. The lists
    are those of today: what was put into them after an order is no knowledge of its time.
    """
    columns = [_column(facts, as_of_us, lists, question) for question in asked]
    return pl.DataFrame(columns)


def word_column(facts: pl.DataFrame, as_of_us: pl.Series, lists: Lists) -> pl.Series:
    """Count the forbidden words of each row; null where it has no text."""
    known = [name for name in SHOWN_TEXTS if name in facts.columns]
    if FORBIDDEN_WORDS_LIST not in lists.by_name:  # nothing is forbidden: no text is looked at
        some = pl.any_horizontal(pl.lit(value=False), *(pl.col(one).is_not_null() for one in known))
        return facts.select(pl.when(some).then(0.0).alias(FORBIDDEN_WORDS))[FORBIDDEN_WORDS]
    keys = facts.select(known).with_columns(as_of_us.alias(_AS_OF))
    different = keys.unique()
    counts = [
        lists.word_facts({k: v for k, v in row.items() if v is not None}, row[_AS_OF]).get(
            FORBIDDEN_WORDS
        )
        for row in different.iter_rows(named=True)
    ]
    counted = different.with_columns(pl.Series(FORBIDDEN_WORDS, counts, dtype=pl.Float64))
    on = [*known, _AS_OF]
    joined = keys.join(counted, on=on, how="left", nulls_equal=True, maintain_order="left")
    return joined[FORBIDDEN_WORDS]


def _column(
    facts: pl.DataFrame, as_of_us: pl.Series, lists: Lists, question: Membership
) -> pl.Series:
    if question.operand not in facts.columns:
        return pl.repeat(None, facts.height, dtype=pl.Boolean, eager=True).alias(question.fact)
    values = facts[question.operand].cast(pl.String)
    named = lists.by_name.get(question.list_name)
    different = values.drop_nulls().unique()
    untils = [None if named is None else named.until_us(value) for value in different]
    held = {
        value: _LAST_US if until == FOREVER else until
        for value, until in zip(different, untils, strict=True)
        if until is not None
    }
    last = values.replace_strict(held, default=None, return_dtype=pl.Int64)
    inside = (as_of_us < last).fill_null(value=False)
    answer = pl.DataFrame({"value": values, "inside": inside}).select(
        pl.when(pl.col("value").is_not_null()).then(pl.col("inside"))
    )
    return answer.to_series().alias(question.fact)


def silenced_columns(
    facts: pl.DataFrame, as_of_us: pl.Series, named: NamedList, codes: Iterable[str]
) -> pl.DataFrame:
    """Tell for each row which of these rules an exempt list silences: one column per code.

    Whether a rule is a heuristic, and whether it fired, is asked elsewhere.
    """
    fact = named.head.fact
    if fact not in facts.columns or facts[fact].dtype != pl.String:
        nothing = pl.repeat(False, facts.height, dtype=pl.Boolean, eager=True)
        return pl.DataFrame([nothing.alias(code) for code in codes])
    values = facts[fact]
    different = values.drop_nulls().unique()
    untils = {value: until for value in different if (until := named.until_us(value)) is not None}
    silenced = {value: named.silenced(value, _BEFORE_ALL_US) for value in untils}
    lasts = {value: _LAST_US if until == FOREVER else until for value, until in untils.items()}
    last = values.replace_strict(lasts, default=None, return_dtype=pl.Int64)
    holds = (as_of_us < last).fill_null(value=False)
    by_code = {code: [v for v, of in silenced.items() if code in of] for code in codes}
    return pl.DataFrame(
        [
            (holds & values.is_in(found).fill_null(value=False)).alias(code)
            for code, found in by_code.items()
        ]
    )
