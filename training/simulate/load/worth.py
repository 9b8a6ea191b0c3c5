"""What the advice was worth: counts and money, with intervals drawn over buyers and payees."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from rules.costs import DEFAULT_COSTS, Costs
from training.simulate.chance import stream_of
from training.simulate.load.conduct import Held
from training.simulate.load.course import Played

ONLY_HERE = "only here"
_DRAWS = 1_000
_AT_ONCE = 50
Floats = NDArray[np.float64]
_Measure = Callable[[Played], float]


class Estimate(Struct, frozen=True):
    """A figure with its 95 % interval: whole buyers and payees are drawn, not single orders."""

    value: float
    low: float
    high: float


class Worth(Struct, frozen=True, kw_only=True):
    """One run. Money in minor units; rates per 1,000 orders of the run."""

    obeyed: bool
    orders: int
    submitted: int
    accepted: int
    refused: int
    cancelled: int
    unresolved: int
    stopped: int
    reviewed: int
    held_after_review: int
    held_for_nothing: int
    """Stopped or held, though nothing was wrong and the history's channel took it."""
    held_for_nothing_by_group: dict[str, int]
    fixed: int
    fixed_and_accepted: int
    refused_by_cause: dict[str, int]
    """By the history's true cause. `only here: CLASS` where the history's channel took the order
    and this run's refused it: its policy or its congestion saw other orders before it, or an
    advice changed the order."""
    actions: dict[str, int]
    accepted_minor: int
    refused_minor: int
    held_for_nothing_minor: int
    paid_wrong: int
    """Accepted at another amount than the merchant's system wants."""
    paid_wrong_minor: int
    cost_minor: int
    """Refusals, reviews and orders held for nothing at the default costs, which are assumed."""
    refused_per_1000: Estimate
    refused_of_1000_submitted: Estimate
    held_for_nothing_per_1000: Estimate
    timeouts: int
    queries: int
    sent_again: int
    double_payments: int
    payments: int
    """In the channel's own books."""

    @property
    def refused_only_here(self) -> int:
        """Refused orders that the history's channel took."""
        named = self.refused_by_cause.items()
        return sum(count for cause, count in named if cause.startswith(ONLY_HERE))


class Contrast(Struct, frozen=True, kw_only=True):
    """Two runs over the same orders, with and without obeying. The same luck reigns in both."""

    orders: int
    refused_ignoring: int
    refused_obeying: int
    avoided: int
    """Refused when the advice was ignored, not refused when it was obeyed."""
    avoided_and_sold: int
    """Of these: sent after a fix and accepted."""
    avoided_by: dict[str, int]
    """Of the avoided: fixed, stopped, reviewed (as far as reviews go, an assumption), or sent."""
    new_refusals: int
    """The reverse: refused only when the advice was obeyed."""
    sales_lost: int
    """Accepted when ignoring, stopped or held when obeying."""
    sales_lost_minor: int
    avoided_per_1000: Estimate
    sales_lost_per_1000: Estimate


def worth_of(
    played: Sequence[Played], *, obeyed: bool, ledger: Mapping[str, object], seed: int
) -> Worth:
    """Sum up one run."""
    books = _books(ledger)
    nothing = [one for one in played if one.is_held_for_nothing]
    wrong = [one for one in played if one.is_paid_wrong]
    refused = [one for one in played if one.is_refused]
    return Worth(
        obeyed=obeyed,
        orders=len(played),
        submitted=_count(played, lambda one: one.was_sent),
        accepted=_count(played, lambda one: one.is_accepted),
        refused=len(refused),
        cancelled=_count(played, _is_other),
        unresolved=_count(played, lambda one: one.was_sent and one.outcome is None),
        stopped=_count(played, lambda one: one.held is Held.STOPPED),
        reviewed=_count(played, lambda one: one.is_reviewed),
        held_after_review=_count(played, lambda one: one.held is Held.REVIEWED),
        held_for_nothing=len(nothing),
        held_for_nothing_by_group=_counted(one.fate.group for one in nothing),
        fixed=_count(played, lambda one: one.is_fixed),
        fixed_and_accepted=_count(played, lambda one: one.is_fixed and one.is_accepted),
        refused_by_cause=_counted(_cause_of(one) for one in refused),
        actions=_counted(one.action.value for one in played if one.action),
        accepted_minor=sum(one.sent_minor or 0 for one in played if one.is_accepted),
        refused_minor=sum(one.sent_minor or 0 for one in refused),
        held_for_nothing_minor=sum(one.amount_minor for one in nothing),
        paid_wrong=len(wrong),
        paid_wrong_minor=sum(abs((o.sent_minor or 0) - (o.fate.right_minor or 0)) for o in wrong),
        cost_minor=round(sum(cost_of(one, DEFAULT_COSTS) for one in played)),
        refused_per_1000=_per_1000(played, seed, lambda one: one.is_refused),
        refused_of_1000_submitted=_per_1000(
            [one for one in played if one.was_sent], seed, lambda one: one.is_refused
        ),
        held_for_nothing_per_1000=_per_1000(played, seed, lambda one: one.is_held_for_nothing),
        timeouts=sum(one.timeouts for one in played),
        queries=sum(one.queries for one in played),
        sent_again=sum(one.resent for one in played),
        double_payments=books["double"],
        payments=books["payments"],
    )


