"""Another channel for an order that this one keeps waiting or cannot take.

Each alternative of the merchant's list judges the order by its own pack, its own state and the
model. None is offered to an order that may be under way here already, which could be paid twice,
nor after risk control has said no: to send it elsewhere then is to dodge it.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from features.calendar import CALENDAR_KINDS
from features.order import Order
from features.outcome import OutcomeClass
from rules.court import Case, Court, StateView, court_of
from rules.decision import (
    Action,
    Advice,
    Considered,
    PatchOperation,
    Reroute,
    Retry,
    Severity,
    Wait,
)
from rules.entries import RuleEntry
from rules.holds import Hold
from rules.pack import Pack
from rules.policy import action_of_costs, expected_costs
from rules.refresh import refreshed
from rules.repairs.offering import Offers, offers_of
from rules.repairs.part import Scene
from rules.repairs.patching import patched
from rules.rerouting_texts import TEXTS, Why
from rules.rerouting_worth import Worth
from rules.waits import HOLDING
from rules.written import written_amount

_RISKS = frozenset({OutcomeClass.RISK_BLOCK, OutcomeClass.FRAUD})
_TROUBLE = frozenset({OutcomeClass.CHANNEL, OutcomeClass.UNKNOWN})
"""A warning of these is about the channel itself: no place to send more to."""
_CERTAIN = frozenset({Severity.BLOCK, Severity.CONFIRM})
_OWN = frozenset({"merchant_id", "channel", "kind", *CALENDAR_KINDS})
"""What keys the merchant's own windows."""
_UNSENT = frozenset({None, "created"})
_REFUSED = _UNSENT | {"failed"}


@dataclass(frozen=True, slots=True)
class Here:
    """What was found of the order in its own channel."""

    sent: Order
    """As it was sent to us."""
    case: Case
    """As it would be sent on: repaired by `fixed`, where that is certain."""
    fixed: tuple[PatchOperation, ...]
    court: Court
    state: StateView | None
    refused: float | None
    """The model's probability of a refusal, as the merchant's costs price it."""
    wait: Wait | None
    stop: Hold | None
    retry: Retry | None
    is_repairable: bool

    @property
    def is_stuck(self) -> bool:
        """Tell whether it must wait, or would be refused as nothing can be done about."""
        waits = self.stop is not None or (self.wait is not None and self.wait.until is not None)
        return waits or (bool(self.case.findings.blocks) and not self.is_repairable)


@dataclass(frozen=True, slots=True)
class _There:
    """The order in another channel, and why it is not offered there; None where it may be."""

    told: Considered
    patch: tuple[PatchOperation, ...] = ()
    order: Order | None = None
    expected_minor: float | None = None
    is_offered: bool = False


def rerouting(here: Here) -> Reroute | None:
    """Look for another channel; None where the order is not stuck, or there is no list for it."""
    terms = here.court.terms
    others = terms.routes.alternatives.get(here.case.order.channel, ())
    if not others or not here.is_stuck:
        return None
    worth = Worth(terms.costs, terms.routes, here.case.order)
    expected_here = worth.here(here.refused, here.wait)
    why = _why_none_may(here)
    if why is not None:
        return Reroute(channel=None, text=TEXTS[why], refused_here=here.refused)
    found = [_tried(other, here, worth, expected_here) for other in others]
    offered = [one for one in found if one.is_offered]
    best = min(offered, key=lambda one: one.expected_minor or 0.0, default=None)
    return Reroute(
        channel=None if best is None else best.told.channel,
        patch=() if best is None else best.patch,
        amount=None if best is None else _amount(best, here.court),
        text=TEXTS[Why.NONE_WILL_DO if best is None else Why.TAKEN],
        refused=None if best is None else best.told.refused,
        refused_here=here.refused,
        expected_minor=None if best is None else best.expected_minor,
        expected_here_minor=expected_here,
        considered=tuple(one.told for one in found),
    )


def _why_none_may(here: Here) -> Why | None:
    """Say why the order must stay with its channel, whatever another would say."""
    hits = here.case.findings.hits
    order = here.case.order
    if any(_is_a_risk(hit, here.court) for hit in hits):
        return Why.RISK
    if any(hit.waits == "query" for hit in hits):
        return Why.UNRESOLVED
    recorded = None if order.record is None else order.record.state
    if here.retry is None:
        is_new = order.state in _UNSENT and recorded in _UNSENT
        return None if is_new and "last_payload_hash" not in order.attributes else Why.UNRESOLVED
    if here.retry.outcome_class in _RISKS:
        return Why.RISK
    is_over = order.state in _REFUSED and recorded in _REFUSED
    return None if is_over and here.retry.advice is Advice.NEW_ID else Why.UNRESOLVED


