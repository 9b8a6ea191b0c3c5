"""Compares two channel packs: which facts differ, and which orders of a history would change."""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl
from msgspec import Struct, to_builtins

from features.catalog import Catalog
from features.columnar import build_features
from features.columnar_facts import attribute_kinds, fact_frame
from features.facts import FACT_KINDS
from features.history import History
from features.kinds import Kind
from features.progress import Progress, silent
from rules.book import Book, Rule
from rules.bound import bind
from rules.checks.columns import check_columns, periods
from rules.engines.columnar import ColumnarEngine
from rules.pack import Pack
from rules.pack_facts import CHECK_KINDS

EXAMPLES = 3
_STEPS = 4
_OF_A_PACK = re.compile(r"\b(?:channel|check)\.[a-z][a-z0-9_]*")


class FactChange(Struct, frozen=True, kw_only=True):
    """A fact that the two packs state differently; None is unknown."""

    name: str
    before: Any
    after: Any


class OrderExample(Struct, frozen=True, kw_only=True):
    """One order for which a check or rule answers differently; None is missing."""

    order_id: str
    before: Any
    after: Any


class AnswerChange(Struct, frozen=True, kw_only=True):
    """A check or rule whose answer differs for some orders.

    Of a rule, `gained` counts the orders that it hits only by the second pack, `lost` those that
    it hits only by the first; of a check they count answers that appear and that go missing.
    `because` names what a rule reads of the pack that differs.
    """

    kind: str
    name: str
    because: tuple[str, ...]
    orders: int
    gained: int
    lost: int
    examples: tuple[OrderExample, ...]


class PackDiff(Struct, frozen=True, kw_only=True):
    """What changes from one pack to another; `changed` counts orders that any rule treats anew."""

    before: str
    after: str
    orders: int
    changed: int
    newly_blocked: int
    no_longer_blocked: int
    facts: tuple[FactChange, ...]
    answers: tuple[AnswerChange, ...]


def fact_changes(before: Pack, after: Pack) -> tuple[FactChange, ...]:
    """List the facts, products and required fields that differ."""
    left, right = _flat(before), _flat(after)
    names = dict.fromkeys((*left, *right))
    return tuple(
        FactChange(name=name, before=left.get(name), after=right.get(name))
        for name in names
        if left.get(name) != right.get(name)
    )


def diff_packs(
    history: History,
    before: Pack,
    after: Pack,
    book: Book,
    *,
    progress: Progress = silent,
) -> PackDiff:
    """Compare two packs over the orders of the first one's channel.

    Raises HistoryError or CatalogError where the history does not hold what is read.
    """
    progress(0, _STEPS, "features")
    chosen = pl.Series(history.orders["channel"] == before.channel)
    orders = history.orders.filter(chosen)
    features = pl.DataFrame()
    if _needs_features(book, before, after):
        features = _built(history, book.catalog).filter(chosen)
    progress(1, _STEPS, before.channel)
    left = _answers(orders, features, before, book)
    progress(2, _STEPS, after.channel)
    right = _answers(orders, features, after, book)
    progress(3, _STEPS, "differences")
    return _diff(orders, left, right, before, after, book)


def _answers(orders: pl.DataFrame, features: pl.DataFrame, pack: Pack, book: Book) -> pl.DataFrame:
    """Compute every check and every rule's hit as one pack sees the orders, as of each order."""
    seen = orders.with_columns(pl.lit(pack.channel).alias("channel")).with_row_index("row number")
    facts = _facts(seen, book.catalog)
    parts = []
    for period, rows in periods(seen, pack):
        places = rows["row number"]
        checks = check_columns(rows, period)
        rest = features[places] if features.width else pl.DataFrame()
        known = pl.concat([facts[places], rest, checks], how="horizontal")
        hits = ColumnarEngine(bind(book, period)).evaluate_frame(known)
        answered = pl.concat([checks, hits], how="horizontal")
        parts.append(answered.with_columns(places))
    return pl.concat(parts, how="diagonal").sort("row number").drop("row number")


