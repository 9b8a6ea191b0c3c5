"""The columns of who pays and who is paid."""

import numpy as np
import polars as pl

from training.simulate.chance import Flags, Ints, happens
from training.simulate.columns import instants, named, numbered, scattered, where
from training.simulate.numbers import BANK_CODES, Damage, account_columns, bank_of, near_column
from training.simulate.payments import PURPOSES, WAGES
from training.simulate.places import person_names
from training.simulate.rhythm import local_day
from training.simulate.traits import choose, trait
from training.simulate.world import World

_DEVICES = ("app", "mini_program", "browser", "pc")
_DEVICE_SHARES = [0.62, 0.2, 0.1, 0.08]
_CORPORATE = 0.15
_NEXT_DAY = 0.3
_PURPOSE_GIVEN = 0.9
"""How many payees are firms, payouts go by the next day, and state what they are for (assumed)."""
_BENCHMARK_HOSTS = 131_072
_IPS = tuple(
    f"198.{18 + host // 65_536}.{host // 256 % 256}.{host % 256}"
    for host in range(_BENCHMARK_HOSTS)
)
"""Addresses that belong to nobody: 198.18.0.0/15 is for benchmarks (RFC 2544)."""


def buyer_columns(world: World, first_us: Ints) -> list[pl.Series]:
    """Lay out buyer, card and device; a payout has none."""
    stream, seed, here = world.stream, world.seed, world.goods
    device = choose(seed, "device kind", stream.device, _DEVICE_SHARES)
    opened = np.minimum(stream.registered_us, first_us)
    return [
        where(here, numbered("U", stream.buyer, 12), "buyer.id"),
        where(here, instants(opened), "buyer.registered_at"),
        *account_columns(seed, "buyer.card", np.where(here, stream.card, -1)),
        where(here, numbered("D", stream.device, 12), "device.id"),
        where(here, named(_DEVICES, device), "device.kind"),
        where(here, pl.Series(_IPS).gather(stream.ip % _BENCHMARK_HOSTS), "device.ip"),
    ]


def is_next_day(world: World) -> Flags:
    """Flag the payouts that are promised for the next day only."""
    return happens(world.piece.rng("speed"), _NEXT_DAY, len(world))


def is_corporate(world: World) -> Flags:
    """Flag the payouts to firms; a refund goes to a person's card."""
    firm = trait(world.seed, "payee kind", world.stream.payee) < _CORPORATE
    flags: Flags = firm & ~world.refund
    return flags


def _payee_ids(payee: Ints, refund: Flags) -> pl.Series:
    """Name payees: who gets a refund is known as a buyer."""
    ids = pl.when(pl.lit(pl.Series(refund))).then(pl.lit(numbered("U", payee, 12)))
    return pl.select(ids.otherwise(pl.lit(numbered("P", payee, 12)))).to_series()


def payee_columns(world: World, promised_us: Ints) -> list[pl.Series]:
    """Lay out the payee of each payout; an order for goods has none."""
    here, size = world.stream.payout, len(world)
    shares = world.scenario.shares
    stated = happens(world.piece.rng("purpose"), _PURPOSE_GIVEN, size)[here]
    kept = happens(world.piece.rng("promise"), shares.promised.rate, size)[here]
    purpose = world.purpose[here]
    day = local_day(world.stream.placed_us[here])
    told = [
        where(kept, instants(promised_us[here]), "promised_at"),
        *_payees(world, here),
        named(["D0", "D1"], is_next_day(world)[here].astype(np.int64)).alias("payout.speed"),
        where(stated, named(PURPOSES, purpose), "payout.purpose"),
        where(purpose == WAGES, numbered("W", day, 6), "payout.batch_id"),
    ]
    return scattered(here, told)


def _payees(world: World, here: Flags) -> list[pl.Series]:
    payee, refund, seed = world.stream.payee[here], world.refund[here], world.seed
    account = np.where(refund, world.stream.card[here], payee)
    bank = bank_of(seed, account)
    told = np.where(world.has("bank_mismatch")[here], (bank + 1) % len(BANK_CODES), bank)
    firm = is_corporate(world)[here]
    damage = Damage(world.has("wrong_payee_account")[here], world.has("transposed_digits")[here])
    kinds = named(["personal", "corporate"], firm.astype(np.int64))
    changed = instants(world.stream.registered_us[here])
    return [
        _payee_ids(payee, refund).alias("payout.payee.id"),
        kinds.alias("payout.payee.kind"),
        person_names(seed, payee).alias("payout.payee.name"),
        *account_columns(seed, "payout.payee.account", account, damage),
        near_column(seed, "payout.payee.account", account, damage),
        named(BANK_CODES, told).alias("payout.payee.bank_code"),
        where(firm, numbered("1021000", bank, 5), "payout.payee.branch_code"),
        changed.alias("payout.payee.account_changed_at"),
    ]
