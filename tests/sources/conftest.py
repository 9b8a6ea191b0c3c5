"""A bench for imports: a table and a mapping as text, imported into a folder of the test's own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from features.history import History, read_history
from features.masking import Masker
from training.sources.importer import import_table
from training.sources.report import ImportReport

MINIMAL: dict[str, Any] = {
    "mapping": "test",
    "time_zone": "UTC",
    "order": {
        "order_id": "id",
        "merchant_id": {"constant": "m"},
        "channel": {"constant": "generic"},
        "placed_at": {"constant": "2026-03-01T10:00:00Z"},
        "amount_minor": {"constant": "100"},
        "currency": {"constant": "EUR"},
    },
}


@dataclass(slots=True)
class Bench:
    """Imports tables below one folder; `out` is where the last one went."""

    folder: Path
    masker: Masker
    out: Path = field(init=False)

    def __post_init__(self) -> None:
        self.out = self.folder / "out"

    def mapping(self, order: dict[str, Any] | None = None, **sections: Any) -> dict[str, Any]:
        """The smallest mapping, with more or other fields and sections."""
        return {**MINIMAL, "order": {**MINIMAL["order"], **(order or {})}, **sections}

    def run(
        self, table: str | bytes | pl.DataFrame, mapping: dict[str, Any] | str, **options: Any
    ) -> ImportReport:
        """Import a CSV given as text or bytes, or a frame as Parquet."""
        written = mapping if isinstance(mapping, str) else yaml.safe_dump(mapping, sort_keys=False)
        (self.folder / "mapping.yaml").write_text(written, encoding="utf-8")
        return import_table(
            self._write(table),
            self.folder / "mapping.yaml",
            self.out,
            masker=self.masker,
            **{"overwrite": True, **options},
        )

    def one(self, order: dict[str, Any], raw: str, **sections: Any) -> Any:
        """Import one row with the single value `raw` in column `x`; give its fault or its order."""
        table = pl.DataFrame(
            {"id": ["1", "2"], "x": [None, raw]}, {"id": pl.String, "x": pl.String}
        )
        self.run(table, self.mapping(order, **sections))
        rejected = self.rejected()
        return rejected[0] if rejected else self.history().orders.to_dicts()[-1]

    def history(self) -> History:
        """The last import's history."""
        return read_history(self.out)

    def column(self, name: str) -> list[Any]:
        """One column of the last import's orders."""
        return self.history().orders[name].to_list()

    def rejected(self) -> list[tuple[int, str, str]]:
        """Row, field and reason of each reject of the last import."""
        table = pl.read_parquet(self.out / "rejects.parquet").explode("reasons").unnest("reasons")
        return list(table.select("row", "field", "reason").iter_rows())

    def _write(self, table: str | bytes | pl.DataFrame) -> Path:
        path = self.folder / ("table.parquet" if isinstance(table, pl.DataFrame) else "table.csv")
        if isinstance(table, pl.DataFrame):
            table.write_parquet(path)
        else:
            path.write_bytes(table.encode() if isinstance(table, str) else table)
        return path


@pytest.fixture
def bench(tmp_path: Path, masker: Masker) -> Bench:
    """A bench in a folder of its own."""
    return Bench(tmp_path, masker)


@pytest.fixture(scope="session")
def make_bench(tmp_path_factory: pytest.TempPathFactory, masker: Masker) -> Callable[[], Bench]:
    """Makes benches for property tests, which run many times in one test."""
    return lambda: Bench(tmp_path_factory.mktemp("bench"), masker)
