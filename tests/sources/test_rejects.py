"""A row that cannot be read is kept apart with its number and every reason; counts add up."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.errors import MappingError
from training.sources.report import ImportReport

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "import"
Bench = Any


def test_the_shipped_example_rejects_each_bad_row_for_its_reason(bench: Bench) -> None:
    table = (EXAMPLE / "orders.csv").read_text("utf-8")
    report: ImportReport = bench.run(table, (EXAMPLE / "mapping.yaml").read_text("utf-8"))
    assert (report.read, report.orders, report.rejected, report.skipped) == (15, 4, 10, 1)
    assert bench.rejected() == [
        (3, "placed_at", "unreadable"),
        (4, "amount_minor", "too many decimals"),
        (5, "amount_minor", "out of range"),
        (6, "currency", "wrong form"),
        (7, "order_id", "duplicate"),
        (8, "line", "wrong number of values"),
        (9, "placed_at", "no single instant"),
        (10, "device.kind", "unknown value"),
        (13, "outcome.received_at", "before the order"),
        (14, "order_id", "missing"),
    ]
    assert report.unmapped_outcomes == {"pending": 1}


def test_a_row_with_two_faults_is_one_reject_with_two_reasons(bench: Bench) -> None:
    report = bench.run(
        "id,a,c\n1,5,EUR\n2,-5,euro\n", bench.mapping({"amount_minor": "a", "currency": "c"})
    )
    assert report.rejected == 1
    assert report.by_reason == {"currency: wrong form": 1, "amount_minor: out of range": 1}


def test_the_first_readable_row_of_an_id_wins(bench: Bench) -> None:
    report = bench.run("id,a\n1,-5\n1,6\n1,7\n", bench.mapping({"amount_minor": "a"}))
    assert bench.column("amount_minor") == [6]
    assert report.by_reason == {"amount_minor: out of range": 1, "order_id: duplicate": 1}


def test_duplicates_are_found_across_batches(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.sources.parquet_table.BATCH_ROWS", 2)
    report = bench.run(pl.DataFrame({"id": ["1", "2", "3", "1", "3", "4"]}), bench.mapping())
    assert (report.orders, report.rejected) == (4, 2)
    assert bench.rejected() == [(4, "order_id", "duplicate"), (5, "order_id", "duplicate")]


def test_long_digits_of_a_reject_are_masked(bench: Bench) -> None:
    bench.run("id,c\n1,EUR\n2,6222020000001234\n", bench.mapping({"currency": "c"}))
    written = pl.read_parquet(bench.out / "rejects.parquet")
    assert "6222020000001234" not in str(written.to_dicts())


def test_a_table_of_which_no_row_can_be_read_writes_nothing(bench: Bench) -> None:
    with pytest.raises(MappingError, match="none of 1 rows became an order"):
        bench.run("id,a\n1,-5\n", bench.mapping({"amount_minor": "a"}))
    assert not bench.out.exists()


def test_an_empty_table_writes_nothing(bench: Bench) -> None:
    with pytest.raises(MappingError, match="has no rows"):
        bench.run("id\n", bench.mapping())
    assert not bench.out.exists()


def test_skipped_rows_are_counted_apart(bench: Bench) -> None:
    report = bench.run("id,kind\n1,real\n2,test\n", bench.mapping(skip="kind = 'test'"))
    assert (report.read, report.orders, report.rejected, report.skipped) == (2, 1, 0, 1)


def test_an_existing_history_is_refused_without_overwrite(bench: Bench) -> None:
    bench.run("id\n1\n", bench.mapping())
    with pytest.raises(Exception, match="exists"):
        bench.run("id\n2\n", bench.mapping(), overwrite=False)
    assert bench.column("order_id") == ["1"]


def test_not_a_number_means_missing_and_infinity_is_rejected(bench: Bench) -> None:
    frame = pl.DataFrame({"id": ["1", "2", "3"], "x": [0.5, float("nan"), float("inf")]})
    bench.run(frame, bench.mapping(attributes=["x"]))
    assert bench.column("attributes.x") == [0.5, None]
    assert bench.rejected() == [(3, "attributes.x", "out of range")]


def test_the_manifest_says_where_the_history_comes_from(bench: Bench) -> None:
    bench.run("id,late\n1,x\n", bench.mapping(known_after_submission=["late"]))
    manifest = bench.history().manifest
    assert manifest["known_after_submission"] == ["late", "attributes.late"]
    assert (manifest["source"], manifest["ordering"]) == ("test", "time")
    assert (manifest["currencies"], manifest["rejects"]) == (["EUR"], 0)
    assert len(manifest["mapping"]["sha256"]) == 64