def contrast_of(
    ignoring: Mapping[str, Played], obeying: Mapping[str, Played], seed: int
) -> Contrast:
    """Compare two runs, order by order."""
    pairs = [(ignoring[order_id], obeying[order_id]) for order_id in ignoring]
    avoided = [after for before, after in pairs if before.is_refused and not after.is_refused]
    lost = [after for before, after in pairs if before.is_accepted and after.held is not None]
    new = [after for before, after in pairs if after.is_refused and not before.is_refused]
    net = {one.order_id: 1.0 for one in avoided} | {one.order_id: -1.0 for one in new}
    lost_ids = {one.order_id for one in lost}
    after = [one for _, one in pairs]
    return Contrast(
        orders=len(pairs),
        refused_ignoring=_count([one for one, _ in pairs], lambda one: one.is_refused),
        refused_obeying=_count(after, lambda one: one.is_refused),
        avoided=len(avoided),
        avoided_and_sold=_count(avoided, lambda one: one.is_accepted),
        avoided_by=_counted(_how(one) for one in avoided),
        new_refusals=len(new),
        sales_lost=len(lost),
        sales_lost_minor=sum(one.amount_minor for one in lost),
        avoided_per_1000=_per_1000(after, seed, lambda one: net.get(one.order_id, 0.0)),
        sales_lost_per_1000=_per_1000(after, seed, lambda one: one.order_id in lost_ids),
    )


def cost_of(one: Played, costs: Costs) -> float:
    """Price what became of one order, in minor units; a wrong amount that was paid is not in it."""
    cost = 0.0
    if one.is_refused:
        cost += costs.refused_minor + costs.refused_share * (one.sent_minor or 0)
    if one.is_reviewed:
        cost += costs.review_minor + costs.review_share * one.amount_minor
    if one.is_held_for_nothing:
        cost += costs.stopped_minor + costs.stopped_share * one.amount_minor
    return cost


def _cause_of(one: Played) -> str:
    if one.fate.cause is not None or one.outcome is None:
        return str(one.fate.cause)
    return f"{ONLY_HERE}: {one.outcome.value}"


def _how(one: Played) -> str:
    if one.held is not None:
        return one.held.value
    return "fixed" if one.is_fixed else "sent"


def _is_other(one: Played) -> bool:
    return one.outcome is not None and not one.is_accepted and not one.is_refused


def _count(played: Sequence[Played], holds: Callable[[Played], bool]) -> int:
    return sum(map(holds, played))


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())


def _books(ledger: Mapping[str, object]) -> dict[str, int]:
    channels = ledger["channels"]
    rows = list(channels.values()) if isinstance(channels, dict) else []
    return {
        "payments": sum(row["payments"] for row in rows),
        "double": sum(len(row["paid_twice"]) for row in rows),
    }


def _per_1000(played: Sequence[Played], seed: int, measure: _Measure) -> Estimate:
    """Estimate a rate; parties are drawn with replacement, each with all its orders."""
    if not played:
        return Estimate(0.0, 0.0, 0.0)
    numbers = {party: n for n, party in enumerate(dict.fromkeys(one.party for one in played))}
    sums, sizes = np.zeros(len(numbers)), np.zeros(len(numbers))
    for one in played:
        sums[numbers[one.party]] += measure(one)
        sizes[numbers[one.party]] += 1
    rng = stream_of(seed, "bootstrap")
    even = np.full(len(sums), 1 / len(sums))
    drawn = (rng.multinomial(len(sums), even, size=_AT_ONCE) for _ in range(_DRAWS // _AT_ONCE))
    rates = np.concatenate([times @ sums / (times @ sizes) for times in drawn])
    low, high = np.quantile(rates, [0.025, 0.975]) * 1_000
    return Estimate(float(sums.sum() / sizes.sum() * 1_000), float(low), float(high))
