"""What is done with an advice: obeyed or ignored, and who decides a review."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import jsonpatch
import msgspec

from rules.costs import DEFAULT_COSTS
from rules.decision import Action, Fix
from training.simulate.channel.luck import luck
from training.simulate.channel.registry import Fate
from training.simulate.load.clients import Advice


class Held(StrEnum):
    """Why an order was not sent."""

    STOPPED = "stopped"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class Reviewer:
    """The people who decide reviews, stood in for by the truth: right this often (assumed).

    `catches` of the orders that are wrong or would be refused are held, `wrongly_holds` of the
    clean ones too.
    """

    seed: int
    catches: float = DEFAULT_COSTS.review_catches
    wrongly_holds: float = 0.05

    def holds(self, order_id: str, fate: Fate) -> bool:
        """Decide one review; the same order is always decided alike."""
        share = self.wrongly_holds if fate.is_clean else self.catches
        return luck(self.seed, "review", order_id) < share


@dataclass(frozen=True, slots=True)
class Conduct:
    """How the advice is taken; without a reviewer it is ignored: everything is sent as it is."""

    reviewer: Reviewer | None

    @property
    def obeys(self) -> bool:
        """Tell whether the advice counts."""
        return self.reviewer is not None

    def reviews(self, advice: Advice) -> bool:
        """Tell whether a person looks at it; a FIX that is not certain is a person's to choose."""
        is_open_fix = advice.action is Action.FIX and certain_fix(advice) is None
        return self.obeys and (advice.action is Action.REVIEW or is_open_fix)

    def held(self, advice: Advice, fate: Fate) -> Held | None:
        """Decide whether an order stays; None sends it."""
        if self.reviewer is None:
            return None
        if self.reviews(advice):
            return Held.REVIEWED if self.reviewer.holds(advice.order_id, fate) else None
        return Held.STOPPED if advice.action is Action.STOP else None

    def fix(self, advice: Advice) -> Fix | None:
        """Give the patch that is applied before sending."""
        return certain_fix(advice) if self.obeys else None


def certain_fix(advice: Advice) -> Fix | None:
    """Give the fix where the decision is to fix and the truth is not ambiguous."""
    is_certain = advice.action is Action.FIX and advice.fix is not None and advice.fix.certain
    return advice.fix if is_certain else None


def mended(order: dict[str, Any], fix: Fix | None) -> dict[str, Any]:
    """Apply a patch to a copy of the order."""
    if fix is None:
        return order
    patched: dict[str, Any] = jsonpatch.apply_patch(order, msgspec.to_builtins(fix.patch))
    return patched
