"""Made-up card and account numbers and phones, in the form that the edge reduces real ones to.

No number is made whole: its hash, check digit and length are drawn, as nobody could reduce
hundreds of thousands a second.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from training.simulate.chance import Flags, Ints
from training.simulate.columns import Letters, digits, hexadecimal, texts, where
from training.simulate.traits import between, mixed

_BANKS = (
    ("ICBC", "622202"),
    ("CCB", "621700"),
    ("ABC", "622848"),
    ("BOC", "621661"),
    ("CMB", "622588"),
    ("PSBC", "622188"),
)
"""Banks and one well-known BIN of each, as integrators' tables have them (grade C)."""
BANK_CODES = tuple(code for code, _ in _BANKS)
_LENGTH = 19
_WRONG_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with the numbers, one flag per row."""

    short: Flags
    """Digits are missing."""
    transposed: Flags
    """Two digits have changed places: the check digit fails and it is another number."""

    @classmethod
    def none(cls, size: int) -> "Damage":
        """Leave every number as it should be."""
        return cls(np.zeros(size, dtype=bool), np.zeros(size, dtype=bool))


def bank_of(seed: int, entity: Ints) -> Ints:
    """Number the bank that each entity has its account with."""
    return between(seed, "bank", entity, 0, len(_BANKS))


def account_columns(
    seed: int, prefix: str, entity: Ints, damage: Damage | None = None
) -> list[pl.Series]:
    """Lay out references to one account per row as columns; entity -1 has none."""
    wrong = damage or Damage.none(len(entity))
    here = entity >= 0
    holder = 4 * entity + 2 * wrong.short + wrong.transposed
    bins = pl.Series([number for _, number in _BANKS]).gather(bank_of(seed, np.maximum(entity, 0)))
    length = np.where(wrong.short, _WRONG_LENGTH, _LENGTH)
    fits = ~(wrong.transposed | wrong.short)
    return [
        where(here, texts(_hash(seed, "account", holder)), f"{prefix}.hash"),
        where(here, bins, f"{prefix}.bin"),
        where(here, texts(digits(between(seed, "last4", holder, 0, 10_000), 4)), f"{prefix}.last4"),
        where(here, length, f"{prefix}.length"),
        where(here, fits, f"{prefix}.luhn_valid"),
        where(here, np.ones(len(entity), dtype=bool), f"{prefix}.all_digits"),
    ]


def near_column(seed: int, prefix: str, entity: Ints, damage: Damage) -> pl.Series:
    """Lay out keys that tell numbers one slip apart: a transposed one shares a key with the right.

    A whole number has some dozens of them; two of each are drawn here.
    """
    holder = 4 * entity + 2 * damage.short + damage.transposed
    shared = np.where(damage.short, holder, entity)
    keys = [
        texts(hexadecimal([mixed(seed, f"near {part}", of)]))
        for part, of in (("shared", shared), ("own", holder))
    ]
    both = pl.DataFrame(keys, schema=["shared", "own"]).select(pl.concat_list(pl.all()))
    return where(entity >= 0, both.to_series(), f"{prefix}.near")


def phone_columns(seed: int, prefix: str, entity: Ints) -> list[pl.Series]:
    """Lay out references to one mobile number per row as columns; entity -1 has none."""
    here = entity >= 0
    last4 = digits(between(seed, "phone last4", entity, 0, 10_000), 4)
    return [
        where(here, texts(_hash(seed, "phone", entity)), f"{prefix}.hash"),
        where(here, texts(last4), f"{prefix}.last4"),
    ]


def _hash(seed: int, part: str, entity: Ints) -> Letters:
    return hexadecimal([mixed(seed, f"{part} hash {half}", entity) for half in "ab"])
