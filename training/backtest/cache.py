"""The features of a history, built once and kept in the data folder until something changes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import msgspec
import pyarrow.parquet as pq

from features.addresses import ADDRESS_PARTS
from features.calendar import Calendar
from features.catalog import Catalog
from features.columnar_facts import fact_frame
from features.fact_groups import ADDRESS_FACTS
from features.history_schema import AS_OF
from features.progress import Progress, silent
from features.streaming.file import build_into
from features.streaming.parts import Parts

FEATURES_FOLDER = "features"
"""Its name in the data folder (PREFLIGHT_HOME)."""
_BLOCK = 1 << 20
_AT_ONCE = 100_000
"""Orders whose addresses are read at once."""
_NO_CALENDAR = Calendar("UTC")
"""No address reads the calendar."""
_DIGITS = 16


class FeatureKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that decides the values: when one of them is another, the features are built anew."""

    history: str
    schema: str
    code: str


@dataclass(frozen=True, slots=True)
class Features:
    """A file of features, row by row as the history stands, and how it was come by."""

    path: Path
    addresses: Path
    """What is read out of the addresses, which takes longer than all other facts together."""
    said: str
    """In plain words: whether it was there, or why it was built."""
    was_built: bool


def cached_features(
    history: Path, catalog: Catalog, home: Path, progress: Progress = silent
) -> Features:
    """Give the features of a history; builds them where none are kept or they no longer match."""
    key = FeatureKey(history=fingerprint(history), schema=catalog.schema_hash, code=code_version())
    folder = home / FEATURES_FOLDER / key.history
    label = folder / f"{key.schema}.json"
    found = Features(
        folder / f"{key.schema}.parquet", folder / f"{key.schema}-addresses.parquet", "", False
    )
    why = _why_not(found, label, key)
    if why is None:
        return replace(found, said=f"features were kept from before: {found.path}")
    folder.mkdir(parents=True, exist_ok=True)
    label.unlink(missing_ok=True)
    build_into(history, found.path, catalog, progress=progress)
    _write_addresses(history, found.addresses, progress)
    label.write_bytes(msgspec.json.encode(key))
    said = f"features were built, {why}; they are kept in {found.path}"
    return replace(found, said=said, was_built=True)


def _write_addresses(history: Path, path: Path, progress: Progress) -> None:
    parts, unfinished = Parts(history, "orders"), path.with_name(f".{path.name}.unfinished")
    writer: pq.ParquetWriter | None = None
    columns = ["order_id", AS_OF, *(name for name in ADDRESS_PARTS if name in parts.empty.columns)]
    spans = parts.spans(_AT_ONCE)
    try:
        for done, (start, end) in enumerate(spans):
            orders = parts.read(start, end, columns)
            facts = fact_frame(orders, ADDRESS_FACTS, {}, _NO_CALENDAR)
            table = facts.insert_column(0, orders["order_id"]).to_arrow()
            writer = writer or pq.ParquetWriter(unfinished, table.schema, compression="zstd")
            writer.write_table(table)
            progress(done, len(spans), "addresses")
    finally:
        if writer is not None:
            writer.close()
    unfinished.replace(path)


def fingerprint(history: Path) -> str:
    """Hash the content of a history's orders and outcomes: 16 hex digits."""
    files = [*sorted((history / "orders").glob("*")), *sorted((history / "outcomes").glob("*"))]
    return _hashed(files, history)


def code_version() -> str:
    """Hash the source of everything that computes features: 16 hex digits."""
    room = Path(__file__).parents[2] / "features"
    return _hashed(sorted(room.rglob("*.py")), room)


def _hashed(files: Iterable[Path], below: Path) -> str:
    digest = sha256()
    for path in files:
        digest.update(f"{path.relative_to(below)} {path.stat().st_size}\n".encode())
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()[:_DIGITS]


def _why_not(found: Features, label: Path, key: FeatureKey) -> str | None:
    """Say why what is kept cannot be used; None where it can."""
    try:
        kept = msgspec.json.decode(label.read_bytes(), type=FeatureKey)
    except FileNotFoundError:
        return "as none are kept for this history and catalog"
    except (msgspec.DecodeError, msgspec.ValidationError):
        return f"as {label} cannot be read"
    for path in (found.path, found.addresses):
        if not path.is_file():
            return f"as {path} is gone"
    return None if kept == key else "as those kept were computed by another version of the code"
