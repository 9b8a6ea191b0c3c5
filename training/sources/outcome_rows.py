"""Outcomes out of a batch: one row for each order whose raw value is known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from features.history_schema import INSTANT, OUTCOME_COLUMNS
from features.outcome import OutcomeClass
from training.sources.fields import FieldReader, all_flaws
from training.sources.mapping import OutcomeClassRule, OutcomeRule
from training.sources.mapping_outcomes import REJECT, UNKNOWN
from training.sources.readings import Flaw, only_found


@dataclass(frozen=True, slots=True)
class OutcomeReading:
    """Row-aligned outcomes (no class: no outcome), the raw values that no class is given for."""

    rows: pl.DataFrame
    unmapped: pl.Series
    flaws: tuple[Flaw, ...]


def read_outcomes(
    rule: OutcomeRule, reader: FieldReader, frame: pl.DataFrame, order: Mapping[str, pl.Series]
) -> OutcomeReading:
    """Read one source of outcomes for the orders of a batch, row by row."""
    readings = reader.read(tuple(rule.fields()), frame)
    raw = readings[rule.value.path].values
    unmapped = raw.is_not_null() & ~raw.is_in(list(rule.classes))
    if rule.received_at is None:
        received = _delayed(order[rule.after], rule.delay_us)
    else:
        received = readings[rule.received_at.path].values
    columns = {
        "order_id": order["order_id"],
        "received_at": received,
        **_classed(raw, rule.classes, rule.unmapped),
        **{
            field.path.removeprefix("outcome."): readings[field.path].values
            for field in rule.details
        },
    }
    rows = pl.DataFrame([values.alias(name) for name, values in columns.items()])
    has_outcome = rows["outcome_class"].is_not_null()
    flaws = [*_only_where(has_outcome, all_flaws(readings.values())), *_timing(rows, order)]
    if rule.unmapped == REJECT:
        listed = f"one of {', '.join(rule.classes)} (classes)"
        flaws.append(Flaw("outcome.value", "unknown value", listed, unmapped, raw))
    blank = pl.repeat(None, len(raw), dtype=pl.String, eager=True)
    return OutcomeReading(rows, raw.zip_with(unmapped, blank), only_found(flaws))


def _classed(
    raw: pl.Series, classes: Mapping[str, OutcomeClassRule], unmapped: str
) -> dict[str, pl.Series]:
    keys = pl.Series(list(classes), dtype=pl.String)
    names = {"outcome_class": "outcome_class", "final": "final"}
    names |= {"subclass": "subclass", "next_action": "next_action"}
    found = {}
    for column, attribute in names.items():
        cells = [getattr(one, attribute) for one in classes.values()]
        values = pl.Series(cells, dtype=OUTCOME_COLUMNS[column])
        found[column] = raw.replace_strict(keys, values, default=None, return_dtype=values.dtype)
    if unmapped == UNKNOWN:
        strange = raw.is_not_null() & ~raw.is_in(list(classes))
        unknown = pl.Series([OutcomeClass.UNKNOWN.value])
        found["outcome_class"] = unknown.new_from_index(0, len(raw)).zip_with(
            strange, found["outcome_class"]
        )
        found["final"] = found["final"].fill_null(False)
    return found


def _delayed(instants: pl.Series, delay_us: int) -> pl.Series:
    return (instants.cast(pl.Int64) + delay_us).cast(INSTANT)


def _timing(rows: pl.DataFrame, order: Mapping[str, pl.Series]) -> Iterator[Flaw]:
    has_outcome = rows["outcome_class"].is_not_null()
    early = has_outcome & (rows["received_at"] < order["placed_at"])
    yield Flaw(
        "outcome.received_at",
        "before the order",
        "not before placed_at: an order must not know its own outcome",
        early.fill_null(False),
        rows["received_at"],
    )


def _only_where(rows: pl.Series, flaws: Iterator[Flaw]) -> Iterator[Flaw]:
    for flaw in flaws:
        yield Flaw(flaw.field, flaw.reason, flaw.expected, flaw.rows & rows, flaw.shown)
