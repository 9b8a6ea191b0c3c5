"""Sessions: one actor ordering several times in a row."""

from dataclasses import dataclass

import numpy as np

from training.simulate.chance import Ints, Rng, lognormal_us
from training.simulate.lives import Lives
from training.simulate.scenario import Session
from training.simulate.slices import Slice

_GAP_SIGMA = 0.8
"""Spread of the gaps inside a session (assumed)."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """One row per order: when, by which actor, in which session."""

    placed_us: Ints
    actor: Ints
    session: Ints

    def begins_us(self) -> Ints:
        """Tell of each order when its session began; a session's orders stand together."""
        begins: Ints = self.placed_us[np.searchsorted(self.session, self.session)]
        return begins


def draw_sessions(rng: Rng, shape: Session, piece: Slice, size: int, lives: Lives) -> Sessions:
    """Draw sessions that begin in a slice, `size` orders in all; the last one is cut to fit.

    What overruns the slice belongs to the next; what would overrun the period begins earlier.
    """
    lengths = _lengths(rng, shape, size)
    session = np.repeat(np.arange(len(lengths)), lengths)
    starts = rng.permutation(piece.hours.draw(rng, len(lengths)))
    elapsed = _since_first(lognormal_us(rng, shape.median_gap_s, _GAP_SIGMA, size), lengths)
    overrun = np.maximum(0, (starts[session] + elapsed) - (piece.span.end_us - 1))
    last = np.zeros(len(lengths), dtype=np.int64)
    np.maximum.at(last, session, overrun)
    begun = starts - last
    actor = lives.about(np.maximum(piece.start_us, begun), rng.random(len(lengths)))
    placed = np.maximum(piece.start_us, begun[session] + elapsed)
    return Sessions(placed, actor[session], session)


def _lengths(rng: Rng, shape: Session, size: int) -> Ints:
    most = max(shape.smallest, shape.largest)
    drawn = rng.integers(shape.smallest, most + 1, size // shape.smallest + 1)
    ends = np.minimum(np.cumsum(drawn), size)
    lengths: Ints = np.diff(ends, prepend=0)
    filled: Ints = lengths[lengths > 0]
    return filled


def _since_first(gaps: Ints, lengths: Ints) -> Ints:
    first = np.cumsum(lengths) - lengths
    elapsed: Ints = np.cumsum(gaps)
    since: Ints = elapsed - np.repeat(elapsed[first], lengths)
    return since
