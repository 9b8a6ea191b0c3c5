"""Lays a slice of a simulated world out as the canonical orders of a history."""

import numpy as np
import polars as pl

from training.simulate.attempts import Attempts, attempts_column
from training.simulate.chance import US, Flags, Ints, happens
from training.simulate.codebook import Codebook
from training.simulate.columns import constant, instants, named, numbered, scattered, where
from training.simulate.goods import load_kinds
from training.simulate.items import sent_items
from training.simulate.ledgers import account_columns, credit_columns, record_columns
from training.simulate.names import CHANNELS
from training.simulate.parties import buyer_columns, payee_columns
from training.simulate.places import receiver_columns
from training.simulate.rhythm import HOUR_US
from training.simulate.settlement import promises
from training.simulate.world import World

_EXPIRES_US = 30 * 60 * US
"""An unpaid order lapses after half an hour (assumed; JD's own default is seven days, S1)."""
_OTHER_SUBJECT = "测试商品"
_PAYOUT_SUBJECT = "结算付款"
_SLIPS_US = np.array([8, 8, 8, -8, -8, -1, 1]) * HOUR_US
"""A clock that is off by a zone, or by an hour (assumed)."""


def orders_frame(world: World, attempts: Attempts, book: Codebook) -> pl.DataFrame:
    """Build the orders table, every order as it was sent."""
    subject = right_subject(world)
    first_us = attempts.first_us(world.stream.placed_us)
    return pl.DataFrame(
        [
            *_basics(world, first_us),
            *_amounts(world),
            _sent_subject(world, subject),
            sent_items(world),
            *buyer_columns(world, first_us),
            *receiver_columns(world.seed, _shipped_to(world), has_typo(world)),
            *payee_columns(world, promises(world)),
            *account_columns(world),
            *credit_columns(world),
            *record_columns(world, subject, first_us),
            attempts_column(world, attempts, book),
            *scattered(world.refund, [_refunded(world)]),
        ]
    )


def _refunded(world: World) -> pl.Series:
    """Name the order of each refund."""
    return world.ids_of(world.follows[world.refund]).alias("attributes.refund_of")


def has_typo(world: World) -> Flags:
    """Flag the orders whose buyer mistyped the address."""
    typo = happens(world.piece.rng("typos"), world.scenario.shares.address_typo.rate, len(world))
    return typo & (_shipped_to(world) >= 0)


def _basics(world: World, first_us: Ints) -> list[pl.Series]:
    stream, size, goods = world.stream, len(world), world.goods
    slip = world.piece.rng("slips").choice(_SLIPS_US, size)
    placed = first_us + np.where(world.has("clock_slip"), slip, 0)
    return [
        world.order_ids().alias("order_id"),
        constant(world.scenario.merchant_id, size, "merchant_id"),
        named(CHANNELS, world.channel).alias("channel"),
        instants(placed).alias("placed_at"),
        instants(stream.placed_us).alias("as_of").set_sorted(),
        instants(stream.placed_us + _EXPIRES_US).alias("expires_at"),
        constant("CNY", size, "currency"),
        named(["payout", "order"], goods.astype(np.int64)).alias("kind"),
        named(["created", "closed"], world.has("closed_order").astype(np.int64)).alias("state"),
        where(goods, named(["physical", "virtual"], world.virtual.astype(np.int64)), "goods_kind"),
    ]


def _amounts(world: World) -> list[pl.Series]:
    sent, baskets = world.sent, world.baskets
    campaign = world.shelf.campaign[baskets.main_sku]
    return [
        pl.Series("amount_minor", sent.amount),
        where(world.goods, baskets.list_total, "list_amount_minor"),
        pl.Series("discount_minor", sent.discount),
        pl.Series("freight_minor", baskets.freight),
        pl.Series("tax_minor", baskets.tax),
        where(world.goods & (campaign >= 0), numbered("C", campaign.clip(0), 2), "campaign_id"),
    ]


def right_subject(world: World) -> pl.Series:
    """Name what each order is for, as the merchant's own system does."""
    kinds = [kind.name for kind in load_kinds()]
    kind = np.where(world.goods, world.shelf.kind[world.baskets.main_sku], len(kinds))
    return named([*kinds, _PAYOUT_SUBJECT], kind).alias("subject")


def _sent_subject(world: World, subject: pl.Series) -> pl.Series:
    wrong = pl.lit(pl.Series(world.has("other_subject")))
    sent = pl.when(wrong).then(pl.lit(_OTHER_SUBJECT)).otherwise(pl.lit(subject))
    return pl.select(sent).to_series().alias("subject")


def _shipped_to(world: World) -> Ints:
    return np.where(world.virtual | world.stream.payout, -1, world.stream.address)
