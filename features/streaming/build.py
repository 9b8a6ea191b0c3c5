"""Builds the features of a history into a file, within bounds of memory."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from features.catalog import Catalog
from features.catalog_resolver import facts_of
from features.columnar import facts_of_orders, finished, with_nulls
from features.columnar_past import by_entity
from features.columnar_rows import instants
from features.feature import WindowFeature
from features.history_schema import AS_OF, INSTANT
from features.kernel.events import Int64s
from features.links.columnar import build_links
from features.progress import Progress, silent
from features.streaming.chunks import Chunks
from features.streaming.entity import EntityStage
from features.streaming.exchange import Exchange
from features.streaming.marks import marked, split_orders, split_outcomes
from features.streaming.parts import Parts
from features.streaming.plan import Plan


@dataclass(frozen=True, slots=True)
class Streamed:
    """How many rows were written, and how many bytes went over disk to do it."""

    rows: int
    spilled_bytes: int


def stream_features(
    history: Path, catalog: Catalog, out: Path, plan: Plan, *, progress: Progress = silent
) -> Streamed:
    """Write `order_id` and the catalog's features of every order to `out`.

    The same rows in the same order as `build_features`, a row group for each chunk. What is
    spilled goes to a hidden folder beside `out` that is removed at the end, and `out` appears
    only when all is written.
    """
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.absolute().parent))
    try:
        build = _Build(history, catalog, plan, scratch, progress)
        unfinished = scratch / "features.parquet"
        build.write(unfinished)
        unfinished.replace(out)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Streamed(build.rows, build.spilled_bytes)


class _Build:
    """The steps of one build; every step reads what the one before it left on disk."""

    def __init__(
        self, history: Path, catalog: Catalog, plan: Plan, scratch: Path, progress: Progress
    ) -> None:
        self._catalog = catalog
        self._plan = plan
        self._scratch = scratch
        self._report = progress
        self._done = 0
        self._exchanges: list[Exchange] = []
        self._orders = Parts(history, "orders")
        self._outcomes = Parts(history, "outcomes")
        self._spans = self._orders.spans(plan.chunk_rows)
        self._groups = by_entity(catalog.windows)
        self.rows = self._orders.rows

    def write(self, out: Path) -> None:
        """Do every step, and write the file."""
        chunks = self._facts(*self._split_by_order())
        measured = [self._measured(chunks, members) for members in self._groups]
        if self._catalog.links:
            measured.append(self._linked(chunks))
        writer: pq.ParquetWriter | None = None
        try:
            for frame in self._finished(chunks, measured):
                table = frame.to_arrow()
                writer = writer or pq.ParquetWriter(out, table.schema, compression="zstd")
                writer.write_table(table, row_group_size=max(1, frame.height))
                self._step("writing")
        finally:
            if writer is not None:
                writer.close()

    def _step(self, what: str) -> None:
        self._done += 1
        per_entity = len(self._spans) + self._plan.partitions
        steps = 3 * len(self._spans) + self._plan.partitions + len(self._groups) * per_entity
        self._report(self._done, steps, what)

    def _exchange(self, name: str, destinations: int) -> Exchange:
        exchange = Exchange(self._scratch / name, destinations)
        self._exchanges.append(exchange)
        return exchange

    @property
    def spilled_bytes(self) -> int:
        return sum(exchange.bytes_written for exchange in self._exchanges)

    def _split_by_order(self) -> tuple[Chunks, Exchange, Exchange]:
        """Number the rows, and find by order id what ended each and what was answered."""
        parts = self._plan.partitions
        ids, answers = self._exchange("ids", parts), self._exchange("outcomes", parts)
        starts = [0]
        for start, end in self._spans:
            orders = self._orders.read(start, end, ["order_id", AS_OF])
            split_orders(orders, starts[-1], ids, parts)
            starts.append(starts[-1] + orders.height)
            self._step("order ids")
        split_outcomes(self._outcomes, self._plan.chunk_rows, answers, parts)
        chunks = Chunks(self._scratch / "chunks", starts[:-1])
        marks = self._exchange("marks", len(self._spans))
        told = self._exchange("answers", len(self._spans))
        for part in range(parts):
            ended, about = marked(ids, answers, part)
            marks.write(ended, chunks.of_rows(ended["row"].to_numpy()))
            told.write(about, chunks.of_rows(about["row"].to_numpy()))
            self._step("outcomes")
        ids.remove()
        answers.remove()
        return chunks, marks, told

    def _facts(self, chunks: Chunks, marks: Exchange, answers: Exchange) -> Chunks:
        for chunk, (start, end) in enumerate(self._spans):
            orders = self._orders.read(start, end)
            facts = facts_of_orders(orders, self._catalog)
            beside = (
                marks.read(chunk)
                .sort("row")
                .with_columns(
                    pl.Series("as_of_us", instants(orders, AS_OF)),
                    pl.Series("placed_us", instants(orders, "placed_at")),
                )
            )
            chunks.write(chunk, facts.hstack(beside), answers.read(chunk))
            self._step("facts")
        marks.remove()
        answers.remove()
        return chunks

    def _measured(self, chunks: Chunks, features: Sequence[WindowFeature]) -> Exchange:
        name, parts = features[0].entity.name, self._plan.partitions
        rows = self._exchange(f"rows-{name}", parts)
        answers = self._exchange(f"answers-{name}", parts)
        back = self._exchange(f"columns-{name}", len(self._spans))
        stage = EntityStage(features, chunks, rows, answers, parts)
        stage.split(lambda: self._step(name))
        stage.measure(back, lambda: self._step(name))
        return back

    def _linked(self, chunks: Chunks) -> Exchange:
        """Walk the links of all orders at once: their keys have no partition of their own."""
        names = {"order_id", *(name for link in self._catalog.links for name in facts_of(link))}
        columns = [*sorted(names), "as_of_us", "placed_us"]
        rows = pl.concat([chunks.rows(chunk, columns) for chunk in range(len(chunks.starts))])
        orders = rows.select(
            pl.col("placed_us").cast(INSTANT).alias("placed_at"),
            pl.col("as_of_us").cast(INSTANT).alias(AS_OF),
        )
        number = np.arange(rows.height)
        table = build_links(self._catalog.links, rows.select(sorted(names)), orders)
        back = self._exchange("columns-links", len(self._spans))
        measured = {name: column.fill_null(np.nan) for name, column in table.items()}
        back.write(pl.DataFrame({"row": number, **measured}), chunks.of_rows(number))
        return back

    def _finished(self, chunks: Chunks, measured: Sequence[Exchange]) -> Iterator[pl.DataFrame]:
        for chunk in range(len(self._spans)):
            facts = chunks.rows(chunk)
            table: dict[str, pl.Series] = {}
            for back in measured:
                columns = back.read(chunk)
                place = columns["row"].to_numpy() - chunks.starts[chunk]
                for column in columns.drop("row"):
                    table[column.name] = _laid_out(column, place, facts.height)
            built = finished(self._catalog, facts, table)
            yield built.insert_column(0, facts["order_id"])


def _laid_out(column: pl.Series, place: Int64s, height: int) -> pl.Series:
    values = np.full(height, np.nan)
    values[place] = column.to_numpy()
    return with_nulls(column.name, values)
