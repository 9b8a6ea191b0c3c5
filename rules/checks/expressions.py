"""Checks as polars expressions, where calling the live one for each row would take too long.

Each gives the values of the live check; a property test holds them to it.
"""

from collections.abc import Callable, Mapping

import polars as pl

from features.times import US_PER_SECOND
from rules.checks.check import Prepared
from rules.checks.lengths import counts_bytes, limits_of
from rules.checks.presence import API_INPUTS, LINES, Wanted, required_of, risk_fields_of
from rules.checks.texts import (
    PRINTED_TEXTS,
    UNPRINTABLE,
    purpose_forbidden,
    subject_forbidden,
)
from rules.pack import Pack
from rules.pack_file import ANY_API

_Maker = Callable[[Pack, Prepared], pl.Expr | None]


def _length(text: pl.Expr, in_bytes: bool) -> pl.Expr:
    return text.str.len_bytes() if in_bytes else text.str.len_chars()


def _counted(pack: Pack, one: Prepared) -> pl.Expr:
    return _length(pl.col(one.inputs[0]), counts_bytes(pack))


def _overlong(pack: Pack, in_bytes: bool) -> pl.Expr:
    over = [
        (pl.col(limit.name) if limit.is_length else _length(pl.col(limit.name), in_bytes))
        > limit.most
        for limit in limits_of(pack, in_bytes)
    ]
    return pl.sum_horizontal(one.fill_null(False).cast(pl.Int64) for one in over)


def _matching(fact: str) -> _Maker:
    def make(pack: Pack, one: Prepared) -> pl.Expr | None:
        pattern = pack.text(fact)
        if pattern is None or "(?" in pattern or "\\" in pattern.replace("\\-", ""):
            return None  # only what both languages read alike
        return pl.col(one.inputs[0]).str.contains(f"^(?:{pattern})$")

    return make


def _matches(text: pl.Expr, pattern: str | None) -> pl.Expr | None:
    return None if pattern is None else text.str.count_matches(pattern)


def _unprintable(_: Pack, __: Prepared) -> pl.Expr:
    texts = [pl.col(name) for name in PRINTED_TEXTS]
    known = pl.any_horizontal(text.is_not_null() for text in texts)
    counts = [text.str.count_matches(UNPRINTABLE).fill_null(0) for text in texts]
    return pl.when(known).then(pl.sum_horizontal(counts))


def _presence(wanted: Wanted | None) -> pl.Expr | None:
    if wanted is None:
        return None
    named = [pl.col(name).str.to_lowercase().fill_null("") for name in API_INPUTS]
    lacking = []
    for name, apis in zip(wanted.inputs, wanted.apis, strict=True):
        is_lacking = pl.col(name).is_null() | (pl.col(name).cast(pl.String) == "")
        if name == LINES:
            is_lacking = pl.col(name).fill_null(0) == 0
        if ANY_API not in apis:
            is_lacking &= pl.any_horizontal(one.is_in(sorted(apis)) for one in named)
        lacking.append(is_lacking.fill_null(False).cast(pl.Int64))
    return pl.sum_horizontal(lacking)


def _age(_: Pack, one: Prepared) -> pl.Expr:
    sent_at, as_of = one.inputs
    return (pl.col(as_of) - pl.col(sent_at)) / US_PER_SECOND


def _plausible(_: Pack, one: Prepared) -> pl.Expr:
    name = pl.col(one.inputs[0])
    return (name.str.len_chars() > 1) & ~name.str.contains(r"\d")


EXPRESSIONS: Mapping[str, _Maker] = {
    "check.order_id_valid": _matching("order_id_pattern"),
    "check.merchant_id_valid": _matching("merchant_id_pattern"),
    "check.subject_characters": _counted,
    "check.description_characters": _counted,
    "check.purpose_characters": _counted,
    "check.subject_codepoints": lambda _, one: pl.col(one.inputs[0]).str.len_chars(),
    "check.description_codepoints": lambda _, one: pl.col(one.inputs[0]).str.len_chars(),
    "check.purpose_codepoints": lambda _, one: pl.col(one.inputs[0]).str.len_chars(),
    "check.overlong_fields": lambda pack, _: _overlong(pack, counts_bytes(pack)),
    "check.overlong_fields_codepoints": lambda pack, _: _overlong(pack, False),
    "check.subject_forbidden_characters": lambda pack, one: _matches(
        pl.col(one.inputs[0]), subject_forbidden(pack)
    ),
    "check.purpose_forbidden_characters": lambda pack, one: _matches(
        pl.col(one.inputs[0]), purpose_forbidden(pack)
    ),
    "check.unprintable_characters": _unprintable,
    "check.receiver_name_plausible": _plausible,
    "check.required_missing": lambda pack, _: _presence(required_of(pack)),
    "check.risk_fields_missing": lambda pack, _: _presence(risk_fields_of(pack)),
    "check.as_of": lambda _, one: pl.col(one.inputs[0]),
    "check.last_attempt_age_seconds": _age,
}
"""By the name of a check; None where the live one is called after all."""
