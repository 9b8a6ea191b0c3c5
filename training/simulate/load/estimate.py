"""Figures with 95 % intervals, drawn over buyers and payees with all their orders."""

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from training.simulate.chance import stream_of
from training.simulate.load.course import Played

_DRAWS = 1_000
_AT_ONCE = 50
Floats = NDArray[np.float64]
Measure = Callable[[Played], float]


class Estimate(Struct, frozen=True):
    """A figure with its 95 % interval: whole buyers and payees are drawn, not single orders."""

    value: float
    low: float
    high: float


def per_1000(played: Sequence[Played], seed: int, measure: Measure) -> Estimate:
    """Estimate a rate of 1,000 orders."""
    if not played:
        return Estimate(0.0, 0.0, 0.0)
    sums, sizes = _by_party(played, measure)
    drawn = np.concatenate([times @ sums / (times @ sizes) for times in _draws(seed, len(sums))])
    return _estimate(sums.sum() / sizes.sum(), drawn, 1_000)


def in_all(played: Sequence[Played], seed: int, measure: Measure) -> Estimate:
    """Estimate a sum over the run, as it would be with other buyers and payees of the same kind."""
    if not played:
        return Estimate(0.0, 0.0, 0.0)
    sums, sizes = _by_party(played, measure)
    drawn = [times @ sums / (times @ sizes) for times in _draws(seed, len(sums))]
    return _estimate(sums.sum() / sizes.sum(), np.concatenate(drawn), len(played))


def _by_party(played: Sequence[Played], measure: Measure) -> tuple[Floats, Floats]:
    numbers = {party: n for n, party in enumerate(dict.fromkeys(one.party for one in played))}
    sums, sizes = np.zeros(len(numbers)), np.zeros(len(numbers))
    for one in played:
        sums[numbers[one.party]] += measure(one)
        sizes[numbers[one.party]] += 1
    return sums, sizes


def _draws(seed: int, parties: int) -> list[NDArray[np.int64]]:
    """Draw how often each party counts, with replacement."""
    rng, even = stream_of(seed, "bootstrap"), np.full(parties, 1 / parties)
    return [rng.multinomial(parties, even, size=_AT_ONCE) for _ in range(_DRAWS // _AT_ONCE)]


def _estimate(value: float, drawn: Floats, scale: float) -> Estimate:
    low, high = np.quantile(drawn, [0.025, 0.975]) * scale
    return Estimate(float(value * scale), float(low), float(high))
