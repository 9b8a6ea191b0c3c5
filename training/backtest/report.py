"""Writes a backtest down: backtest.json for programs, backtest.html for people."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from training.backtest.page import page
from training.backtest.page_words import money, percent
from training.backtest.result import Backtest, Became

JSON_FILE, HTML_FILE = "backtest.json", "backtest.html"


def write_backtest(found: Backtest, folder: Path) -> tuple[Path, Path]:
    """Write both files into a folder, which is made where it is missing; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / JSON_FILE, folder / HTML_FILE
    paths[0].write_bytes(encoded(found))
    paths[1].write_text(page(found), encoding="utf-8")
    return paths


def encoded(found: Backtest) -> bytes:
    """Write it as JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(found)) + b"\n"


def lines(found: Backtest) -> Iterator[str]:
    """Say the most important of it in lines."""
    yield f"{found.orders:,} orders: new book {found.new.book} against old {found.old.book}"
    yield from (f"  {note}" for note in found.notes)
    for name, ends in (
        ("newly stopped", found.newly_stopped),
        ("newly released", found.newly_released),
    ):
        yield f"{name}: {sum(end.orders for end in ends):,}"
        yield from (_end(end) for end in ends)
    for name, held in (("old", found.held_old), ("new", found.held_new)):
        yield (
            f"{name}: {held.orders:,} not sent as they are, precision {percent(held.precision)}, "
            f"recall {percent(held.recall)}"
        )
    group = found.dispersion
    yield (
        f"legitimate dispersion, {group.good:,} accepted: old {percent(group.held_old)}, "
        f"new {percent(group.held_new)} not sent as they are"
    )
    yield (
        f"{sum(found.seconds.values()):.1f} s, features {found.seconds['features']:.1f} s of it; "
        f"at most {found.peak_bytes / 1e9:.2f} GB of memory"
    )


def _end(end: Became) -> str:
    return f"  {end.outcome:<16}{end.orders:>9,}  {money(end.money_minor)}"
