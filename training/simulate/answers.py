"""Answers: what comes back, when, and in what form the history keeps it."""

import numpy as np
import polars as pl

from training.simulate.chance import Flags, Ints, Rng, happens, lognormal_us, stream_of
from training.simulate.codebook import Codebook
from training.simulate.rhythm import HOUR_US
from training.simulate.scenario import Scenario
from training.simulate.stream import Span, Stream
from training.simulate.verdicts import CAUSES, Cause, Verdicts

_AML_REVIEW_HOURS = (2.0, 40.0)
"""How long a payout is looked at by hand (assumed)."""
_PAID_AFTER_OUTAGE = 0.5
"""Of what an outage left open, how much turns out to be paid (assumed)."""


def give_answers(
    scenario: Scenario,
    span: Span,
    stream: Stream,
    channel: Ints,
    verdicts: Verdicts,
    book: Codebook,
) -> pl.DataFrame:
    """Lay out the outcomes: first answers, and a later one where the first settles nothing.

    Columns: `order` (row of the stream), `code` (row of the codebook), `occurred_at`,
    `received_at`. What would arrive after the period ends is not known yet, so it is absent.
    """
    rng = stream_of(span.seed, "answers")
    size = len(stream)
    hazy = happens(rng, scenario.unknown.rate, size) & ~verdicts.due_to(Cause.OUTAGE)
    hazy |= verdicts.due_to(Cause.AML_REVIEW)
    first = book.first(rng, channel, verdicts.cause, hazy)
    first_us = stream.placed_us + _first_delay(rng, scenario, stream, verdicts, hazy)
    later = ~book.final[first] & ~happens(rng, scenario.unknown.never_resolved, size)
    last = book.last(rng, channel, _in_the_end(rng, verdicts))
    last_us = first_us + _resolution(rng, scenario, verdicts)
    order = np.concatenate([np.arange(size), np.flatnonzero(later)])
    code = np.concatenate([first, last[later]])
    received = np.concatenate([first_us, last_us[later]])
    known = received <= span.end_us
    return pl.DataFrame(
        {"order": order[known], "code": code[known], "received_at": received[known]}
    ).sort("received_at", "order", maintain_order=True)


def _first_delay(
    rng: Rng, scenario: Scenario, stream: Stream, verdicts: Verdicts, hazy: Flags
) -> Ints:
    delays, size = scenario.delays, len(stream)
    quick = lognormal_us(rng, delays.refusal.median_s, delays.refusal.sigma, size)
    paid = lognormal_us(rng, delays.acceptance.median_s, delays.acceptance.sigma, size)
    credited = lognormal_us(rng, delays.payout.median_s, delays.payout.sigma, size)
    slow = np.where(stream.payout, credited, paid)
    return np.where((verdicts.cause == 0) & ~hazy, slow, quick)


def _resolution(rng: Rng, scenario: Scenario, verdicts: Verdicts) -> Ints:
    delay = scenario.delays.resolution
    usual = lognormal_us(rng, delay.median_s, delay.sigma, len(verdicts.cause))
    by_hand = (rng.uniform(*_AML_REVIEW_HOURS, len(usual)) * HOUR_US).astype(np.int64)
    return np.where(verdicts.due_to(Cause.AML_REVIEW), by_hand, usual)


def _in_the_end(rng: Rng, verdicts: Verdicts) -> Ints:
    """Some of what an outage left open turns out to be paid."""
    paid = happens(rng, _PAID_AFTER_OUTAGE, len(verdicts.cause))
    return np.where(verdicts.due_to(Cause.OUTAGE) & paid, CAUSES.index("none"), verdicts.cause)


def outcomes_frame(answers: pl.DataFrame, order_ids: pl.Series, book: Codebook) -> pl.DataFrame:
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
    instant = answers["received_at"].cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.concat(
        [
            order_ids.gather(answers["order"]).to_frame("order_id"),
            pl.DataFrame({"received_at": instant, "occurred_at": instant}),
            meanings[answers["code"]],
        ],
        how="horizontal",
    )
