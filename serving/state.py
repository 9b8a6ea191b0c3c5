"""What the service asks of a state store, and the view of it that one decision sees."""

from collections.abc import Mapping
from typing import Protocol

from features.errors import PreflightError
from features.kinds import Value
from features.ledger import OrderEvent, OutcomeEvent


class StateError(PreflightError):
    """The state store could not answer or take an event."""


class StateStore(Protocol):
    """Windows over what happened; `features.live.LiveState` satisfies it, and so do fakes."""

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        """Read every feature that is known of an order, as of then; changes nothing."""
        ...

    def apply_order(self, facts: Mapping[str, Value], as_of_us: int) -> None:
        """Count an order from now on."""
        ...

    def apply_outcome(
        self, order_id: str, outcome_class: str, final: bool, received_at_us: int
    ) -> object:
        """Count an outcome from its arrival on."""
        ...

    def sweep(self, as_of_us: int) -> int:
        """Free what no window can see any more."""
        ...


def apply_event(state: StateStore, event: OrderEvent | OutcomeEvent) -> None:
    """Count one event; the live path and the rebuild from the ledger both come through here."""
    match event:
        case OrderEvent():
            state.apply_order(event.facts, event.at_us)
        case OutcomeEvent():
            state.apply_outcome(event.order_id, event.outcome_class, event.final, event.at_us)


class RememberingView:
    """Reads the state for one decision and remembers what was asked and said, for the ledger."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self.facts: Mapping[str, Value] | None = None
        self.said: dict[str, Value] | None = None

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        """Read through to the store."""
        self.facts = facts
        self.said = self._state.read(facts, as_of_us)
        return self.said


class RecordedView:
    """Repeats what the state said when a decision was made."""

    def __init__(self, said: dict[str, Value]) -> None:
        self._said = said

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        """Return the recorded values, whatever is asked."""
        del facts, as_of_us
        return dict(self._said)


View = RememberingView | RecordedView
"""What a decision reads; both satisfy `rules.decide.StateView`."""
