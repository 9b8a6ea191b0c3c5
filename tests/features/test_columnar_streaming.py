"""A history that is built piece by piece on disk gives the features that memory gives."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from features.catalog import Catalog, parse_catalog
from features.cli import app
from features.columnar import build_features
from features.errors import CatalogError, HistoryError, PreflightError
from features.history import History, HistoryWriter, read_history
from features.streaming.build import stream_features
from features.streaming.file import build_file
from features.streaming.plan import Plan, bytes_needed, parse_memory, plan_for
from tests.features.worlds import CATALOG_TEXT, all_measures, busy_history, histories

CATALOG = all_measures()
LINKED = parse_catalog(
    """
catalog: linked
entities: {buyer: buyer.id, device: device.id, city: receiver.city}
links:
  - {entity: buyer, measure: reach, through: [device, city], over: [3s, 10s]}
windows:
  - {entity: buyer, measure: count, over: 10s}
"""
)


def write(history: History, folder: Path, parts: int) -> None:
    """Write a history in files that overlap in time."""
    with HistoryWriter(folder) as writer:
        for part in range(parts):
            writer.write_orders(history.orders.gather_every(parts, part))
            writer.write_outcomes(history.outcomes.gather_every(parts, part))


def streamed(history: Path, catalog: Catalog, plan: Plan) -> pl.DataFrame:
    out = history.with_name("features.parquet")
    stream_features(history, catalog, out, plan)
    return pl.read_parquet(out)


def in_memory(folder: Path, catalog: Catalog) -> pl.DataFrame:
    history = read_history(folder)
    built = build_features(history, catalog)
    return built.insert_column(0, history.orders["order_id"])


@given(histories(), st.integers(1, 3), st.integers(1, 7), st.integers(1, 3))
@settings(max_examples=8)
def test_streamed_features_equal_those_built_in_memory(
    history: History, parts: int, chunk_rows: int, partitions: int
) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place) / "history"
        write(history, folder, parts)
        built = streamed(folder, CATALOG, Plan(chunk_rows, partitions))
        assert built.equals(in_memory(folder, CATALOG))
        assert {path.name for path in Path(place).iterdir()} == {"features.parquet", "history"}


@pytest.mark.parametrize("catalog", [CATALOG, LINKED], ids=["all-measures", "linked"])
def test_a_long_history_is_streamed_alike(tmp_path: Path, catalog: Catalog) -> None:
    write(busy_history(500, 4), tmp_path / "history", 3)
    built = streamed(tmp_path / "history", catalog, Plan(chunk_rows=37, partitions=5))
    assert built.equals(in_memory(tmp_path / "history", catalog))


def test_the_command_streams_what_does_not_fit(tmp_path: Path) -> None:
    write(busy_history(3_000, 5), tmp_path / "history", 2)
    (tmp_path / "catalog.yaml").write_text(CATALOG_TEXT, encoding="utf-8")
    said = [build(tmp_path, memory) for memory in ("1MB", "4GB")]
    assert [one["streamed"] for one in said] == [True, False]
    assert said[1]["spilled_bytes"] == 0
    small, large = (pl.read_parquet(tmp_path / f"{memory}.parquet") for memory in ("1MB", "4GB"))
    assert small.equals(large)


def build(folder: Path, memory: str) -> dict[str, object]:
    arguments = ["build", "--history", folder / "history", "--catalog", folder / "catalog.yaml"]
    arguments += ["--out", folder / f"{memory}.parquet", "--memory", memory, "--json"]
    result = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    said: dict[str, object] = json.loads(result.stdout)
    return said


def test_a_build_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    history = busy_history(30, 6)
    priced = history.orders.with_columns(pl.lit(1.5).alias("attributes.price"))
    write(History(history.folder, priced, history.outcomes, {}), tmp_path / "history", 1)
    catalog = parse_catalog(
        "{catalog: c, attributes: {price: number}, entities: {buyer: buyer.id},"
        " windows: [{entity: buyer, measure: sum, of: attributes.price, over: 1d}]}"
    )
    with pytest.raises(CatalogError, match="only whole numbers are added up"):
        stream_features(tmp_path / "history", catalog, tmp_path / "out.parquet", Plan(10, 2))
    assert [path.name for path in tmp_path.iterdir()] == ["history"]


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    write(busy_history(5, 7), tmp_path / "history", 1)
    (tmp_path / "out.parquet").touch()
    with pytest.raises(PreflightError, match=r"out\.parquet exists; name another file"):
        build_file(tmp_path / "history", tmp_path / "out.parquet")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    write(busy_history(5, 7), tmp_path / "history", 1)
    with pytest.raises(PreflightError, match="there is no folder"):
        build_file(tmp_path / "history", tmp_path / "nowhere" / "out.parquet")


def test_a_history_that_lost_a_file_is_refused(tmp_path: Path) -> None:
    write(busy_history(20, 8), tmp_path / "history", 2)
    (tmp_path / "history" / "orders" / "part-00001.parquet").unlink()
    with pytest.raises(HistoryError, match="holds 10 orders, but its manifest counts 20"):
        stream_features(tmp_path / "history", CATALOG, tmp_path / "out.parquet", Plan(10, 2))


def test_less_memory_means_smaller_pieces() -> None:
    groups = [CATALOG.windows]
    plans = [plan_for(10**6, 10**9, groups, 60, memory) for memory in (10**9, 4 * 10**9)]
    assert plans[0].chunk_rows < plans[1].chunk_rows
    assert plans[0].partitions > plans[1].partitions
    assert bytes_needed(10**6, 10**9, 60) > 4 * 10**9


@pytest.mark.parametrize("text", ["2", "2 TB", "-1GB", "a lot"])
def test_an_amount_of_memory_needs_a_number_and_a_unit(text: str) -> None:
    with pytest.raises(PreflightError, match="write a number and KB, MB or GB, such as 2GB"):
        parse_memory(text)
