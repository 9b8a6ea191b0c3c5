"""Builds the features of a history into one file: in memory where it fits, else on disk."""

from dataclasses import dataclass
from pathlib import Path

from features.catalog import Catalog, load_catalog
from features.columnar import build_features
from features.columnar_facts import attribute_kinds
from features.columnar_past import by_entity
from features.errors import PreflightError
from features.history import read_history
from features.progress import Progress, silent
from features.streaming.build import stream_features
from features.streaming.parts import Parts
from features.streaming.plan import bytes_needed, memory_of_machine, plan_for


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """What was written: how many orders, by which catalog, and what was exchanged over disk."""

    rows: int
    catalog: Catalog
    spilled_bytes: int

    @property
    def streamed(self) -> bool:
        return self.spilled_bytes > 0


def build_file(
    history: Path,
    out: Path,
    *,
    catalog: Path | None = None,
    memory: int | None = None,
    progress: Progress = silent,
) -> BuiltFile:
    """Write `order_id` and every feature of a history to a Parquet file, whole or not at all.

    `memory` is in bytes, half of the machine's where it is not given; a history that needs more
    is built piece by piece on disk, and gives the same values. Raises PreflightError when the
    file exists or its folder does not.
    """
    if out.exists():
        raise PreflightError(f"{out} exists; name another file, or remove it first")
    if not out.absolute().parent.is_dir():
        raise PreflightError(f"there is no folder {out.absolute().parent}; make it first")
    loaded = load_catalog(catalog, attribute_kinds(Parts(history, "orders").empty))
    return build_into(history, out, loaded, memory=memory, progress=progress)


def build_into(
    history: Path,
    out: Path,
    catalog: Catalog,
    *,
    memory: int | None = None,
    progress: Progress = silent,
) -> BuiltFile:
    """Do what `build_file` does, by a loaded catalog; replaces a file that is there."""
    orders = Parts(history, "orders")
    unpacked = orders.bytes_unpacked() + Parts(history, "outcomes").bytes_unpacked()
    memory = memory_of_machine() if memory is None else memory
    if bytes_needed(orders.rows, unpacked, len(catalog.names)) > memory:
        groups = by_entity(catalog.windows)
        plan = plan_for(orders.rows, unpacked, groups, len(catalog.names), memory)
        streamed = stream_features(history, catalog, out, plan, progress=progress)
        return BuiltFile(streamed.rows, catalog, streamed.spilled_bytes)
    whole = read_history(history)
    built = build_features(whole, catalog, progress=progress)
    unfinished = out.with_name(f".{out.name}.unfinished")
    built.insert_column(0, whole.orders["order_id"]).write_parquet(unfinished)
    unfinished.replace(out)
    return BuiltFile(built.height, catalog, spilled_bytes=0)
