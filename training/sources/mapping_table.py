"""The `table` section: how a file is read."""

import codecs
from collections.abc import Mapping

from features.errors import suggest
from training.sources.mapping import ColumnType, TableOptions
from training.sources.mapping_tree import Entry

_KEYS = (
    "format",
    "delimiter",
    "quote",
    "encoding",
    "null_values",
    "header",
    "columns",
    "skip_lines",
    "types",
)
_ENCODINGS = ("utf-8", "gb18030", "gbk", "big5", "utf-16", "latin-1", "cp1252", "shift_jis")
_MOST_SKIPPED = 1_000
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}


def parse_table_options(section: Entry | None) -> TableOptions:
    """Read how a file is to be read. Raises MappingError."""
    if section is None:
        return TableOptions()
    entries = section.section(_KEYS)
    nulls = entries.get("null_values")
    skipped = entries.get("skip_lines")
    return TableOptions(
        format=entries["format"].choice(("csv", "parquet")) if "format" in entries else None,
        delimiter=_delimiter(entries.get("delimiter")),
        quote=_quote(entries.get("quote")),
        encoding=_encoding(entries.get("encoding")),
        null_values=("", *(entry.text() for entry in nulls.sequence())) if nulls else ("",),
        columns=_columns(section, entries),
        skip_lines=skipped.whole(0, _MOST_SKIPPED) if skipped else 0,
        types=_types(entries.get("types")),
    )


def _delimiter(entry: Entry | None) -> str | None:
    if entry is None:
        return None
    delimiter = _DELIMITERS.get(entry.text(), entry.text())
    if len(delimiter) != 1 or not delimiter.isascii():
        raise entry.refuse(f"expected one character or one of {', '.join(_DELIMITERS)}")
    return delimiter


def _quote(entry: Entry | None) -> str | None:
    if entry is None:
        return '"'
    if entry.text() == "none":
        return None
    if len(entry.text()) != 1 or not entry.text().isascii():
        raise entry.refuse("expected one character, or none")
    return entry.text()


def _encoding(entry: Entry | None) -> str:
    if entry is None:
        return "utf-8"
    name = entry.text()
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise entry.refuse(
            f"unknown encoding {name!r}.{suggest(name, _ENCODINGS)} "
            f"Usual ones: {', '.join(_ENCODINGS)}"
        ) from None


def _columns(section: Entry, entries: Mapping[str, Entry]) -> tuple[str, ...] | None:
    has_header = entries["header"].flag() if "header" in entries else True
    if has_header and "columns" in entries:
        raise entries["columns"].refuse("columns are named only with header: false")
    if not has_header and "columns" not in entries:
        raise section.refuse("header: false needs columns: [their names, in order]")
    if has_header:
        return None
    return tuple(entry.text() for entry in entries["columns"].sequence())


def _types(section: Entry | None) -> Mapping[str, ColumnType]:
    if section is None:
        return {}
    known = [kind.value for kind in ColumnType]
    return {name: ColumnType(entry.choice(known)) for name, entry in section.mapping().items()}
