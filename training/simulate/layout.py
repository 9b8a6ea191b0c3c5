"""Lays a simulated world out as the canonical tables of a history, and its truth beside them."""

import numpy as np
import polars as pl

from training.simulate.actors import Group
from training.simulate.chance import US, Flags, Ints
from training.simulate.columns import constant, instants, named, numbered, where
from training.simulate.faults import Fault
from training.simulate.goods import load_kinds
from training.simulate.items import sent_items
from training.simulate.ledgers import account_columns, credit_columns, record_columns
from training.simulate.parties import buyer_columns, payee_columns
from training.simulate.places import receiver_columns
from training.simulate.verdicts import CAUSES, CHANNELS, Cause
from training.simulate.world import World

_EXPIRES_US = 30 * 60 * US
"""An unpaid order lapses after half an hour (assumed; JD's own default is seven days, S1)."""
_OTHER_SUBJECT = "测试商品"
_PAYOUT_SUBJECT = "结算付款"


def orders_frame(world: World) -> pl.DataFrame:
    """Build the orders table, every order as it was sent."""
    subject = _subject(world)
    return pl.DataFrame(
        [
            *_basics(world),
            *_amounts(world),
            _sent_subject(world, subject),
            sent_items(world),
            *buyer_columns(world),
            *receiver_columns(world.span.seed, _shipped_to(world)),
            *payee_columns(world),
            *account_columns(world),
            *credit_columns(world),
            *record_columns(world, subject),
        ]
    )


def truth_frame(world: World, orders: pl.DataFrame) -> pl.DataFrame:
    """Build the truth: whose order it was, what was wrong, what held it up.

    `decidable`: order, record and account, as sent, are enough to tell before submission.
    """
    cause = named(list(CAUSES), world.verdicts.cause)
    fault = named(list(CAUSES), world.sent.fault)
    return pl.DataFrame(
        [
            orders["order_id"],
            named([group.name.lower() for group in Group], world.stream.group).alias("group"),
            where(world.sent.fault > 0, fault, "fault"),
            where(world.verdicts.cause > 0, cause, "cause"),
            where(world.verdicts.cause > 0, _decidable(world, orders), "decidable"),
        ]
    )


def _decidable(world: World, orders: pl.DataFrame) -> Flags:
    recorded = orders["record.amount_minor"].is_not_null().to_numpy()
    limits = orders["account.limit_per_order_minor"].is_not_null().to_numpy()
    length = orders["payout.payee.account.length"].fill_null(0).to_numpy()
    by_cause = {
        Fault.WRONG_UNIT: world.goods | recorded,
        Fault.LIST_PRICE_AS_PAID: recorded,
        Fault.COUPON_NOT_APPLIED: world.goods,
        Fault.COUPON_NOT_SPREAD: world.goods,
        Fault.OTHER_SUBJECT: recorded,
        Fault.CLOSED_ORDER: np.ones(len(world), dtype=bool),
        Fault.ALREADY_PAID: recorded,
        Fault.OVER_ORDER_LIMIT: limits,
        Fault.OVER_DAY_LIMIT: limits,
        Fault.WRONG_PAYEE_ACCOUNT: length < 13,
        Cause.MERCHANT_RESTRICTED: np.ones(len(world), dtype=bool),
    }
    known = np.zeros(len(world), dtype=bool)
    for name, decidable in by_cause.items():
        known |= world.verdicts.due_to(name) & decidable
    return known


def _basics(world: World) -> list[pl.Series]:
    stream, size = world.stream, len(world)
    shipping = np.where(world.virtual, "virtual", "physical")
    return [
        world.order_ids().alias("order_id"),
        constant(world.scenario.merchant_id, size, "merchant_id"),
        named(list(CHANNELS), world.channel).alias("channel"),
        instants(stream.placed_us).alias("placed_at"),
        instants(stream.placed_us + _EXPIRES_US).alias("expires_at"),
        constant("CNY", size, "currency"),
        pl.Series("kind", np.where(stream.payout, "payout", "order")),
        pl.Series("state", np.where(world.has(Fault.CLOSED_ORDER), "closed", "created")),
        where(world.goods, shipping, "goods_kind"),
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
        where(world.goods & (campaign >= 0), numbered("C", campaign, 2), "campaign_id"),
    ]


def _subject(world: World) -> pl.Series:
    kinds = [kind.name for kind in load_kinds()]
    kind = np.where(world.goods, world.shelf.kind[world.baskets.main_sku], len(kinds))
    return named([*kinds, _PAYOUT_SUBJECT], kind).alias("subject")


def _sent_subject(world: World, subject: pl.Series) -> pl.Series:
    wrong = pl.lit(pl.Series(world.has(Fault.OTHER_SUBJECT)))
    sent = pl.when(wrong).then(pl.lit(_OTHER_SUBJECT)).otherwise(pl.lit(subject))
    return pl.select(sent).to_series().alias("subject")


def _shipped_to(world: World) -> Ints:
    return np.where(world.virtual | world.stream.payout, -1, world.stream.address)
