"""Line items from a second table, gathered by the key of their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.errors import MappingError
from features.history_schema import order_columns
from features.leaves import expected, order_leaves
from training.sources.fields import FieldReader, all_flaws
from training.sources.mapping import ItemsRule
from training.sources.opening import open_table
from training.sources.plan import Use, plan_table, uses_of
from training.sources.readings import Flaw, only_found, reasons
from training.sources.sandbox import Sandbox
from training.sources.texts import as_text

_KEY = "preflight key"
_TOTAL = "total"
_FAULTS = "faults"


@dataclass(frozen=True, slots=True)
class LineItems:
    """All lines of a table, one row per key: `items`, their `total`, `faults` of their lines."""

    by_key: pl.DataFrame
    lines: int

    def match(self, keys: pl.Series) -> tuple[pl.Series, pl.Series, tuple[Flaw, ...]]:
        """Give each key its items and their total (missing without items), and what is wrong."""
        found = (
            keys.alias(_KEY)
            .to_frame()
            .join(self.by_key, on=_KEY, how="left", maintain_order="left")
        )
        leaf = order_leaves()["items"]
        unread = Flaw(
            "items",
            "unreadable line",
            "every line readable",
            found[_FAULTS].is_not_null(),
            found[_FAULTS],
        )
        lengths = found["items"].list.len()
        too_many = Flaw(
            "items",
            "too many lines",
            expected(leaf),
            (lengths > leaf.longest).fill_null(False),
            lengths,
        )
        return found["items"], found[_TOTAL], only_found([unread, too_many])

    def unmatched(self, keys: pl.Series) -> int:
        """Count the lines whose key is none of these."""
        rest = self.by_key.filter(~pl.col(_KEY).is_in(keys.unique().implode()))
        return int(rest["items"].list.len().sum())


def read_line_items(
    rule: ItemsRule, beside: Path, sandbox: Sandbox, currency: str | None
) -> LineItems:
    """Read the whole table of lines; its path is relative to the main table's folder.

    Raises MappingError as the main table does.
    """
    table = open_table(beside / rule.table, rule.options)
    declared = rule.options.types
    uses = [
        *uses_of(rule.fields, sandbox),
        Use(rule.line_key, rule.place),
        *(Use(name, rule.place) for name in declared),
    ]
    plan = plan_table(table, rule.fields, uses, declared)
    reader = FieldReader(plan, sandbox)
    parts = []
    for batch in table.batches(plan.columns):
        if batch.malformed:
            raise MappingError(
                f"table {table.path}: line of data row {batch.malformed[0].row} has "
                f"{batch.malformed[0].values} values, not {len(table.types)}; mend it, as its "
                "order would lose an item"
            )
        parts.append(_lines(rule, reader, batch.frame, currency))
    lines = pl.concat(parts) if parts else _lines(rule, reader, pl.DataFrame(), currency)
    return LineItems(_gathered(lines), lines.height)


def _lines(
    rule: ItemsRule, reader: FieldReader, frame: pl.DataFrame, currency: str | None
) -> pl.DataFrame:
    readings = reader.read(rule.fields, frame, currency)
    values = {path: reading.values for path, reading in readings.items()}
    flaws = [*all_flaws(readings.values()), *reader.declared_flaws(frame)]
    item = order_columns()["items"]
    assert isinstance(item, pl.List)
    assert isinstance(item.inner, pl.Struct)
    columns = [
        (values[part.name] if part.name in values else pl.repeat(None, frame.height, eager=True))
        .cast(part.dtype)
        .alias(part.name)
        for part in item.inner.fields
    ]
    return pl.DataFrame(
        [
            as_text(frame[rule.line_key], rule.place).alias(_KEY),
            pl.DataFrame(columns).to_struct("item"),
            (values["quantity"] * values["unit_price_minor"]).alias(_TOTAL),
            _fault_texts(flaws, frame.height),
        ]
    )


def _fault_texts(flaws: Sequence[Flaw], height: int) -> pl.Series:
    texts: list[str | None] = [None] * height
    for flaw in flaws:
        for row in reasons(flaw).iter_rows(named=True):
            said = f"{row['field']}: {row['reason']}, got {row['value']}"
            before = texts[row["index"]]
            texts[row["index"]] = said if before is None else f"{before}; {said}"
    return pl.Series(_FAULTS, texts, pl.String)


def _gathered(lines: pl.DataFrame) -> pl.DataFrame:
    return (
        lines.drop_nulls(_KEY)
        .group_by(_KEY, maintain_order=True)
        .agg(
            pl.col("item").alias("items"),
            pl.col(_TOTAL).sum(),
            pl.col(_FAULTS).drop_nulls().first(),
        )
    )