def _needs_features(book: Book, before: Pack, after: Pack) -> bool:
    """Tell whether a rule that the packs may change reads a feature: building them takes long."""
    left, right = bind(book, before), bind(book, after)
    built = set(book.catalog.names) - set(FACT_KINDS)
    for code in left.conditions.keys() | right.conditions.keys():
        names = {*left.names.get(code, ()), *right.names.get(code, ())}
        same = left.conditions.get(code) == right.conditions.get(code)
        if built & names and not (same and names.isdisjoint(CHECK_KINDS)):
            return True
    return False


def _facts(orders: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    attributes = attribute_kinds(orders)
    return fact_frame(orders, {*FACT_KINDS, *attributes}, attributes, catalog.calendar)


def _built(history: History, catalog: Catalog) -> pl.DataFrame:
    """Build the features that are no facts; a truth is stored as a number and is one again here."""
    frame = build_features(history, catalog)
    return frame.select(
        pl.col(name).cast(pl.Boolean) if catalog.kinds[name] is Kind.BOOLEAN else pl.col(name)
        for name in frame.columns
        if name not in FACT_KINDS
    )


def _diff(
    orders: pl.DataFrame,
    left: pl.DataFrame,
    right: pl.DataFrame,
    before: Pack,
    after: Pack,
    book: Book,
) -> PackDiff:
    ids = orders["order_id"]
    codes = [rule.code for rule in book]
    facts = fact_changes(before, after)
    checks = [_change("check", name, ids, left[name], right[name], ()) for name in CHECK_KINDS]
    differs = {fact.name for fact in facts} | {one.name for one in checks if one is not None}
    rules = [
        _change(
            "rule",
            rule.code,
            ids,
            _hits(left, rule.code),
            _hits(right, rule.code),
            tuple(name for name in _pack_names(rule) if name in differs),
        )
        for rule in book
    ]
    blocking = [rule.code for rule in book if rule.entry.severity == "block"]
    was, now = _any(left, blocking), _any(right, blocking)
    touched = [_hits(left, code) != _hits(right, code) for code in codes]
    return PackDiff(
        before=before.version,
        after=after.version,
        orders=orders.height,
        changed=int(pl.DataFrame(touched).select(pl.any_horizontal(pl.all())).to_series().sum()),
        newly_blocked=int((now & ~was).sum()),
        no_longer_blocked=int((was & ~now).sum()),
        facts=facts,
        answers=tuple(one for one in (*rules, *checks) if one is not None),
    )


def _change(
    kind: str,
    name: str,
    ids: pl.Series,
    before: pl.Series,
    after: pl.Series,
    because: tuple[str, ...],
) -> AnswerChange | None:
    differs = before.ne_missing(after)
    count = int(differs.sum())
    if not count:
        return None
    if kind == "rule":
        gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    else:
        gained = int((before.is_null() & after.is_not_null()).sum())
        lost = int((before.is_not_null() & after.is_null()).sum())
    table = pl.DataFrame({"order_id": ids, "before": before, "after": after})
    examples = table.filter(differs).head(EXAMPLES).to_dicts()
    return AnswerChange(
        kind=kind,
        name=name,
        because=because,
        orders=count,
        gained=gained,
        lost=lost,
        examples=tuple(OrderExample(**one) for one in examples),
    )


def _pack_names(rule: Rule) -> tuple[str, ...]:
    """List what a rule reads of a pack, as its condition writes it."""
    return tuple(dict.fromkeys(_OF_A_PACK.findall(rule.entry.when)))


def _hits(answers: pl.DataFrame, code: str) -> pl.Series:
    """Tell which orders a rule hits; one that does not concern the channel hits none."""
    if code not in answers.columns:
        return pl.repeat(False, answers.height, dtype=pl.Boolean, eager=True).alias(code)
    return answers[code].fill_null(False)


def _any(answers: pl.DataFrame, codes: list[str]) -> pl.Series:
    hits = pl.DataFrame([_hits(answers, code) for code in codes])
    return hits.select(pl.any_horizontal(pl.all())).to_series()


def _flat(pack: Pack) -> Mapping[str, Any]:
    file = pack.file
    stated = {f"channel.{name}": fact.value for name, fact in file.facts.items()}
    stated |= {f"required.{api}": fact.value for api, fact in file.required.items()}
    for product, own in file.products.items():
        stated |= {f"{product}.{name}": fact.value for name, fact in own.facts.items()}
    stated["code_tables"] = to_builtins(file.code_tables)
    return {name: value for name, value in stated.items() if value is not None}
