"""The columns of who pays and who is paid."""

import numpy as np
import polars as pl

from training.simulate.chance import Flags, Ints, happens
from training.simulate.columns import instants, named, numbered, where
from training.simulate.numbers import BANK_CODES, Damage, account_columns, bank_of
from training.simulate.payments import PURPOSES, purposes
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
        *account_columns(seed, "buyer.card", stream.card),
        where(here, numbered("D", stream.device, 12), "device.id"),
        where(here, named(_DEVICES, device), "device.kind"),
        where(here, pl.Series(_IPS).gather(stream.ip % _BENCHMARK_HOSTS), "device.ip"),
    ]


def is_next_day(world: World) -> Flags:
    """Flag the payouts that are promised for the next day only."""
    return happens(world.piece.rng("speed"), _NEXT_DAY, len(world))


def is_corporate(world: World) -> Flags:
    """Flag the payouts to firms."""
    flags: Flags = trait(world.seed, "payee kind", world.stream.payee) < _CORPORATE
    return flags


def payee_columns(world: World, promised_us: Ints) -> list[pl.Series]:
    """Lay out the payee of each payout; an order for goods has none."""
    payee, seed, here = world.stream.payee, world.seed, world.stream.payout
    bank = bank_of(seed, np.maximum(payee, 0))
    other = (bank + 1) % len(BANK_CODES)
    told = np.where(world.has("bank_mismatch"), other, bank)
    firm = is_corporate(world)
    damage = Damage(world.has("wrong_payee_account"), world.has("transposed_digits"))
    stated = here & happens(world.piece.rng("purpose"), _PURPOSE_GIVEN, len(world))
    kept = here & happens(
        world.piece.rng("promise"), world.scenario.shares.promised.rate, len(here)
    )
    wages = here & (purposes(seed, payee) == 0)
    return [
        where(kept, instants(promised_us), "promised_at"),
        where(here, numbered("P", payee, 12), "payout.payee.id"),
        where(here, named(["personal", "corporate"], firm.astype(np.int64)), "payout.payee.kind"),
        where(here, person_names(seed, payee), "payout.payee.name"),
        *account_columns(seed, "payout.payee.account", payee, damage),
        where(here, named(BANK_CODES, told), "payout.payee.bank_code"),
        where(here & firm, numbered("1021000", bank, 5), "payout.payee.branch_code"),
        where(here, instants(world.stream.registered_us), "payout.payee.account_changed_at"),
        where(here, named(["D0", "D1"], is_next_day(world).astype(np.int64)), "payout.speed"),
        where(stated, named(PURPOSES, purposes(seed, payee)), "payout.purpose"),
        where(wages, numbered("W", local_day(world.stream.placed_us), 6), "payout.batch_id"),
    ]
