"""The truth beside a history: whose order it was, what was wrong, what held it up, and why."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from features.outcome import OutcomeClass
from training.simulate.attempts import Attempts
from training.simulate.chance import Flags, Ints
from training.simulate.codebook import Codebook
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
_SHORT_ACCOUNTS = "BOC"
"""The simulated bank whose own accounts are shorter than a card's number."""


def truth_frame(
    world: World, orders: pl.DataFrame, attempts: Attempts, money: Settlement, book: Codebook
) -> pl.DataFrame:
    """Build the truth, one row per order.

    `decidable`: order, record, account and earlier outcomes, as known when it was sent, are
    enough to tell; otherwise the cause is only more or less probable.
    """
    fault, cause = world.sent.fault, world.verdicts.cause
    known = _evidence(world, orders, book)
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


def _evidence(world: World, orders: pl.DataFrame, book: Codebook) -> dict[str, Flags]:
    """Tell, by cause, for which orders what was known before sending is enough to see it.

    A payee's account is known to be dead where the channel's code for it says so: Lakala answers
    a bare FAIL. Too few digits prove a cut-off card of a person; a firm's account has any length,
    and savings accounts of the Bank of China have twelve.
    """
    recorded = orders["record.amount_minor"].is_not_null().to_numpy()
    limits = orders["account.limit_per_order_minor"].is_not_null().to_numpy()
    balance = orders["account.balance_minor"].is_not_null().to_numpy()
    dead = world.verdicts.payees.known & book.tells(
        world.channel, "payee", OutcomeClass.ACCOUNT_STATE
    )
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
        "wrong_payee_account": _is_cut_off(orders),
        "closed_payee": dead,
        "frozen_payee": dead,
        "merchant_restricted": every,
        "merchant_arrears": every,
    }


def _is_cut_off(orders: pl.DataFrame) -> Flags:
    length = pl.col("payout.payee.account.length")
    is_personal = pl.col("payout.payee.kind") == "personal"
    elsewhere = pl.col("payout.payee.bank_code") != _SHORT_ACCOUNTS
    cut_off = (length < _LEAST_DIGITS) & is_personal & elsewhere
    flags: Flags = orders.select(cut_off.fill_null(False)).to_series().to_numpy()
    return flags


def _decidable(world: World, known: Mapping[str, Flags]) -> Flags:
    decidable: Flags = np.zeros(len(world), dtype=bool)
    for name, enough in known.items():
        decidable |= world.verdicts.due_to(name) & enough
    return decidable