def _is_a_risk(hit: RuleEntry, court: Court) -> bool:
    """Tell whether a hit is about risk, and about more than how much the merchant sells just now.

    A merchant's own burst says nothing of this order; it is what a peak looks like.
    """
    if hit.outcome_class not in _RISKS or hit.severity not in HOLDING:
        return False
    behind = court.terms.book.catalog.windows_behind
    names = [
        name
        for name in court.judge.book.names[hit.code]
        if name not in _OWN and not name.startswith("channel.")
    ]
    return not names or not all(
        name in behind and all(_OWN.issuperset(one.entity.key) for one in behind[name])
        for name in names
    )


def _tried(other: str, here: Here, worth: Worth, expected_here: float | None) -> _There:
    court, terms = here.court, here.court.terms
    if here.case.order.kind not in terms.packs[other].file.kinds:
        return _not(other, Why.OTHER_KIND)
    if terms.holds.stopped(other, court.as_of_us) is not None:
        return _not(other, Why.STOPPED_TOO)
    if not _offers_plan(here.case.order, terms.packs[other].at(court.as_of_us)):
        return _not(other, Why.NO_SUCH_PLAN)
    return _judged(other, here, worth, expected_here)


def _judged(other: str, here: Here, worth: Worth, expected_here: float | None) -> _There:
    court = court_of(here.court.terms, other, here.court.as_of_us, is_stateless=here.state is None)
    move = _move(here.case.order, other)
    order = replace(here.case.order, channel=other, attempts=())
    facts = court.facts(order)
    features = {} if here.state is None else here.state.read(facts, court.as_of_us)
    first = court.hear(order, features, facts)
    case, more = _mended(first, court)
    against = _against(case, court)
    if against:
        return _not(other, Why.RULES, against)
    unknown = _unanswered(here.case, case)
    if unknown:
        return _not(other, Why.NOT_KNOWN, unknown)
    patch = (*here.fixed, *move, *more)
    if patched(here.sent, patch) != case.order:
        return _not(other, Why.NO_PATCH)
    probabilities = court.probabilities(case)
    expected = expected_costs(
        court.terms.costs, case.order.amount_minor, probabilities, after_fix=bool(more)
    )
    refused = None if expected is None else expected.probability
    there = worth.there(refused, other)
    why = Why.OFFERED
    if action_of_costs(expected) is not Action.SUBMIT:
        why = Why.LIKELY_REFUSED
    elif there is not None and expected_here is not None and there >= expected_here:
        why = Why.NOT_WORTH_IT
    told = Considered(channel=other, text=TEXTS[why], refused=refused, expected_minor=there)
    return _There(told, patch, case.order, there, is_offered=why is Why.OFFERED)


def _mended(first: Case, court: Court) -> tuple[Case, tuple[PatchOperation, ...]]:
    """Repair what the other channel asks for otherwise, such as a shorter text or another number.

    What the buyer pays stays, and where several repairs are possible none is chosen.
    """

    def hear(order: Order) -> Case:
        facts = court.facts(order)
        catalog = court.terms.book.catalog
        return court.hear(order, refreshed(first.features, first.facts, facts, catalog), facts)

    if not first.findings.blocks:
        return first, ()
    scene = Scene(first.order, court.pack, court.as_of_us)
    offers: Offers[Case] = offers_of(scene, first, hear)
    if len(offers.tried) != 1 or offers.tried[0][0].changes_what_buyer_pays:
        return first, ()
    fix, case = offers.tried[0]
    return case, fix.patch


def _against(case: Case, court: Court) -> tuple[str, ...]:
    """Name what speaks against a channel: whatever holds the order there, or would make it wait."""
    return tuple(
        hit.code
        for hit in case.findings.hits
        if hit.severity in _CERTAIN
        or (hit.severity in HOLDING and (hit.waits is not None or hit.outcome_class in _TROUBLE))
        or _is_a_risk(hit, court)
    )


def _unanswered(here: Case, there: Case) -> tuple[str, ...]:
    """Name what holds the order here and cannot be answered there: that is no better."""
    missing = {one.code for one in there.findings.missing}
    held = (hit for hit in here.findings.hits if hit.severity in _CERTAIN)
    return tuple(hit.code for hit in held if hit.code in missing)


def _offers_plan(order: Order, pack: Pack) -> bool:
    """Tell whether a plan of instalments is known to be offered: else the buyer pays otherwise."""
    instalments = None if order.credit is None else order.credit.instalments
    offered = pack.value("instalments")
    return instalments is None or (isinstance(offered, list) and instalments in offered)


def _move(order: Order, other: str) -> tuple[PatchOperation, ...]:
    """Write the change of the channel; attempts, all finally refused, stay with the old one."""
    attempts = (PatchOperation(op="remove", path="/attempts"),) if order.attempts else ()
    return (
        PatchOperation(op="test", path="/channel", value=order.channel),
        PatchOperation(op="replace", path="/channel", value=other),
        *attempts,
    )


def _amount(best: _There, court: Court) -> int | str | None:
    pack = court.terms.packs[best.told.channel].at(court.as_of_us)
    return None if best.order is None else written_amount(pack, best.order.amount_minor)


def _not(channel: str, why: Why, codes: tuple[str, ...] = ()) -> _There:
    return _There(Considered(channel=channel, text=TEXTS[why], codes=codes))
