"""CSV as a stream of batches, every value as its own text; bad lines come along, named."""

import csv
import gzip
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import polars as pl
import pyarrow as pa
import pyarrow.csv as pc

from features.errors import MappingError
from training.sources.encodings import undecodable
from training.sources.mapping import TableOptions
from training.sources.tables import ROW, Batch, MalformedLine, cleaned

_BLOCK_BYTES = 16 << 20
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file, plain or gzipped; bytes on disk are its measure of size."""

    path: Path
    types: Mapping[str, pl.DataType]
    total: int
    options: TableOptions
    delimiter: str
    is_gzip: bool
    is_text: bool = True

    @classmethod
    def open(cls, path: Path, options: TableOptions, *, is_gzip: bool) -> "CsvTable":
        """Read the header. Raises MappingError when it cannot be decoded or names one twice."""
        try:
            with _open(path, is_gzip) as file:
                header = _header_line(file, options)
        except UnicodeError as error:
            raise undecodable(path, is_gzip, options.encoding) from error
        except OSError as error:
            raise MappingError(f"table {path} cannot be read: {error}") from error
        delimiter = options.delimiter or max(_DELIMITERS, key=header.count)
        names = options.columns or tuple(_split(header, delimiter, options))
        _refuse_repeated(path, names)
        types = dict.fromkeys(names, pl.String())
        return cls(path, types, path.stat().st_size, options, delimiter, is_gzip)

    def batches(self, columns: Collection[str]) -> Iterator[Batch]:
        """Read these columns and ROW.

        Raises MappingError for undecodable bytes, a quote that is never closed, or a value that
        is larger than a block.
        """
        lines = _Lines(self._rows_before())
        try:
            with self.path.open("rb") as raw, _decompressed(raw, self.is_gzip) as file:
                yield from self._read(file, raw, columns, lines)
        except (pa.ArrowInvalid, UnicodeError) as error:
            raise self._refusal(error) from error
        except (OSError, EOFError) as error:
            raise MappingError(f"table {self.path} cannot be read: {error}") from error

    def _read(
        self, file: IO[bytes], raw: IO[bytes], columns: Collection[str], lines: "_Lines"
    ) -> Iterator[Batch]:
        frame = pl.DataFrame()
        for batch in self._reader(file, lines, columns):
            read = pl.from_arrow(batch)
            assert isinstance(read, pl.DataFrame)
            frame = read.select(*columns) if columns else pl.DataFrame()
            numbers, malformed = lines.take(batch.num_rows)
            clean = cleaned(frame, self.options.null_values) if columns else frame
            yield Batch(
                clean.with_columns(numbers) if columns else numbers.to_frame(),
                malformed,
                raw.tell(),
            )
        _, malformed = lines.take(0)
        if malformed:
            empty = {name: pl.String() for name in columns} | {ROW: pl.Int64()}
            yield Batch(pl.DataFrame(schema=empty), malformed, raw.tell())
        self._refuse_open_quote(frame)

    def _reader(
        self, file: IO[bytes], lines: "_Lines", columns: Collection[str]
    ) -> pc.CSVStreamingReader:
        options = self.options
        text = {name: pa.string() for name in self.types}
        return pc.open_csv(
            pa.PythonFile(file, "r"),
            read_options=pc.ReadOptions(
                use_threads=False,
                block_size=_BLOCK_BYTES,
                skip_rows=options.skip_lines,
                column_names=list(options.columns) if options.columns else None,
                encoding=_arrow_encoding(options.encoding),
            ),
            parse_options=pc.ParseOptions(
                delimiter=self.delimiter,
                quote_char=options.quote or False,
                newlines_in_values=options.quote is not None,
                invalid_row_handler=lines.note,
            ),
            convert_options=pc.ConvertOptions(
                column_types=text,
                include_columns=list(columns) or list(self.types)[:1],
                strings_can_be_null=False,
            ),
        )

    def _rows_before(self) -> int:
        return self.options.skip_lines + (0 if self.options.columns else 1)

    def _refuse_open_quote(self, last: pl.DataFrame) -> None:
        """Refuse a file whose last value swallowed lines because its quote is never closed."""
        if self.options.quote is None or not last.height:
            return
        swallowed = any("\n" in (value or "") for value in last.row(-1))
        if swallowed and _count(self.path, self.is_gzip, self.options.quote) % 2:
            raise MappingError(
                f"table {self.path}: a quote {self.options.quote} is opened and never closed, so "
                "rows are swallowed; mend the line, or say table: {quote: none}"
            )

    def _refusal(self, error: Exception) -> MappingError:
        if isinstance(error, UnicodeError) or "UTF8" in str(error):
            return undecodable(self.path, self.is_gzip, self.options.encoding)
        return MappingError(
            f"table {self.path} cannot be split into rows: {error}. "
            "Look for a quote that is never closed, or say table: {quote: none}"
        )


@dataclass(slots=True)
class _Lines:
    """Numbers the rows of batches, leaving out the malformed ones that the reader skips."""

    before: int
    taken: int = 0
    waiting: list[MalformedLine] = field(default_factory=list)

    def note(self, row: pc.InvalidRow) -> str:
        self.waiting.append(MalformedLine(row.number - self.before, row.text, row.actual_columns))
        return "skip"

    def take(self, count: int) -> tuple[pl.Series, tuple[MalformedLine, ...]]:
        """Number the next `count` good rows; also hand out the malformed ones known so far."""
        bad = {line.row for line in self.waiting}
        upto = self.taken + count + len(bad)
        numbers = pl.int_range(self.taken + 1, upto + 1, eager=True).alias(ROW)
        good = numbers.filter(~numbers.is_in(list(bad))).head(count) if bad else numbers
        last = int(good[-1]) if count else upto
        passed = tuple(line for line in self.waiting if line.row <= last or not count)
        self.waiting = [line for line in self.waiting if line not in passed]
        self.taken = last
        return good, passed


def _open(path: Path, is_gzip: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if is_gzip else path.open("rb")


def _decompressed(raw: IO[bytes], is_gzip: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if is_gzip else raw


def _header_line(file: IO[bytes], options: TableOptions) -> str:
    """Read the first line that is not blank, after those to skip; joined if a quote spans lines."""
    encoding = "utf-8-sig" if options.encoding == "utf-8" else options.encoding
    with io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        for _ in range(options.skip_lines):
            text.readline()
        header = text.readline()
        while header and not header.strip():
            header = text.readline()
        while options.quote and header.count(options.quote) % 2 and (more := text.readline()):
            header += more
    return header


def _split(header: str, delimiter: str, options: TableOptions) -> list[str]:
    if options.quote is None:
        return header.rstrip("\r\n").split(delimiter)
    lines = io.StringIO(header, newline="")
    return next(csv.reader(lines, delimiter=delimiter, quotechar=options.quote), [])


def _refuse_repeated(path: Path, names: tuple[str, ...]) -> None:
    if not any(names):
        raise MappingError(f"table {path} has no header line")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise MappingError(
            f"table {path} has columns of the same name: {', '.join(map(repr, repeated))}; rename "
            "them, or say table: {header: false, skip_lines: 1, columns: [...]}"
        )


def _arrow_encoding(encoding: str) -> str:
    return "utf8" if encoding == "utf-8" else encoding


def _count(path: Path, is_gzip: bool, quote: str) -> int:
    with _open(path, is_gzip) as file:
        chunks = iter(lambda: file.read(_BLOCK_BYTES), b"")
        return sum(chunk.count(quote.encode()) for chunk in chunks)
