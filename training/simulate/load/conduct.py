"""What is done with an advice: obeyed or ignored, and who decides a review."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import jsonpatch
import msgspec

from features.edge import encode_order
from features.order import Order
from rules.costs import DEFAULT_COSTS
from rules.decision import Action, Fix, PatchOperation, Reroute, Severity
from rules.decision import Advice as RetryAdvice
from training.simulate.channel.luck import luck
from training.simulate.channel.registry import Fate
from training.simulate.channel.spells import OF_A_TIME
from training.simulate.load.clients import Advice


class Held(StrEnum):
    """Why an order was not sent."""

    STOPPED = "stopped"
    REVIEWED = "reviewed"
    WAITING = "waiting"
    """For the time being; at the end of a play: for good."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """The people who decide reviews, stood in for by the truth: right this often (assumed).

    `catches` of the orders that are wrong or were refused in the history are held,
    `wrongly_holds` of the others too. That a channel was down is nothing that a person would see
    in an order, nor hold it for.
    """

    seed: int
    catches: float = DEFAULT_COSTS.review_catches
    wrongly_holds: float = 0.05
    takes_us: int = 30 * 60_000_000
    """How long one takes (assumed); it is counted, and the order is sent at once."""

    def holds(self, order_id: str, fate: Fate) -> bool:
        """Decide one review; the same order is always decided alike."""
        is_in_order = fate.fault is None and (fate.cause is None or fate.cause in OF_A_TIME)
        share = self.wrongly_holds if is_in_order else self.catches
        return luck(self.seed, "review", order_id) < share


@dataclass(frozen=True, slots=True)
class Conduct:
    """How the advice is taken; without a reviewer it is ignored: everything is sent as it is."""

    reviewer: Reviewer | None

    @property
    def obeys(self) -> bool:
        """Tell whether the advice counts."""
        return self.reviewer is not None

    @property
    def review_us(self) -> int:
        """How long a review is taken to last."""
        return 0 if self.reviewer is None else self.reviewer.takes_us

    def reviews(self, advice: Advice) -> bool:
        """Tell whether a person looks at it; a FIX that is not certain is a person's to choose."""
        is_open_fix = advice.action is Action.FIX and certain_fix(advice) is None
        return self.obeys and (advice.action is Action.REVIEW or is_open_fix)

    def held(self, advice: Advice, fate: Fate) -> Held | None:
        """Decide whether an order stays; None sends it."""
        if self.reviewer is None:
            return None
        if self.reviews(advice) and self.reviewer.holds(advice.order_id, fate):
            return Held.REVIEWED
        if advice.action is Action.STOP:
            return Held.STOPPED
        return Held.WAITING if advice.wait is not None or queries_first(advice) else None

    def fix(self, advice: Advice) -> Fix | None:
        """Give the patch that is applied before sending."""
        return certain_fix(advice) if self.obeys else None

    def turn(self, advice: Advice) -> tuple[PatchOperation, ...]:
        """Give the patch after which the order is another's, or another time's: to be asked again.

        A certain fix of an order that must wait is applied first; what can be sent elsewhere is.
        """
        is_patched = advice.action in (Action.FIX, Action.REROUTE)
        if not self.obeys or self.reviews(advice) or not is_patched:
            return ()
        elsewhere = advice.reroute
        if elsewhere is not None and elsewhere.channel is not None and not _renumbers(elsewhere):
            return elsewhere.patch
        fix = certain_fix(advice)
        return () if fix is None or advice.wait is None else fix.patch


EXPECTED_COSTS = "expected costs"
"""The reason that is no rule's: by the model's probability another action is cheaper."""
_STRICT = {Action.STOP: Severity.BLOCK, Action.FIX: Severity.BLOCK, Action.REVIEW: Severity.CONFIRM}


def grounds_of(advice: Advice) -> tuple[str, ...]:
    """Name the reasons for which an order is held: those that ask for no less than the action."""
    asked = _STRICT.get(advice.action)
    if asked is None:
        return () if advice.wait is None else advice.wait.codes
    codes = tuple(one.code for one in advice.reasons if one.severity is asked)
    return codes or (EXPECTED_COSTS,)


def _renumbers(reroute: Reroute) -> bool:
    """Tell whether the order gets another number: a person has to store it first."""
    return any(one.op != "test" and one.path == "/order_id" for one in reroute.patch)


def queries_first(advice: Advice) -> bool:
    """Tell whether an earlier attempt has to be asked about before anything else."""
    return advice.retry is not None and advice.retry.advice is RetryAdvice.QUERY_FIRST


def certain_fix(advice: Advice) -> Fix | None:
    """Give the fix where the decision is to fix and the truth is not ambiguous."""
    is_certain = advice.action is Action.FIX and advice.fix is not None and advice.fix.certain
    return advice.fix if is_certain else None


def document_of(order: Order) -> dict[str, Any]:
    """Give an order as the JSON that a patch is applied to."""
    document: dict[str, Any] = msgspec.json.decode(encode_order(order))
    return document


def mended(order: dict[str, Any], patch: Sequence[PatchOperation]) -> dict[str, Any]:
    """Apply a patch to a copy of the order."""
    if not patch:
        return order
    patched: dict[str, Any] = jsonpatch.apply_patch(order, msgspec.to_builtins(list(patch)))
    return patched
