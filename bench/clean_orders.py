"""Clean orders to put defects into: simulated ones, and baskets of BNP's set where it is there."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from msgspec import structs

from features.history import order_from_row, read_history
from features.masking import Masker
from features.order import Item, Order
from features.times import to_us
from training.simulate.history import simulate_history
from training.sources.importer import import_table

DATA = "DATA"
"""The environment variable that names the folder of measuring sets, as the Makefile's does."""

_EXAMPLE = Path(__file__).parents[1] / "examples" / "bnp"
_SIMULATED_PER_CLEAN = 1.6
_MOST_BASKETS = 6_000


@dataclass(frozen=True, slots=True)
class Seen:
    """An order, and when it was received."""

    order: Order
    as_of_us: int


def simulated(count: int, seed: int) -> list[Seen]:
    """Simulate orders of goods without any fault and with a record, if any, that is not behind."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "history"
        simulate_history(int(count * _SIMULATED_PER_CLEAN) + 500, 60, seed, out)
        truth = pl.read_parquet(out / "truth.parquet")
        odd = truth["oddity"].is_null() | (truth["oddity"] != "record_behind")
        clean = truth.filter(truth["fault"].is_null() & odd)["order_id"]
        orders = read_history(out).orders
    wanted = orders.filter(pl.col("order_id").is_in(clean.implode()), pl.col("kind") == "order")
    if wanted.height < count:
        raise ValueError(f"{wanted.height} clean orders were simulated, {count} are wanted")
    return [_seen(row) for row in wanted.head(count).to_dicts()]


def bnp_folder() -> Path | None:
    """Find BNP's set below the folder that DATA names; None where it is not there."""
    named = os.environ.get(DATA)
    folder = Path(named) / "bnp" if named else None
    return folder if folder is not None and (folder / "baskets.csv.gz").is_file() else None


def bnp_baskets(folder: Path, count: int = _MOST_BASKETS) -> list[Seen]:
    """Import the first baskets by the mapping that ships as an example."""
    baskets = pl.read_csv(folder / "baskets.csv.gz").head(count)
    lines = pl.read_csv(folder / "products.csv.gz", infer_schema_length=None)
    kept = lines.filter(pl.col("basket_ID").is_in(baskets["ID"].implode()))
    with TemporaryDirectory() as scratch:
        here = Path(scratch)
        for frame, name in ((baskets, "baskets.csv.gz"), (kept, "products.csv.gz")):
            frame.write_csv(here / name, compression="gzip")
        out = here / "history"
        import_table(
            here / "baskets.csv.gz", _EXAMPLE / "mapping.yaml", out, masker=Masker(bytes(32))
        )
        rows = read_history(out).orders.to_dicts()
    return [_seen(row) for row in rows]


def dressed(baskets: list[Seen]) -> Iterator[Seen]:
    """Give some baskets what BNP's set does not have: list prices and a coupon off the amount.

    Of three baskets one stays as it is, two have list prices a fifth above the price, and one of
    these a coupon of about a twentieth, in whole major units.
    """
    for number, seen in enumerate(baskets):
        order = seen.order
        if number % 3:
            items = tuple(_listed(item) for item in order.items)
            listed = sum(i.quantity * (i.list_price_minor or 0) for i in items)
            order = structs.replace(order, items=items, list_amount_minor=listed)
        if number % 3 == 2:
            coupon = order.amount_minor // 2_000 * 100
            paid = order.amount_minor - coupon
            order = structs.replace(order, discount_minor=coupon, amount_minor=paid)
        yield Seen(order, seen.as_of_us)


def _listed(item: Item) -> Item:
    return structs.replace(item, list_price_minor=item.unit_price_minor * 6 // 5)


def _seen(row: dict[str, Any]) -> Seen:
    return Seen(order_from_row(row), to_us(row["as_of"]))
