"""Two packs over one history: which orders would be judged otherwise, and why."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from features.history import HistoryWriter, read_history
from features.history_schema import frame_from_orders
from rules.book import Book
from rules.channel_diff import diff_packs, fact_changes
from rules.cli_channels import channels_app
from rules.packs import Pack, load_pack, load_packs

JD = load_packs()["jd_pay"]
STRICTER = """channel: jd_pay
extends: jd_pay
title: {zh: 更严, en: Stricter}
kinds: [order]
checked_on: 2026-11-22
facts:
  order_id_pattern: {value: "[A-Z0-9]{15}", source: my contract, grade: A}
"""


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    path = tmp_path / "stricter.yaml"
    path.write_text(STRICTER, "utf-8")
    return path


@pytest.fixture
def history(tmp_path: Path, make_order: Any) -> Path:
    made = [
        make_order(order_id="A20260311000001"),
        make_order(order_id="a20260311000002", placed_at="2026-03-11T10:31:00+08:00"),
        make_order(order_id="A-20260311-0003", placed_at="2026-03-11T10:32:00+08:00"),
        make_order(order_id="B1", channel="generic", placed_at="2026-03-11T10:33:00+08:00"),
    ]
    with HistoryWriter(tmp_path / "history") as writer:
        writer.write_orders(frame_from_orders(made))
    return tmp_path / "history"


def by_name(found: Any) -> dict[str, Any]:
    return {one.name: one for one in found.answers}


def test_a_pack_and_itself_differ_in_nothing(history: Path, book: Book) -> None:
    found = diff_packs(read_history(history), JD, JD, book)
    assert (found.orders, found.changed, found.facts, found.answers) == (3, 0, (), ())


def test_a_stricter_number_stops_the_orders_that_break_it(
    history: Path, book: Book, stricter: Path
) -> None:
    found = diff_packs(read_history(history), JD, load_pack(stricter), book)
    assert [change.name for change in found.facts] == ["channel.order_id_pattern"]
    check = by_name(found)["check.order_id_valid"]
    assert (check.orders, check.gained, check.lost) == (1, 0, 0)
    assert [(e.order_id, e.before, e.after) for e in check.examples] == [
        ("a20260311000002", True, False)
    ]
    rule = by_name(found)["ORDER_ID_NOT_ACCEPTED"]
    assert (rule.kind, rule.orders, rule.gained, rule.lost) == ("rule", 1, 1, 0)
    assert rule.because == ("check.order_id_valid",)
    assert (found.changed, found.newly_blocked, found.no_longer_blocked) == (1, 1, 0)


def test_the_other_way_round_it_releases_them(history: Path, book: Book, stricter: Path) -> None:
    found = diff_packs(read_history(history), load_pack(stricter), JD, book)
    rule = by_name(found)["ORDER_ID_NOT_ACCEPTED"]
    assert (rule.gained, rule.lost) == (0, 1)
    assert (found.newly_blocked, found.no_longer_blocked) == (0, 1)


def test_what_another_channel_cannot_tell_goes_missing(history: Path, book: Book) -> None:
    found = diff_packs(read_history(history), JD, load_packs()["generic"], book)
    check = by_name(found)["check.order_id_valid"]
    assert (check.orders, check.lost) == (3, 3)
    assert check.examples[0].after is None


def test_facts_of_products_and_required_fields_are_compared() -> None:
    names = {change.name for change in fact_changes(load_packs()["lakala_payout"], JD)}
    assert {"qzt.payee_kind_personal_value", "required.any", "code_tables"} <= names


def test_the_command_says_which_and_why(history: Path, stricter: Path) -> None:
    arguments = ["diff", "jd_pay", str(stricter), "--history", str(history)]
    shown = CliRunner().invoke(channels_app, arguments).output
    assert "1 of 3 orders change" in shown
    assert "a20260311000002: True → False" in shown
    report = json.loads(CliRunner().invoke(channels_app, [*arguments, "--json"]).output)
    assert report["newly_blocked"] == 1


def test_a_channel_without_orders_changes_nothing(history: Path, book: Book) -> None:
    unionpay: Pack = load_packs()["unionpay"]
    found = diff_packs(read_history(history), unionpay, JD, book)
    assert (found.orders, found.changed) == (0, 0)
