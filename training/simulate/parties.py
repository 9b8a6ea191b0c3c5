"""The columns of who pays and who is paid."""

import numpy as np
import polars as pl

from training.simulate.columns import instants, named, numbered, where
from training.simulate.faults import Fault
from training.simulate.numbers import account_columns
from training.simulate.places import person_names
from training.simulate.rhythm import DAY_US
from training.simulate.traits import between, choose, trait
from training.simulate.world import World

_DEVICES = ["app", "mini_program", "browser", "pc"]
_DEVICE_SHARES = [0.62, 0.2, 0.1, 0.08]
_BANKS = ["ICBC", "CCB", "ABC", "BOC", "CMB", "PSBC"]
_PURPOSES = ["工资", "佣金", "退款", "货款结算"]
_PURPOSE_GIVEN = 0.9
"""How many payouts state what they are for (assumed)."""
_BENCHMARK_HOSTS = 131_072


def buyer_columns(world: World) -> list[pl.Series]:
    """Lay out buyer, card and device; a payout has none."""
    stream, seed, here = world.stream, world.span.seed, world.goods
    device = choose(seed, "device kind", stream.device, _DEVICE_SHARES)
    return [
        where(here, numbered("U", stream.buyer, 12), "buyer.id"),
        where(here, instants(stream.registered_us), "buyer.registered_at"),
        *account_columns(seed, "buyer.card", stream.card),
        where(here, numbered("D", stream.device, 12), "device.id"),
        where(here, named(_DEVICES, device), "device.kind"),
        where(here, _ip(world), "device.ip"),
    ]


def _ip(world: World) -> pl.Series:
    """Give addresses that belong to nobody: 198.18.0.0/15 is for benchmarks (RFC 2544)."""
    host = world.stream.ip % _BENCHMARK_HOSTS
    parts = pl.DataFrame({"a": 18 + host // 65_536, "b": host // 256 % 256, "c": host % 256})
    return parts.select(pl.format("198.{}.{}.{}", "a", "b", "c")).to_series()


def payee_columns(world: World) -> list[pl.Series]:
    """Lay out the payee of each payout; an order for goods has none."""
    payee, seed, here = world.stream.payee, world.span.seed, world.stream.payout
    corporate = trait(seed, "payee kind", payee) < 0.15
    changed = world.span.start_us - between(seed, "account changed", payee, 1, 700) * DAY_US
    bank = between(seed, "bank", payee, 0, len(_BANKS))
    purpose = between(seed, "purpose", payee, 0, len(_PURPOSES))
    number = np.arange(len(world))
    stated = here & (trait(seed, "purpose given", number) < _PURPOSE_GIVEN)
    return [
        where(here, numbered("P", payee, 12), "payout.payee.id"),
        where(here, np.where(corporate, "corporate", "personal"), "payout.payee.kind"),
        where(here, person_names(seed, payee), "payout.payee.name"),
        *account_columns(seed, "payout.payee.account", payee, world.has(Fault.WRONG_PAYEE_ACCOUNT)),
        where(here, named(_BANKS, bank), "payout.payee.bank_code"),
        where(here & corporate, numbered("1021000", bank, 5), "payout.payee.branch_code"),
        where(here, instants(changed), "payout.payee.account_changed_at"),
        where(here, np.where(trait(seed, "speed", number) < 0.7, "D0", "D1"), "payout.speed"),
        where(stated, named(_PURPOSES, purpose), "payout.purpose"),
    ]
