"""Earlier attempts: the same order number, sent before, with an answer that settled nothing."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from training.simulate.chance import US, Ints, happens, lognormal_us
from training.simulate.codebook import Codebook
from training.simulate.columns import instants, lists
from training.simulate.refunds import SOONEST_US
from training.simulate.world import World

_MOST = 3
_MEDIAN_GAP_S = 240.0
"""Between two attempts of one order (assumed)."""
_LONGEST_GAP_US = SOONEST_US // (_MOST + 1)
"""So that the first attempt of a refund still comes after its order was accepted."""
_HTTP_STATUS = np.array([200, 200, 200, 502, 504])


@dataclass(frozen=True, slots=True)
class Attempts:
    """One row per earlier attempt, by order and in time; each is answered before the next."""

    order: Ints
    """Row of the slice."""
    number: Ints
    sent_us: Ints
    answered_us: Ints
    code: Ints
    """Row of the codebook, never a final one."""
    http_status: Ints

    def first_us(self, placed_us: Ints) -> Ints:
        """Tell when each order was first sent."""
        first = placed_us.copy()
        np.minimum.at(first, self.order, self.sent_us)
        return first


def draw_attempts(world: World, book: Codebook) -> Attempts:
    """Draw retries after a failure, and the first sending of what is now a duplicate number.

    An order that follows another is sent once. The first attempt of all is the order itself, as
    `placed_at` says.
    """
    rng, shares = world.piece.rng("attempts"), world.scenario.shares
    again = happens(rng, shares.retried.rate, len(world)) & (world.sent.fault == 0)
    again &= world.follows < 0
    count = np.where(again, rng.integers(1, _MOST + 1, len(world)), 0)
    count = np.where(world.has("duplicate_number"), 1, count)
    order = np.repeat(np.arange(len(world)), count)
    number = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count) + 1
    left = count[order] - number + 1
    gap_us = (
        lognormal_us(rng, _MEDIAN_GAP_S, 0.6, len(world)).clip(0, _LONGEST_GAP_US)[order] + 2 * US
    )
    sent = world.stream.placed_us[order] - left * gap_us
    answered = sent + np.minimum(gap_us - 1, lognormal_us(rng, 2.0, 0.8, len(order)))
    code = book.vague(rng.random(len(order)), world.channel[order])
    status = rng.choice(_HTTP_STATUS, len(order))
    return Attempts(order, number, sent, answered, code, status)


def attempts_column(world: World, attempts: Attempts, book: Codebook) -> pl.Series:
    """Lay the attempts out as one list per order."""
    codes = pl.Series([code for _, code in book.codes], dtype=pl.String)
    lines = pl.DataFrame(
        {
            "attempt_no": attempts.number,
            "sent_at": instants(attempts.sent_us),
            "http_status": attempts.http_status,
            "raw_code": codes.gather(attempts.code),
            "latency_ms": (attempts.answered_us - attempts.sent_us) // 1_000,
        }
    )
    return lists(attempts.order, len(world), lines).alias("attempts")
