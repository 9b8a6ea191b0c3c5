"""Made-up card and account numbers, reduced as the edge reduces real ones."""

import numpy as np
import polars as pl

from features.masking import Masker
from training.simulate.chance import Flags, Ints
from training.simulate.traits import between, trait

MASKER = Masker(b"simulated numbers guard nobody..")
_BINS = np.array(["622202", "621700", "622848", "621661", "622588", "625160"])
_LENGTH = 19
_WRONG_LENGTH = 12
_REFERENCE = {
    "hash": pl.String,
    "bin": pl.String,
    "last4": pl.String,
    "length": pl.Int64,
    "luhn_valid": pl.Boolean,
    "all_digits": pl.Boolean,
}


def account_numbers(seed: int, entity: Ints, wrong: Flags) -> list[str]:
    """Make one number for each entity: 19 digits with a check digit that holds.

    A wrong one lacks digits or has a check digit that fails, half and half.
    """
    prefixes = _BINS[between(seed, "bin", entity, 0, len(_BINS))]
    middles = (trait(seed, "account", entity) * 10**12).astype(np.int64)
    short = wrong & (trait(seed, "how wrong", entity) < 0.5)
    rows = zip(prefixes, middles, wrong, short, strict=True)
    return [_number(f"{prefix}{middle:012d}", w, s) for prefix, middle, w, s in rows]


def _number(body: str, wrong: bool, short: bool) -> str:
    if short:
        return body[:_WRONG_LENGTH]
    check = _check_digit(body)
    return body + str((check + 3) % 10 if wrong else check)


def _check_digit(body: str) -> int:
    digits = [int(digit) for digit in reversed(body)]
    doubled = [d * 2 - 9 * (d > 4) for d in digits[::2]]
    return -(sum(doubled) + sum(digits[1::2])) % 10


def account_columns(
    seed: int, prefix: str, entity: Ints, wrong: Flags | None = None
) -> list[pl.Series]:
    """Lay out references to one account per row as columns; entity -1 has none."""
    faulty = np.zeros(len(entity), dtype=bool) if wrong is None else wrong
    distinct, place = np.unique(entity * 2 + faulty, return_inverse=True)
    owner, bad = distinct // 2, distinct % 2 == 1
    numbers = account_numbers(seed, owner, bad)
    reduced = [
        MASKER.account(number) if holder >= 0 else {}
        for number, holder in zip(numbers, owner, strict=True)
    ]
    frame = pl.from_dicts(reduced, schema=_REFERENCE)[place]
    return [column.alias(f"{prefix}.{column.name}") for column in frame]


def phone_columns(seed: int, prefix: str, entity: Ints) -> list[pl.Series]:
    """Lay out references to one mobile number per row as columns; entity -1 has none."""
    distinct, place = np.unique(entity, return_inverse=True)
    subscriber = (trait(seed, "phone", distinct) * 10**8).astype(np.int64)
    reduced = [
        MASKER.phone(f"199{number:08d}") if holder >= 0 else {}
        for number, holder in zip(subscriber, distinct, strict=True)
    ]
    frame = pl.from_dicts(reduced, schema={"hash": pl.String, "last4": pl.String})[place]
    return [column.alias(f"{prefix}.{column.name}") for column in frame]
