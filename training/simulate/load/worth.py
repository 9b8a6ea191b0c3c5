"""What the advice was worth: counts and money, with intervals drawn over buyers and payees."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from msgspec import Struct

from rules.costs import DEFAULT_COSTS, Costs
from training.simulate.load.conduct import Held
from training.simulate.load.course import Played
from training.simulate.load.estimate import Estimate, in_all, per_1000

ONLY_HERE = "only here"
_HOUR_US = 3_600_000_000


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
    waiting: int
    """Put off for good: the play ended, or they were asked about often enough."""
    waited: int
    """Put off at least once, and then sent or not."""
    waited_us: int
    """How long all of them together were put off, in simulated time."""
    waited_and_accepted: int
    rerouted: int
    """Sent by another channel than the one that they were placed for."""
    rerouted_and_accepted: int
    queried_first: int
    """An earlier attempt was asked about before anything else, which takes no time here."""
    held_for_nothing: int
    """Stopped, held or put off for good, though nothing was wrong and the history's channel took
    it."""
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
    accepted_money: Estimate
    """In minor units, as all that follow; a sum over the run. What was paid beyond the right
    amount is left out: it has to be given back."""
    refused_money: Estimate
    delayed_minor_hours: dict[str, Estimate]
    """Money times hours, of orders that were sent after all, by the advice that put them off:
    `wait` as it was played, `review` at the time that one is taken to last."""
    withheld_money: dict[str, Estimate]
    """Of orders that were never sent, by what held them."""
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
        waiting=_count(played, lambda one: one.held is Held.WAITING),
        waited=_count(played, lambda one: one.waits > 0),
        waited_us=sum(one.waited_us for one in played),
        waited_and_accepted=_count(played, lambda one: one.waits > 0 and one.is_accepted),
        rerouted=_count(played, lambda one: one.rerouted_from is not None),
        rerouted_and_accepted=_count(
            played, lambda one: one.rerouted_from is not None and one.is_accepted
        ),
        queried_first=_count(played, lambda one: one.queried_first),
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
        accepted_money=in_all(played, seed, accepted_minor),
        refused_money=in_all(played, seed, refused_minor),
        delayed_minor_hours={
            "wait": in_all(played, seed, _waited_minor_hours),
            "review": in_all(played, seed, _reviewed_minor_hours),
        },
        withheld_money={
            why.value: in_all(played, seed, partial(_withheld_minor, why=why)) for why in Held
        },
        refused_per_1000=per_1000(played, seed, lambda one: one.is_refused),
        refused_of_1000_submitted=per_1000(
            [one for one in played if one.was_sent], seed, lambda one: one.is_refused
        ),
        held_for_nothing_per_1000=per_1000(played, seed, lambda one: one.is_held_for_nothing),
        timeouts=sum(one.timeouts for one in played),
        queries=sum(one.queries for one in played),
        sent_again=sum(one.resent for one in played),
        double_payments=books["double"],
        payments=books["payments"],
    )


def accepted_minor(one: Played) -> int:
    """Give the money that the channel took, no more than the merchant's system wants for it."""
    if not one.is_accepted or one.sent_minor is None:
        return 0
    right = one.fate.right_minor
    return one.sent_minor if right is None else min(one.sent_minor, right)


def refused_minor(one: Played) -> int:
    """Give the money that it refused."""
    return (one.sent_minor or 0) if one.is_refused else 0


def _waited_minor_hours(one: Played) -> float:
    return (one.sent_minor or 0) * one.waited_us / _HOUR_US


def _reviewed_minor_hours(one: Played) -> float:
    return (one.sent_minor or 0) * one.review_us / _HOUR_US


def _withheld_minor(one: Played, why: Held) -> int:
    return one.amount_minor if one.held is why else 0


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
