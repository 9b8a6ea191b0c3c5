"""Plays a simulated history and holds what is offered to put its faults right against the truth."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

import jsonpatch
import msgspec

from features.edge import encode_order
from features.facts import order_facts
from features.history import History
from features.history_schema import order_from_row
from features.live import LiveState
from features.order import Order
from features.progress import Progress, silent
from features.times import to_us
from rules.decide import decide
from rules.decision import Action, Decision, Fix, Severity
from rules.terms import Terms
from training.bench.book_play import Answers, outcomes_of
from training.bench.repair_plants import PLANTS, is_put_right

_BATCH = 100
_HOLDING = (Severity.BLOCK, Severity.CONFIRM)


@dataclass(frozen=True, slots=True)
class Offered:
    """One repair as it turned out when it was applied and the order decided on anew."""

    is_right: bool
    """The patched order is the true one, field by field."""
    stands: bool
    """It applied, was read, and no rule blocks the order that it makes."""
    asks: bool
    """With the state read anew, a rule asks a person about it that did not before."""
    is_silent: bool
    """It changes what the buyer pays and does not say so."""


class Group(StrEnum):
    """What is wrong with an order, and where it comes from."""

    NOTHING = "nothing"
    """Nothing that a patch could mend."""
    FAULT = "faults"
    """A fault of the simulated world that order and record are enough to put right."""
    UNDECIDABLE = "undecidable"
    """One that they are not enough for."""
    STRIPPED = "without_record"
    """A fault of the first kind, the record taken away."""
    PLANTED = "planted"
    """A mistake that the simulated world does not make."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """One order: its fault, what was advised, and what was offered, in the order of offering."""

    group: Group
    fault: str
    """Empty where there is none."""
    action: Action
    is_certain: bool
    offered: tuple[Offered, ...]
    holding: tuple[str, ...]
    """The rules that block it or ask a person."""


@dataclass(slots=True)
class RepairPlay:
    """One history, played in order of arrival through the rules alone."""

    history: History
    truth: Mapping[str, Mapping[str, Any]]
    """By order id."""
    terms: Terms
    state: LiveState
    planted: Counter[str] = field(default_factory=Counter)

    def play(self, progress: Progress = silent) -> Iterator[Repaired]:
        """Decide on every order as it was sent, and on sound ones with a mistake planted too."""
        answers = Answers(outcomes_of(self.history))
        for done, row in enumerate(self.history.orders.iter_rows(named=True)):
            order, as_of_us = order_from_row(row), to_us(row["as_of"])
            answers.tell(self.state, as_of_us)
            yield from self._outcomes(order, as_of_us)
            self.state.apply_order(order_facts(order), as_of_us)
            if done % _BATCH == 0:
                progress(done, self.history.orders.height, "decide")

    def _outcomes(self, order: Order, as_of_us: int) -> Iterator[Repaired]:
        told, right = self.truth[order.order_id], self._right(order)
        decision = decide(order, self.state, self.terms, as_of_us)
        if right is not None:
            group = Group.FAULT if told["repairable"] else Group.UNDECIDABLE
            yield self._tried(group, told["fault"], order, decision, as_of_us, right.__eq__)
            if told["repairable"] and order.record is not None:
                yield self._without_record(told["fault"], order, right, as_of_us)
            return
        yield self._tried(Group.NOTHING, "", order, decision, as_of_us, order.__eq__)
        if told["fault"] is None and not _codes(decision, *_HOLDING):
            yield from self._with_a_mistake(order, as_of_us)

    def _right(self, order: Order) -> Order | None:
        right = self.truth[order.order_id]["right"]
        return None if right is None else with_right(order, json.loads(right))

    def _without_record(self, fault: str, order: Order, right: Order, as_of_us: int) -> Repaired:
        """Take the record away: what can the order alone tell?"""
        bare, truth = (msgspec.structs.replace(one, record=None) for one in (order, right))
        decision = decide(bare, self.state, self.terms, as_of_us)
        return self._tried(Group.STRIPPED, fault, bare, decision, as_of_us, truth.__eq__)

    def _with_a_mistake(self, order: Order, as_of_us: int) -> Iterator[Repaired]:
        """Plant the mistake that was planted least so far and that the order has room for."""
        for name in sorted(PLANTS, key=lambda one: self.planted[one]):
            planted = PLANTS[name](order)
            if planted is None or not self._is_sound(planted.right, as_of_us):
                continue
            self.planted[name] += 1
            decision = decide(planted.sent, self.state, self.terms, as_of_us)
            check = partial(is_put_right, planted=planted)
            yield self._tried(Group.PLANTED, name, planted.sent, decision, as_of_us, check)
            return

    def _is_sound(self, order: Order, as_of_us: int) -> bool:
        return not _codes(decide(order, self.state, self.terms, as_of_us), *_HOLDING)

    def _tried(
        self,
        group: Group,
        fault: str,
        order: Order,
        decision: Decision,
        as_of_us: int,
        is_right: Callable[[Order], bool],
    ) -> Repaired:
        offered = tuple(
            self._offered(order, decision, fix, as_of_us, is_right)
            for fix in decision.fix_candidates
        )
        certain = decision.fix is not None
        holding = tuple(sorted(_codes(decision, *_HOLDING)))
        return Repaired(group, fault, decision.action, certain, offered, holding)

    def _offered(
        self,
        order: Order,
        decision: Decision,
        fix: Fix,
        as_of_us: int,
        is_right: Callable[[Order], bool],
    ) -> Offered:
        """Apply one repair, and decide on what it makes with the state read anew."""
        patched = apply(order, fix)
        if patched is None:
            return Offered(is_right=False, stands=False, asks=False, is_silent=False)
        anew = decide(patched, self.state, self.terms, as_of_us)
        asked = _codes(anew, Severity.CONFIRM) - _codes(decision, Severity.CONFIRM)
        return Offered(
            is_right=is_right(patched),
            stands=not _codes(anew, Severity.BLOCK),
            asks=bool(asked),
            is_silent=_paid(patched) != _paid(order) and not fix.changes_what_buyer_pays,
        )


def apply(order: Order, fix: Fix) -> Order | None:
    """Apply a patch with nothing but a JSON Patch library; None where it does not apply."""
    document = json.loads(encode_order(order))
    operations = json.loads(msgspec.json.encode(fix.patch))
    try:
        return msgspec.convert(jsonpatch.apply_patch(document, operations), Order)
    except (jsonpatch.JsonPatchException, msgspec.ValidationError):
        return None


def with_right(order: Order, right: Mapping[str, Any]) -> Order:
    """Put the right values in, by their pointers."""
    document = json.loads(encode_order(order))
    operations = [{"op": "add", "path": path, "value": value} for path, value in right.items()]
    lines = [one | {"op": "replace"} if "/items/" in one["path"] else one for one in operations]
    return msgspec.convert(jsonpatch.apply_patch(document, lines), Order)


def _codes(decision: Decision, *severities: Severity) -> frozenset[str]:
    return frozenset(one.code for one in decision.reasons if one.severity in severities)


def _paid(order: Order) -> tuple[Any, ...]:
    return order.amount_minor, order.currency, order.credit
