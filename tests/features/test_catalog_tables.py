"""A catalog's own calendar and BIN table decide values, so they are part of its fingerprint."""

from pathlib import Path

import polars as pl
import pytest

from features.catalog import Catalog, load_catalog, parse_catalog
from features.columnar import raw_features
from features.errors import CatalogError
from features.history import History
from features.kinds import Value
from features.live import LiveState
from features.times import to_us

CATALOG = """
catalog: own-tables
time_zone: Asia/Shanghai
peaks:
  - {name: double 11, from: "11-10 20:00", until: "11-12 00:00"}
cut_offs: {lakala_payout: "16:30"}
bins: bins.csv
fields: [calendar.peak, calendar.minutes_to_cut_off, payee.bank_matches_bin]
"""
BINS = "bin,bank_code,card_type,length\n622202,ICBC,debit,19\n"
ROW: dict[str, Value] = {
    "order_id": "o1",
    "merchant_id": "M",
    "channel": "lakala_payout",
    "kind": "payout",
    "amount_minor": 100,
    "currency": "CNY",
    "payout.payee.account.bin": "622202",
    "payout.payee.bank_code": "CCB",
}
FEATURES = {
    "calendar.peak": "double 11",
    "calendar.minutes_to_cut_off": 90,
    "payee.bank_matches_bin": False,
}


def load(folder: Path, text: str = CATALOG, bins: str = BINS) -> Catalog:
    (folder / "bins.csv").write_text(bins, encoding="utf-8")
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    return load_catalog(folder / "own.yaml")


def history() -> History:
    instant = pl.lit("2026-11-11T15:00:00+08:00").str.to_datetime(time_unit="us", time_zone="UTC")
    orders = pl.DataFrame([ROW]).with_columns(placed_at=instant, as_of=instant)
    return History(Path("memory"), orders, pl.DataFrame(), {})


def test_live_and_columns_read_the_same_tables(tmp_path: Path) -> None:
    catalog, given = load(tmp_path), history()
    placed_us = to_us(given.orders["placed_at"][0])
    assert LiveState(catalog).read({**ROW, "placed_at": placed_us}, placed_us) == FEATURES
    assert raw_features(given, catalog).to_dicts() == [FEATURES]


def test_a_model_keeps_the_tables_with_its_catalog(tmp_path: Path) -> None:
    catalog = load(tmp_path)
    kept = parse_catalog(catalog.source_text, "elsewhere/catalog.yaml")
    assert kept.schema_hash == catalog.schema_hash
    assert kept.bins == catalog.bins


@pytest.mark.parametrize(
    ("before", "after"),
    [("16:30", "16:31"), ("11-10 20:00", "11-10 21:00"), ("Asia/Shanghai", "UTC")],
)
def test_another_calendar_is_another_schema(tmp_path: Path, before: str, after: str) -> None:
    changed = load(tmp_path, CATALOG.replace(before, after))
    assert changed.schema_hash != load(tmp_path).schema_hash


def test_another_table_is_another_schema(tmp_path: Path) -> None:
    changed = load(tmp_path, bins=BINS.replace("ICBC", "CCB"))
    assert changed.schema_hash != load(tmp_path).schema_hash


def test_without_a_table_its_facts_are_missing(tmp_path: Path) -> None:
    catalog = load(tmp_path, CATALOG.replace("bins: bins.csv\n", ""))
    assert raw_features(history(), catalog)["payee.bank_matches_bin"].to_list() == [None]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"16:30"', '"26:30"', "own.yaml: cut_offs: lakala_payout"),
        ("bins.csv", "none.csv", "none.csv"),
        ('"11-12 00:00"', '"11-31 00:00"', "own.yaml: peaks: double 11"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    with pytest.raises(CatalogError, match=said):
        load(tmp_path, CATALOG.replace(before, after))
