"""The columns of the merchant's own record, of the paying account, and of instalment plans."""

import numpy as np
import polars as pl

from training.simulate.chance import US, Flags, Ints, happens, stream_of
from training.simulate.columns import constant, instants, where
from training.simulate.faults import Fault
from training.simulate.items import recorded_items
from training.simulate.rhythm import local_day
from training.simulate.verdicts import CHANNELS
from training.simulate.world import World

_LIMITS_MINOR = np.array([2_000_000, 5_000_000, 20_000_000])
"""Usual limits of an account per order; per day it is three times that (assumed)."""
_PLANS = np.array([3, 6, 12, 24])
"""Instalment plans of JD Baitiao (S1: queryBaiTiaoFQ)."""
_PLAN_FEE_PER_MONTH = 0.006
"""Assumed."""
_PLANS_FROM_MINOR = 30_000


def record_columns(world: World, subject: pl.Series) -> list[pl.Series]:
    """Lay out the merchant's own record; some orders come without one, some records are behind."""
    rng = stream_of(world.span.seed, "records")
    shares, size, baskets = world.scenario.shares, len(world), world.baskets
    present = happens(rng, shares.record_present.rate, size)
    behind = happens(rng, shares.record_behind.rate, size) & (world.sent.fault == 0) & world.goods
    old = behind | world.has(Fault.PRICE_CHANGED_SINCE)
    lag_us = np.where(old, rng.integers(600, 14_400, size), rng.integers(0, 4, size)) * US
    amount = baskets.amount + np.where(behind, baskets.discount + 100, 0)
    placed = world.stream.placed_us
    state = np.where(world.has(Fault.ALREADY_PAID), "paid", "created")
    state = np.where(world.has(Fault.CLOSED_ORDER), "closed", state)
    return [
        where(present, amount, "record.amount_minor"),
        where(present & world.goods, baskets.list_total, "record.list_amount_minor"),
        where(present, constant("CNY", size, "currency"), "record.currency"),
        where(present, subject, "record.subject"),
        where(present, state, "record.state"),
        where(
            present,
            instants(placed - rng.integers(1, 900, size) * US - lag_us),
            "record.created_at",
        ),
        where(present, instants(placed - lag_us), "record.read_at"),
        where(present, recorded_items(world), "record.items"),
    ]


def account_columns(world: World) -> list[pl.Series]:
    """Lay out what is known of the paying account's limits, its use of them and its state."""
    rng = stream_of(world.span.seed, "limits")
    size, amount = len(world), world.baskets.amount
    present = happens(rng, world.scenario.shares.account_present.rate, size) & world.goods
    per_order = rng.choice(_LIMITS_MINOR, size)
    per_order = np.maximum(per_order, _round_up(amount * 2))
    tight = _round_up((amount * rng.uniform(0.3, 0.95, size)).astype(np.int64)) - 10_000
    per_order = np.where(world.has(Fault.OVER_ORDER_LIMIT), np.maximum(tight, 100), per_order)
    per_day = 3 * per_order
    used_before = _used_today(world)
    full = np.maximum(0, per_day - (amount * rng.uniform(0.05, 0.9, size)).astype(np.int64))
    used = np.where(
        world.has(Fault.OVER_DAY_LIMIT), full, np.minimum(used_before, per_day - amount)
    )
    known = present | world.verdicts.restricted
    return [
        where(present, per_order, "account.limit_per_order_minor"),
        where(present, per_day, "account.limit_per_day_minor"),
        where(present, np.maximum(0, used), "account.used_today_minor"),
        where(known, world.verdicts.restricted, "account.restricted"),
    ]


def credit_columns(world: World) -> list[pl.Series]:
    """Lay out instalment plans: n equal payments, the first takes what does not divide."""
    rng = stream_of(world.span.seed, "credit")
    size, amount = len(world), world.baskets.amount
    wanted = happens(rng, world.scenario.shares.instalments.rate, size)
    credit = world.channel == CHANNELS.index("generic")
    planned: Flags = (credit | (wanted & (amount >= _PLANS_FROM_MINOR))) & world.goods
    count = rng.choice(_PLANS, size)
    total = np.rint(amount * (1 + _PLAN_FEE_PER_MONTH * count)).astype(np.int64)
    later = total // count
    return [
        where(planned, np.where(credit, "consumer_credit", "baitiao"), "credit.product"),
        where(planned, count, "credit.instalments"),
        where(planned, total, "credit.plan_total_minor"),
        where(planned, total - amount, "credit.plan_fee_minor"),
        where(planned, total - later * (count - 1), "credit.first_pay_minor"),
        where(planned, later, "credit.later_pay_minor"),
    ]


def _used_today(world: World) -> Ints:
    """Sum what each buyer ordered earlier on the same local day."""
    frame = pl.DataFrame(
        {
            "buyer": world.stream.buyer,
            "day": local_day(world.stream.placed_us),
            "amount": world.baskets.amount,
        }
    )
    earlier = pl.col("amount").cum_sum().over("buyer", "day") - pl.col("amount")
    return frame.select(earlier).to_series().to_numpy()


def _round_up(minor: Ints) -> Ints:
    return -(-minor // 10_000) * 10_000
