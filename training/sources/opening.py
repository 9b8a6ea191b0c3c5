"""Opens a user's table by what it is."""

from pathlib import Path

from features.errors import MappingError
from training.sources.csv_table import CsvTable
from training.sources.mapping import TableOptions
from training.sources.parquet_table import ParquetTable
from training.sources.tables import Table

_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"


def open_table(path: Path, options: TableOptions) -> Table:
    """Open a CSV (also gzipped) or Parquet file by its content, or as `table: format` says.

    Raises MappingError when it is absent, empty or of another format.
    """
    start = _first_bytes(path)
    if options.format == "parquet" or (options.format is None and start == _PARQUET):
        return ParquetTable.open(path, options)
    return CsvTable.open(path, options, is_gzip=start.startswith(_GZIP))


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise MappingError(f"table {path} cannot be read: {error.strerror}") from error
    if not start:
        raise MappingError(f"table {path} is empty")
    return start
