"""Answers: what comes back, when, and in what form the history keeps it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from training.simulate.attempts import Attempts
from training.simulate.chance import US, Flags, Ints, Rng, happens, lognormal_us
from training.simulate.codebook import Codebook
from training.simulate.columns import instants
from training.simulate.names import CAUSES
from training.simulate.rhythm import HOUR_US
from training.simulate.scenario import Scenario
from training.simulate.verdicts import Verdicts
from training.simulate.world import World

_AML_REVIEW_HOURS = (2.0, 40.0)
"""How long a payout is looked at by hand (assumed)."""
_PAID_AFTER_OUTAGE = 0.5
"""Of what an outage left open, how much turns out to be paid (assumed)."""
_SLOWER = 20.0
"""How much longer answers take while a channel decays or chokes (assumed)."""
_OUTAGES = ("outage", "degradation", "congestion")


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to the orders of one slice, one row each, in no order, and how orders end."""

    order: Ints
    """Row of the slice."""
    code: Ints
    """Row of the codebook."""
    received_us: Ints
    accepted_us: Ints
    """One row per order: when it was finally accepted, for good; -1 for never."""


def give_answers(world: World, attempts: Attempts, book: Codebook) -> Answers:
    """Draw first answers, later ones where the first settles nothing, and what comes back.

    What would arrive after the period ends is not known yet, so it is absent.
    """
    rng, scenario, verdicts = world.piece.rng("answers"), world.scenario, world.verdicts
    size, channel, paid = len(world), world.channel, np.zeros(len(world), dtype=np.int64)
    returned = verdicts.returned
    cause = np.where(returned, paid, verdicts.cause)
    hazy = happens(rng, scenario.unknown.rate, size) & ~verdicts.due_to(*_OUTAGES)
    hazy |= verdicts.held
    first = book.first(rng, channel, cause, hazy)
    first_us = world.stream.placed_us + _first_delay(rng, world, cause, hazy)
    later = ~book.final[first] & ~happens(rng, scenario.unknown.never_resolved, size)
    in_the_end = _in_the_end(rng, verdicts, cause)
    last = book.last(rng, channel, in_the_end)
    last_us = first_us + _resolution(rng, scenario, verdicts)
    closing = np.where(later, last, first)
    closing_us = np.where(later, last_us, first_us)
    accepts = np.array([str(meaning.outcome_class) == "accepted" for meaning in book.meanings])
    good = accepts[closing] & book.final[closing]
    back = returned & good
    back_us = closing_us + _way_back(rng, scenario, size)
    rows = [np.arange(size), np.flatnonzero(later), np.flatnonzero(back), attempts.order]
    codes = [first, last[later], book.last(rng, channel, verdicts.cause)[back], attempts.code]
    received = [first_us, last_us[later], back_us[back], attempts.answered_us]
    all_us = np.concatenate(received)
    known = all_us <= world.piece.span.end_us
    return Answers(
        np.concatenate(rows)[known],
        np.concatenate(codes)[known],
        all_us[known],
        np.where(good & ~returned, closing_us, -1),
    )


def _first_delay(rng: Rng, world: World, cause: Ints, hazy: Flags) -> Ints:
    delays, size = world.scenario.delays, len(world)
    quick = lognormal_us(rng, delays.refusal.median_s, delays.refusal.sigma, size)
    paid = lognormal_us(rng, delays.acceptance.median_s, delays.acceptance.sigma, size)
    credited = lognormal_us(rng, delays.payout.median_s, delays.payout.sigma, size)
    good = np.where(world.stream.payout, credited, paid)
    usual = np.where((cause == 0) & ~hazy, good, quick)
    return np.where(world.verdicts.weather.slow, (usual * _SLOWER).astype(np.int64), usual)


def _resolution(rng: Rng, scenario: Scenario, verdicts: Verdicts) -> Ints:
    """Draw how long a later answer takes: usually minutes, some come late, reviews take hours."""
    delay, size = scenario.delays.resolution, len(verdicts.cause)
    usual = lognormal_us(rng, delay.median_s, delay.sigma, size)
    late = lognormal_us(rng, scenario.unknown.late_median_s, 0.5, size)
    usual = np.where(happens(rng, scenario.unknown.late, size), late, usual)
    by_hand = (rng.uniform(*_AML_REVIEW_HOURS, size) * HOUR_US).astype(np.int64)
    return np.where(verdicts.held, by_hand, usual)


def _in_the_end(rng: Rng, verdicts: Verdicts, cause: Ints) -> Ints:
    """Some of what an outage left open turns out to be paid."""
    paid = happens(rng, _PAID_AFTER_OUTAGE, len(cause))
    return np.where(verdicts.due_to(*_OUTAGES) & paid, CAUSES.index("none"), cause)


def _way_back(rng: Rng, scenario: Scenario, size: int) -> Ints:
    spec = scenario.payee_accounts
    hours = rng.uniform(spec.shortest_h, max(spec.shortest_h, spec.longest_h), size)
    return (hours * 3_600 * US).astype(np.int64)


def outcomes_frame(answers: Answers, order_ids: pl.Series, book: Codebook) -> pl.DataFrame:
    """Write the answers as a history's outcomes: the raw code and what the pack makes of it."""
    meanings = pl.DataFrame(
        {
            "raw_code": [code for _, code in book.codes],
            "outcome_class": [str(meaning.outcome_class) for meaning in book.meanings],
            "subclass": [meaning.subclass for meaning in book.meanings],
            "final": book.final,
            "next_action": [meaning.next_action for meaning in book.meanings],
        },
        schema_overrides={"subclass": pl.String, "next_action": pl.String},
    )
    by_time = np.lexsort((answers.order, answers.received_us))
    instant = instants(answers.received_us[by_time])
    return pl.concat(
        [
            order_ids.gather(answers.order[by_time]).to_frame("order_id"),
            pl.DataFrame({"received_at": instant, "occurred_at": instant}),
            meanings[answers.code[by_time]],
        ],
        how="horizontal",
    )
