"""The columns of the merchant's own record, of the paying account, and of instalment plans."""

import numpy as np
import polars as pl

from training.simulate.chance import US, Flags, Ints, happens
from training.simulate.columns import constant, instants, named, where
from training.simulate.items import recorded_items
from training.simulate.names import CHANNELS
from training.simulate.world import World

_LIMITS_MINOR = np.array([2_000_000, 5_000_000, 20_000_000])
"""Usual limits of an account per order; per day it is three times that (assumed)."""
_PLANS = np.array([3, 6, 12, 24])
"""Instalment plans of JD Baitiao (S1: queryBaiTiaoFQ)."""
_PLAN_FEE_PER_MONTH = 0.006
"""Assumed."""
_PLANS_FROM_MINOR = 30_000
_STATES = ("created", "closed", "paid")


def record_is_behind(world: World) -> Flags:
    """Flag the records that are old while the order is right: no fault, but it looks like one."""
    rng = world.piece.rng("behind")
    behind = happens(rng, world.scenario.shares.record_behind.rate, len(world))
    flags: Flags = behind & (world.sent.fault == 0) & world.goods & (world.follows < 0)
    return flags


def record_columns(world: World, subject: pl.Series, first_us: Ints) -> list[pl.Series]:
    """Lay out the merchant's own record; some orders come without one, some records are behind."""
    rng = world.piece.rng("records")
    shares, size, baskets = world.scenario.shares, len(world), world.baskets
    present = happens(rng, shares.record_present.rate, size)
    behind = record_is_behind(world)
    old = behind | world.has("price_changed_since")
    lag_us = np.where(old, rng.integers(600, 14_400, size), rng.integers(0, 4, size)) * US
    amount = baskets.amount + np.where(behind, baskets.discount + 100, 0)
    state = np.where(world.has("closed_order"), 1, 0) + 2 * world.has("already_paid")
    created = first_us - rng.integers(1, 900, size) * US - lag_us
    return [
        where(present, amount, "record.amount_minor"),
        where(present & world.goods, baskets.list_total, "record.list_amount_minor"),
        where(present, constant("CNY", size, "currency"), "record.currency"),
        where(present, subject, "record.subject"),
        where(present, named(_STATES, state), "record.state"),
        where(present, instants(created), "record.created_at"),
        where(present, instants(world.stream.placed_us - lag_us), "record.read_at"),
        where(present, recorded_items(world), "record.items"),
    ]


def account_columns(world: World) -> list[pl.Series]:
    """Lay out what is known of the paying account: limits, use of them, balance, state."""
    rng = world.piece.rng("limits")
    size, amount, weather = len(world), world.baskets.amount, world.verdicts.weather
    present = happens(rng, world.scenario.shares.account_present.rate, size)
    buyers, ours = present & world.goods, present & ~world.goods
    per_order, per_day, used = _limits(world)
    short = world.has("merchant_funds")
    balance = amount * np.where(short, rng.uniform(0.1, 0.95, size), rng.uniform(2, 60, size))
    owed = np.where(weather.arrears, 1 + rng.integers(1_000, 900_000, size), 0)
    known = buyers | weather.restricted
    return [
        where(buyers, per_order, "account.limit_per_order_minor"),
        where(buyers, per_day, "account.limit_per_day_minor"),
        where(buyers, used, "account.used_today_minor"),
        where(buyers, world.used_count, "account.used_today_count"),
        where(ours, balance.astype(np.int64), "account.balance_minor"),
        where(ours | weather.arrears, owed, "account.arrears_minor"),
        where(known, weather.restricted, "account.restricted"),
    ]


def _limits(world: World) -> tuple[Ints, Ints, Ints]:
    rng = world.piece.rng("limit sizes")
    size, amount = len(world), world.baskets.amount
    per_order = np.maximum(rng.choice(_LIMITS_MINOR, size), _round_up(amount * 2))
    tight = _round_up((amount * rng.uniform(0.3, 0.95, size)).astype(np.int64)) - 10_000
    per_order = np.where(world.has("over_order_limit"), np.maximum(tight, 100), per_order)
    per_day = 3 * per_order
    full = np.maximum(0, per_day - (amount * rng.uniform(0.05, 0.9, size)).astype(np.int64))
    usual = np.minimum(world.used_minor, per_day - amount)
    used = np.where(world.has("over_day_limit"), full, usual)
    return per_order, per_day, np.maximum(0, used)


def credit_columns(world: World) -> list[pl.Series]:
    """Lay out instalment plans: n equal payments, the first takes what does not divide."""
    rng = world.piece.rng("credit")
    size, amount = len(world), world.baskets.amount
    wanted = happens(rng, world.scenario.shares.instalments.rate, size)
    credit = world.channel == CHANNELS.index("generic")
    planned: Flags = (credit | (wanted & (amount >= _PLANS_FROM_MINOR))) & world.goods
    count = rng.choice(_PLANS, size)
    total = np.rint(amount * (1 + _PLAN_FEE_PER_MONTH * count)).astype(np.int64)
    later = total // count
    products = named(["baitiao", "consumer_credit"], credit.astype(np.int64))
    return [
        where(planned, products, "credit.product"),
        where(planned, count, "credit.instalments"),
        where(planned, total, "credit.plan_total_minor"),
        where(planned, total - amount, "credit.plan_fee_minor"),
        where(planned, total - later * (count - 1), "credit.first_pay_minor"),
        where(planned, later, "credit.later_pay_minor"),
    ]


def _round_up(minor: Ints) -> Ints:
    return -(-minor // 10_000) * 10_000
