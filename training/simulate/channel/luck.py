"""Luck by name: the same seed, part and order always draw the same number, whoever else ordered."""

import math
from hashlib import blake2b

_TO_UNIT = 2.0**-53


def luck(seed: int, part: str, order_id: str) -> float:
    """Draw a uniform number in [0, 1).

    >>> luck(1, "noise", "A1") == luck(1, "noise", "A1") != luck(2, "noise", "A1")
    True
    """
    digest = blake2b(f"{seed}:{part}:{order_id}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) * _TO_UNIT


def logistic(uniform: float) -> float:
    """Turn a uniform number into a standard logistic one."""
    kept = min(max(uniform, 1e-12), 1 - 1e-12)
    return math.log(kept / (1 - kept))


def lognormal_us(uniform: float, median_s: float, sigma: float) -> int:
    """Turn a uniform number into a delay of about that median, in microseconds, at least one.

    The logistic quantile over 1.702 stands in for the normal one (Bowling et al., 2009).
    """
    return max(1, round(median_s * 1e6 * math.exp(sigma * logistic(uniform) / 1.702)))
