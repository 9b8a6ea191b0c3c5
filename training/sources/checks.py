"""The limits that the canonical order declares, checked a column at a time."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from features.leaves import Leaf, LeafKind, expected, order_leaves
from features.times import EARLIEST, LATEST
from training.sources.readings import Flaw, only_found


def check_leaf(leaf: Leaf, values: pl.Series) -> tuple[Flaw, ...]:
    """Find the values that the leaf's own type refuses."""
    found = (_presence, _size, _text, _instant)
    return only_found([flaw for check in found for flaw in check(leaf, values)])


def check_blocks(columns: Mapping[str, pl.Series]) -> tuple[Flaw, ...]:
    """Find what contradicts across fields: a block without its required leaf."""
    leaves = order_leaves()
    found = [
        _lacking(leaf, values, _others(leaf, columns))
        for path, values in columns.items()
        if (leaf := leaves.get(path)) is not None and leaf.required and leaf.block
    ]
    return only_found([*found, *_kind_against_payout(columns)])


def _presence(leaf: Leaf, values: pl.Series) -> Iterator[Flaw]:
    if leaf.required and not leaf.block:
        yield Flaw(leaf.path, "missing", expected(leaf), values.is_null())


def _size(leaf: Leaf, values: pl.Series) -> Iterator[Flaw]:
    if leaf.kind not in (LeafKind.WHOLE, LeafKind.DECIMAL):
        return
    outside = pl.repeat(False, len(values), dtype=pl.Boolean, eager=True)
    if leaf.kind is LeafKind.DECIMAL:
        outside = ~values.is_finite()
    if leaf.lowest is not None:
        outside = outside | (values < leaf.lowest)
    if leaf.highest is not None:
        outside = outside | (values > leaf.highest)
    yield Flaw(leaf.path, "out of range", expected(leaf), outside.fill_null(False), values)


def _instant(leaf: Leaf, values: pl.Series) -> Iterator[Flaw]:
    if leaf.kind is LeafKind.INSTANT:
        outside = (values < EARLIEST) | (values >= LATEST)
        form = f"{expected(leaf)} from {EARLIEST.year} to {LATEST.year}"
        yield Flaw(leaf.path, "out of range", form, outside.fill_null(False), values)


def _text(leaf: Leaf, values: pl.Series) -> Iterator[Flaw]:
    if leaf.kind is not LeafKind.TEXT:
        return
    wrong: list[tuple[str, pl.Series]] = []
    if leaf.longest is not None and leaf.pattern is None:  # a pattern says the length too
        wrong.append(("too long", values.str.len_chars() > leaf.longest))
    if leaf.shortest:
        wrong.append(("too short", values.str.len_chars() < leaf.shortest))
    if leaf.pattern is not None:
        wrong.append(("wrong form", ~values.str.contains(_rust_pattern(leaf.pattern))))
    if leaf.choices:
        wrong.append(("unknown value", ~values.is_in(leaf.choices)))
    for reason, rows in wrong:
        yield Flaw(leaf.path, reason, expected(leaf), rows.fill_null(False), values)


def _rust_pattern(pattern: str) -> str:
    r"""Say the end of text as Rust does; `$` and `\Z` are Python's."""
    for ending in ("$", r"\Z"):
        if pattern.endswith(ending):
            return pattern.removesuffix(ending) + r"\z"
    return pattern


def _others(leaf: Leaf, columns: Mapping[str, pl.Series]) -> Sequence[pl.Series]:
    prefix = f"{leaf.block}."
    return [
        values for path, values in columns.items() if path.startswith(prefix) and path != leaf.path
    ]


def _lacking(leaf: Leaf, values: pl.Series, others: Sequence[pl.Series]) -> Flaw:
    needed = _any_known(others, len(values))
    return Flaw(leaf.path, "missing", expected(leaf), values.is_null() & needed)


def _kind_against_payout(columns: Mapping[str, pl.Series]) -> Iterator[Flaw]:
    height = len(columns["order_id"])
    parts = [values for path, values in columns.items() if path.startswith("payout.")]
    kinds = columns.get("kind", pl.repeat("order", height, dtype=pl.String, eager=True))
    kinds = kinds.fill_null("order")
    has_payout = _any_known(parts, height)
    yield Flaw(
        "kind", "contradiction", "payout, as there is a payout", (kinds == "order") & has_payout
    )
    yield Flaw(
        "payout", "missing", "a payout, as kind is payout", (kinds == "payout") & ~has_payout
    )


def _any_known(parts: Sequence[pl.Series], height: int) -> pl.Series:
    known = pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    for values in parts:
        known = known | values.is_not_null()
    return known
