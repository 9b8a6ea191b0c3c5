"""Replies: what each order hears from its channel, and when; its luck hangs on its key alone."""

from dataclasses import dataclass

import numpy as np

from training.simulate.chance import US, Flags, Ints
from training.simulate.codebook import Codebook
from training.simulate.names import CAUSES
from training.simulate.rows import Rows
from training.simulate.scenario import Scenario
from training.simulate.traits import lasting_us, trait
from training.simulate.verdicts import Verdicts

_AML_REVIEW_HOURS = (2.0, 40.0)
"""How long a payout is looked at by hand (assumed)."""
_PAID_AFTER_OUTAGE = 0.5
"""Of what an outage left open, how much turns out to be paid (assumed)."""
_SLOWER = 20.0
"""How much longer answers take while a channel decays or chokes (assumed)."""
_LATE_SIGMA = 0.5
_OUTAGES = ("outage", "degradation", "congestion")


@dataclass(frozen=True, slots=True)
class Replies:
    """One row per order; a code is a row of the codebook."""

    first: Ints
    first_us: Ints
    later: Flags
    """A later answer settles what the first one left open."""
    last: Ints
    last_us: Ints
    back: Flags
    """A payout that was accepted comes back."""
    back_code: Ints
    back_us: Ints
    accepted_us: Ints
    """When it was finally accepted, for good; -1 for never."""


def give_replies(
    scenario: Scenario, seed: int, rows: Rows, verdicts: Verdicts, book: Codebook
) -> Replies:
    """Choose first answers, later ones where the first settles nothing, and what comes back."""
    key, channel, returned = rows.stream.key, rows.channel, verdicts.returned
    cause = np.where(returned, 0, verdicts.cause)
    hazy = _is_hazy(scenario, seed, rows, verdicts)
    first = book.first(trait(seed, "first code", key), channel, cause, hazy)
    first_us = heard_us(scenario, seed, rows, verdicts)
    resolved = trait(seed, "resolved", key) >= scenario.unknown.never_resolved
    later = ~book.final[first] & resolved
    last, last_us = first.copy(), first_us.copy()
    some = np.flatnonzero(later)
    last[some], last_us[some] = _settled(scenario, seed, rows, verdicts, book, some)
    last_us[some] += first_us[some]
    good = book.accepts[last] & book.final[last]
    back_code, back = first.copy(), returned & good
    back_code[back] = book.last(
        trait(seed, "code of return", key[back]), channel[back], verdicts.cause[back]
    )
    return Replies(
        first,
        first_us,
        later,
        last,
        last_us,
        back,
        back_code,
        last_us + _way_back(scenario, seed, key),
        np.where(good & ~returned, last_us, -1),
    )


def _settled(
    scenario: Scenario, seed: int, rows: Rows, verdicts: Verdicts, book: Codebook, some: Ints
) -> tuple[Ints, Ints]:
    """Choose the later answers of some rows, and how long after the first ones they come."""
    key, channel = rows.stream.key[some], rows.channel[some]
    cause = np.where(verdicts.returned, 0, verdicts.cause)[some]
    paid = trait(seed, "paid after all", key) < _PAID_AFTER_OUTAGE
    end = np.where(verdicts.due_to(*_OUTAGES)[some] & paid, CAUSES.index("none"), cause)
    last = book.last(trait(seed, "last code", key), channel, end)
    return last, _resolution(scenario, seed, key, verdicts.held[some])


def heard_us(scenario: Scenario, seed: int, rows: Rows, verdicts: Verdicts) -> Ints:
    """Tell when each order's first answer comes."""
    key, delays = rows.stream.key, scenario.delays
    quick = lasting_us(seed, "quick", key, delays.refusal.median_s, delays.refusal.sigma)
    good = np.where(
        rows.stream.payout,
        lasting_us(seed, "payout", key, delays.payout.median_s, delays.payout.sigma),
        lasting_us(seed, "paid", key, delays.acceptance.median_s, delays.acceptance.sigma),
    )
    fine = (verdicts.cause == 0) | verdicts.returned
    usual = np.where(fine & ~_is_hazy(scenario, seed, rows, verdicts), good, quick)
    slowed = np.where(verdicts.weather.slow, (usual * _SLOWER).astype(np.int64), usual)
    return np.where(rows.heard_us >= 0, rows.heard_us, rows.stream.placed_us + slowed)


def _is_hazy(scenario: Scenario, seed: int, rows: Rows, verdicts: Verdicts) -> Flags:
    unlucky = trait(seed, "hazy", rows.stream.key) < scenario.unknown.rate
    hazy: Flags = (unlucky & ~verdicts.due_to(*_OUTAGES)) | verdicts.held
    return hazy


def _resolution(scenario: Scenario, seed: int, key: Ints, held: Flags) -> Ints:
    """Draw how long a later answer takes: usually minutes, some come late, reviews take hours."""
    delay, unknown = scenario.delays.resolution, scenario.unknown
    usual = lasting_us(seed, "resolution", key, delay.median_s, delay.sigma)
    late = lasting_us(seed, "late resolution", key, unknown.late_median_s, _LATE_SIGMA)
    usual = np.where(trait(seed, "is late", key) < unknown.late, late, usual)
    return np.where(held, _hours(seed, "review", key, *_AML_REVIEW_HOURS), usual)


def _way_back(scenario: Scenario, seed: int, key: Ints) -> Ints:
    spec = scenario.payee_accounts
    return _hours(seed, "way back", key, spec.shortest_h, max(spec.shortest_h, spec.longest_h))


def _hours(seed: int, part: str, key: Ints, shortest: float, longest: float) -> Ints:
    hours = shortest + (longest - shortest) * trait(seed, part, key)
    return (hours * 3_600 * US).astype(np.int64)
