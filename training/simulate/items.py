"""The lines of each order as one list column, as sent and as recorded."""

import numpy as np
import polars as pl

from training.simulate.chance import Ints
from training.simulate.columns import lists, named, numbered
from training.simulate.goods import is_virtual, load_kinds
from training.simulate.world import World


def sent_items(world: World) -> pl.Series:
    """Gather the lines as they are sent."""
    lines, shelf = world.baskets.lines, world.shelf
    shipping = is_virtual(shelf, lines.sku).astype(np.int64)
    extra = [
        named([kind.name for kind in load_kinds()], shelf.kind[lines.sku]).alias("category"),
        named(["physical", "virtual"], shipping).alias("kind"),
    ]
    return _gather(world, "items", _frame(world, world.sent.unit_minor).with_columns(extra))


def recorded_items(world: World) -> pl.Series:
    """Gather the lines as the merchant's own record has them: always right."""
    return _gather(world, "record.items", _frame(world, world.baskets.lines.unit_minor))


def _frame(world: World, unit_minor: Ints) -> pl.DataFrame:
    lines = world.baskets.lines
    skus = numbered("G", np.arange(len(world.shelf.kind)), 4)
    return pl.DataFrame(
        {
            "sku": skus.gather(lines.sku),
            "quantity": lines.quantity,
            "unit_price_minor": unit_minor,
            "list_price_minor": lines.list_minor,
        }
    )


def _gather(world: World, name: str, lines: pl.DataFrame) -> pl.Series:
    return lists(world.baskets.lines.order, len(world), lines).alias(name)
