"""A history: a folder of orders and outcomes with a manifest; written whole or not at all."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from features.errors import HistoryError
from features.history_schema import (
    AS_OF,
    OUTCOME_COLUMNS,
    conform_orders,
    conform_outcomes,
    frame_from_orders,
    order_from_row,
)

FORMAT = 1
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class History:
    """What was ordered, sorted by as_of, and what was learned of it, sorted by received_at."""

    folder: Path
    orders: pl.DataFrame
    outcomes: pl.DataFrame
    manifest: dict[str, Any]


class HistoryWriter:
    """Writes a history beside its place and moves it there when all is written.

    Leaving the `with` block by an exception removes what was written and changes nothing else.
    Raises HistoryError when the folder exists, unless `overwrite` and it is a history itself.
    """

    def __init__(self, folder: Path, *, overwrite: bool = False) -> None:
        self._folder = folder.absolute()
        self._overwrite = overwrite
        self._parts = {"orders": 0, "outcomes": 0}
        self._extras: dict[str, pq.ParquetWriter] = {}
        self.manifest: dict[str, Any] = {
            "format": FORMAT,
            "orders": 0,
            "outcomes": 0,
            "rejects": 0,
            "simulated": False,
            "source": "",
            "known_after_submission": [],
            "ordering": "time",
        }

    def __enter__(self) -> "HistoryWriter":
        self._refuse_existing()
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(
            tempfile.mkdtemp(prefix=f".{self._folder.name}.", dir=self._folder.parent)
        )
        self._partial = self._scratch / "history"
        for table in self._parts:
            (self._partial / table).mkdir(parents=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            for extra in self._extras.values():
                extra.close()
            if error is None:
                self._publish()
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def write_orders(self, orders: pl.DataFrame) -> None:
        """Add one part of orders; parts may overlap in time, reading sorts them."""
        self._write_part("orders", conform_orders(orders))

    def write_outcomes(self, outcomes: pl.DataFrame) -> None:
        """Add one part of outcomes."""
        self._write_part("outcomes", conform_outcomes(outcomes))

    def write_extra(self, name: str, frame: pl.DataFrame) -> None:
        """Add a table of its own, `NAME.parquet`, such as `truth` or `rejects`."""
        frame.write_parquet(self._partial / f"{name}.parquet")
        if name == "rejects":
            self.manifest["rejects"] = frame.height

    def write_extra_part(self, name: str, frame: pl.DataFrame) -> None:
        """Add rows to a table of its own, `NAME.parquet`, which never stands whole in memory.

        Raises HistoryError when the columns differ from those of its first part.
        """
        rows = frame.to_arrow()
        if name not in self._extras:
            path = self._partial / f"{name}.parquet"
            self._extras[name] = pq.ParquetWriter(path, rows.schema, compression="zstd")
        growing = self._extras[name]
        if rows.schema != growing.schema:
            raise HistoryError(
                f"{name} was begun with the columns {', '.join(growing.schema.names)}, but this "
                f"part has {', '.join(rows.schema.names)}, or other types; write all parts alike"
            )
        growing.write_table(rows)

    def _write_part(self, table: str, frame: pl.DataFrame) -> None:
        frame.write_parquet(self._partial / table / f"part-{self._parts[table]:05d}.parquet")
        self._parts[table] += 1
        self.manifest[table] += frame.height

    def _refuse_existing(self) -> None:
        if not self._folder.exists():
            return
        if not self._overwrite:
            raise HistoryError(
                f"{self._folder} exists; name another folder, or ask to overwrite it"
            )
        if not (self._folder / _MANIFEST).is_file():
            raise HistoryError(f"{self._folder} is no history, so it is not overwritten")

    def _publish(self) -> None:
        if not self._parts["orders"]:
            raise HistoryError(f"no orders were written to {self._folder}")
        text = json.dumps(self.manifest, indent=2, ensure_ascii=False, sort_keys=True)
        (self._partial / _MANIFEST).write_text(text + "\n", encoding="utf-8")
        self._refuse_existing()
        if self._folder.exists():
            self._folder.rename(self._scratch / "replaced")
        self._partial.rename(self._folder)


def read_history(folder: Path) -> History:
    """Read a history whole.

    Raises HistoryError when the folder is absent, unfinished, of another format, or its counts
    differ from its manifest.
    """
    manifest = read_manifest(folder)
    orders = _read_parts(folder / "orders")
    if orders is None:
        raise HistoryError(f"{folder} holds no orders; write it again")
    outcomes = _read_parts(folder / "outcomes")
    if outcomes is None:
        outcomes = pl.DataFrame(schema=dict(OUTCOME_COLUMNS))
    for table, frame in (("orders", orders), ("outcomes", outcomes)):
        if frame.height != manifest[table]:
            raise HistoryError(
                f"{folder} holds {frame.height} {table}, but its manifest counts "
                f"{manifest[table]}; write it again"
            )
    return History(folder, _sorted_by(orders, AS_OF), _sorted_by(outcomes, "received_at"), manifest)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read only what a history says of itself. Raises HistoryError as `read_history` does."""
    path = folder / _MANIFEST
    if not path.is_file():
        raise HistoryError(f"{folder} is no history: it has no {_MANIFEST}")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise HistoryError(f"{path} is not JSON ({error}); write the history again") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise HistoryError(f"{path} is of another format; this version reads format {FORMAT}")
    return manifest


def _read_parts(folder: Path) -> pl.DataFrame | None:
    parts = sorted(folder.glob("part-*.parquet"))
    if not parts:
        return None
    return pl.concat([pl.read_parquet(part) for part in parts], how="diagonal_relaxed")


def _sorted_by(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    if frame[column].is_sorted():
        return frame.set_sorted(column)
    return frame.sort(column, maintain_order=True)


__all__ = [
    "History",
    "HistoryWriter",
    "frame_from_orders",
    "order_from_row",
    "read_history",
    "read_manifest",
]
