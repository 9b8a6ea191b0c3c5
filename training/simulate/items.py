"""The lines of each order as one list column, as sent and as recorded."""

import numpy as np
import polars as pl

from training.simulate.chance import Ints
from training.simulate.columns import named, numbered
from training.simulate.goods import is_virtual, load_kinds
from training.simulate.world import World


def sent_items(world: World) -> pl.Series:
    """Gather the lines as they are sent."""
    lines, shelf = world.baskets.lines, world.shelf
    shipping = np.where(is_virtual(shelf, lines.sku), "virtual", "physical")
    extra = [
        named([kind.name for kind in load_kinds()], shelf.kind[lines.sku]).alias("category"),
        pl.Series("kind", shipping),
    ]
    return _gather(world, "items", _frame(world, world.sent.unit_minor).with_columns(extra))


def recorded_items(world: World) -> pl.Series:
    """Gather the lines as the merchant's own record has them: always right."""
    return _gather(world, "record.items", _frame(world, world.baskets.lines.unit_minor))


def _frame(world: World, unit_minor: Ints) -> pl.DataFrame:
    lines = world.baskets.lines
    return pl.DataFrame(
        {
            "sku": numbered("G", lines.sku, 4),
            "quantity": lines.quantity,
            "unit_price_minor": unit_minor,
            "list_price_minor": lines.list_minor,
        }
    )


def _gather(world: World, name: str, lines: pl.DataFrame) -> pl.Series:
    """Build one list per order; an order without lines has none."""
    gathered = (
        lines.select(pl.struct(pl.all()).alias(name))
        .with_columns(pl.Series("order", world.baskets.lines.order))
        .group_by("order", maintain_order=True)
        .agg(pl.col(name))
    )
    every = pl.DataFrame({"order": np.arange(len(world))})
    return every.join(gathered, on="order", how="left", maintain_order="left")[name]
