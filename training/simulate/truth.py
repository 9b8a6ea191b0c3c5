"""The truth beside a history: whose order it was, what was wrong, what held it up, and why."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from training.simulate.attempts import Attempts
from training.simulate.chance import Flags, Ints
from training.simulate.columns import instants, named, scattered, where
from training.simulate.groups import GROUP_LABELS
from training.simulate.layout import has_typo, right_subject
from training.simulate.ledgers import record_is_behind
from training.simulate.names import CAUSES, MEANINGS
from training.simulate.right import repairable, right_column
from training.simulate.settlement import LATE_CAUSES, Settlement
from training.simulate.world import World

ODDITIES = ("none", "record_behind", "address_typo", "retried", "reordered")
"""What looks odd and is none of the channel's business."""
_LEAST_DIGITS = 13


def truth_frame(
    world: World, orders: pl.DataFrame, attempts: Attempts, money: Settlement
) -> pl.DataFrame:
    """Build the truth, one row per order.

    `decidable`: order, record, account and earlier outcomes, as known when it was sent, are
    enough to tell; otherwise the cause is only more or less probable.
    """
    fault, cause = world.sent.fault, world.verdicts.cause
    known = _evidence(world, orders)
    right = right_column(world, right_subject(world), attempts)
    classes = [str(MEANINGS[name].true_class) for name in CAUSES]
    oddity, anew = _oddities(world, attempts), _is_anew(world)
    return pl.DataFrame(
        [
            orders["order_id"],
            named(GROUP_LABELS, world.stream.group).alias("group"),
            where(fault > 0, named(CAUSES, fault), "fault"),
            where(cause > 0, named(CAUSES, cause), "cause"),
            where(cause > 0, _decidable(world, known), "decidable"),
            named(classes, cause).alias("true_class"),
            where(oddity > 0, named(ODDITIES, oddity), "oddity"),
            where(_is_wanted(world), world.sent.recorded, "right_amount_minor"),
            right,
            pl.Series("repairable", repairable(world, right, known)),
            *scattered(anew, [world.ids_of(world.follows[anew]).alias("follows")]),
            pl.Series("returned", world.verdicts.returned),
            where(money.settled_us >= 0, instants(money.settled_us), "settled_at"),
            where(money.late_cause > 0, named(LATE_CAUSES, money.late_cause), "late_cause"),
        ]
    )


def _is_wanted(world: World) -> Flags:
    """Flag the orders for which the merchant's system wants money: not closed, not yet paid."""
    flags: Flags = ~world.has("closed_order", "already_paid")
    return flags


def _oddities(world: World, attempts: Attempts) -> Ints:
    again = np.zeros(len(world), dtype=bool)
    again[attempts.order] = True
    oddity = np.where(again & (world.sent.fault == 0), ODDITIES.index("retried"), 0)
    oddity = np.where(has_typo(world), ODDITIES.index("address_typo"), oddity)
    oddity = np.where(record_is_behind(world), ODDITIES.index("record_behind"), oddity)
    return np.where(_is_anew(world), ODDITIES.index("reordered"), oddity)


def _is_anew(world: World) -> Flags:
    flags: Flags = world.goods & (world.follows >= 0)
    return flags


def _evidence(world: World, orders: pl.DataFrame) -> dict[str, Flags]:
    """Tell, by cause, for which orders what was known before sending is enough to see it."""
    recorded = orders["record.amount_minor"].is_not_null().to_numpy()
    limits = orders["account.limit_per_order_minor"].is_not_null().to_numpy()
    balance = orders["account.balance_minor"].is_not_null().to_numpy()
    length = orders["payout.payee.account.length"].fill_null(0).to_numpy()
    every = np.ones(len(world), dtype=bool)
    return {
        "wrong_unit": world.goods | recorded,
        "list_price_as_paid": recorded,
        "coupon_not_applied": world.goods,
        "coupon_not_spread": world.goods,
        "other_subject": recorded,
        "clock_slip": recorded,
        "closed_order": every,
        "already_paid": recorded,
        "duplicate_number": recorded,
        "over_order_limit": limits,
        "over_day_limit": limits,
        "merchant_funds": balance,
        "wrong_payee_account": length < _LEAST_DIGITS,
        "closed_payee": world.verdicts.payees.known,
        "frozen_payee": world.verdicts.payees.known,
        "merchant_restricted": every,
        "merchant_arrears": every,
    }


def _decidable(world: World, known: Mapping[str, Flags]) -> Flags:
    decidable: Flags = np.zeros(len(world), dtype=bool)
    for name, enough in known.items():
        decidable |= world.verdicts.due_to(name) & enough
    return decidable
