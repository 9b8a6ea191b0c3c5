"""Imports a user's table by a mapping: canonical history, or nothing at all."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import polars as pl

from features.errors import ExpressionError, MappingError
from features.history import HistoryWriter
from features.masking import Masker
from features.progress import Progress
from training.sources.batches import BatchReader, BatchReading
from training.sources.mapping_file import load_mapping
from training.sources.opening import open_table
from training.sources.plan import late_columns
from training.sources.preparation import prepare
from training.sources.readings import Flaw, any_row
from training.sources.rejects import Rejects
from training.sources.repeats import SeenIds
from training.sources.report import ImportReport
from training.sources.sandbox import Sandbox
from training.sources.tables import Batch, Table


def import_table(
    table: Path,
    mapping: Path,
    out: Path,
    *,
    masker: Masker,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import `table` by `mapping` into the history folder `out`, which appears only when complete.

    Raises MappingError for a mapping or table that cannot be used, HistoryError when `out`
    exists (unless `overwrite` and it is a history).
    """
    started = perf_counter()
    loaded = load_mapping(mapping)
    opened = open_table(table, loaded.options)
    with Sandbox() as sandbox, HistoryWriter(out, overwrite=overwrite) as writer:
        job = _Job(opened, prepare(loaded, opened, sandbox, masker), writer)
        for batch in opened.batches(job.reader.reader.plan.columns):
            job.take(batch)
            if progress is not None:
                progress(batch.done, opened.total, table.name)
        return job.finish(out, started)


@dataclass(slots=True)
class _Job:
    """One import under way."""

    table: Table
    reader: BatchReader
    writer: HistoryWriter
    rejects: Rejects = field(default_factory=Rejects)
    unmapped: Counter[str] = field(default_factory=Counter)
    currencies: set[str] = field(default_factory=set)
    item_keys: list[pl.Series] = field(default_factory=list)
    read: int = 0
    skipped: int = 0
    seen: SeenIds = field(default_factory=SeenIds)

    def take(self, batch: Batch) -> None:
        """Read, judge and write one batch."""
        self.read += batch.frame.height + len(batch.malformed)
        self.rejects.add_malformed(batch.malformed, len(self.table.types))
        frame = self._without_skipped(batch.frame)
        if not frame.height:
            return
        reading = self.reader.read(frame)
        good = ~any_row(reading.flaws, frame.height)
        repeated = self._repeated(reading.columns["order_id"], good)
        flaws = [*reading.flaws, *([repeated] if repeated.rows.any() else [])]
        self.rejects.add(frame, reading.columns["order_id"], flaws)
        self._write(reading, good & ~repeated.rows)

    def finish(self, out: Path, started: float) -> ImportReport:
        """Write what is left, check that the counts add up and describe the history."""
        counts = self.writer.manifest
        orders, outcomes = int(counts["orders"]), int(counts["outcomes"])
        if self.read != orders + self.rejects.count + self.skipped:
            raise MappingError(
                f"counts do not add up: {self.read} read, {orders} orders, "
                f"{self.rejects.count} rejected, {self.skipped} skipped"
            )
        self._refuse_nothing(orders)
        self.writer.write_extra("rejects", self.rejects.table())
        items = self.reader.items
        report = ImportReport(
            str(out),
            self.read,
            orders,
            self.rejects.count,
            self.skipped,
            outcomes,
            dict(self.unmapped.most_common()),
            self.rejects.by_reason(),
            items.lines if items else 0,
            items.unmatched(pl.concat(self.item_keys)) if items else 0,
            round(perf_counter() - started, 3),
        )
        counts.update(self._described(report))
        return report

    def _without_skipped(self, frame: pl.DataFrame) -> pl.DataFrame:
        skip = self.reader.mapping.skip
        if skip is None:
            return frame
        expression, place = skip
        try:
            kept = frame.filter(~self.reader.reader.holds(expression, frame))
        except ExpressionError as error:
            raise place.refuse(str(error)) from error
        self.skipped += frame.height - kept.height
        return kept

    def _repeated(self, ids: pl.Series, good: pl.Series) -> Flaw:
        """Mark the good rows whose order id an earlier good row has."""
        chosen = ids.filter(good)
        fresh = chosen.is_first_distinct() & ~self.seen.known(chosen)
        self.seen.add(chosen.filter(fresh))
        is_first = good.clone().scatter(good.arg_true(), fresh)
        return Flaw("order_id", "duplicate", "an id that no earlier row has", good & ~is_first, ids)

    def _write(self, reading: BatchReading, good: pl.Series) -> None:
        orders = pl.DataFrame([values.alias(name) for name, values in reading.columns.items()])
        kept = orders.filter(good)
        if kept.height:
            self.writer.write_orders(kept)
            self.currencies |= set(kept["currency"].unique())
        if reading.item_keys is not None:
            self.item_keys.append(reading.item_keys.filter(good))
        for outcome in reading.outcomes:
            rows = outcome.rows.filter(good & outcome.rows["outcome_class"].is_not_null())
            if rows.height:
                self.writer.write_outcomes(rows)
            strange = outcome.unmapped.filter(good).drop_nulls().value_counts()
            self.unmapped.update(dict(strange.iter_rows()))

    def _refuse_nothing(self, orders: int) -> None:
        if orders:
            return
        listed = ", ".join(f"{name} ({n})" for name, n in self.rejects.by_reason().items())
        first = self.rejects.table().head(1)["reasons"].to_list()
        raise MappingError(
            f"table {self.table.path}: none of {self.read} rows became an order, so nothing is "
            f"written. {'Reasons: ' + listed if listed else 'It has no rows to import.'}"
            + (f". First row: {_first_reason(first[0])}" if first else "")
        )

    def _described(self, report: ImportReport) -> dict[str, object]:
        mapping = self.reader.mapping
        late = late_columns(mapping)
        return {
            "source": mapping.name,
            "simulated": mapping.simulated,
            "mapping": {
                "name": mapping.name,
                "version": mapping.version,
                "file": mapping.file,
                "sha256": mapping.sha256,
            },
            "table": self.table.path.name,
            "read": report.read,
            "skipped": report.skipped,
            "by_reason": report.by_reason,
            "unmapped_outcomes": report.unmapped_outcomes,
            "ordering": "sequence" if mapping.ordering else "time",
            "known_after_submission": [*late, *(f"attributes.{name}" for name in late)],
            "currencies": sorted(self.currencies),
            "column_types": {
                name: kind.value for name, kind in self.reader.reader.plan.types.items()
            },
        }


def _first_reason(reasons: list[dict[str, str]]) -> str:
    return "; ".join(
        f"{one['field']}: got {one['value']}, expected {one['expected']}" for one in reasons
    )
