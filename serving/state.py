"""What the service asks of a state store, and the view of it that one decision sees."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from features.errors import PreflightError
from features.kinds import Value
from features.ledger import OrderEvent, OutcomeEvent
from features.live_changes import Changes
from features.times import from_us


class StateError(PreflightError):
    """The state store could not answer or take an event."""


class StateStore(Protocol):
    """Windows over what happened; `features.live.LiveState` satisfies it, and so do fakes."""

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        """Read every feature that is known of an order, as of then; changes nothing."""
        ...

    def read_windows(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int
    ) -> dict[str, Value]:
        """Read the named window features alone."""
        ...

    def changes_after(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int, until_us: int
    ) -> Changes:
        """Give when windows behind the names will change by themselves; changes nothing."""
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


class Reading(Struct, frozen=True, tag="read"):
    """What the state said of the order in a channel, later than when it was decided about.

    Kept as what differs from the first reading of the decision: None is a value that is missing.
    """

    channel: str
    as_of_us: int
    changed: dict[str, Value | None]


class Glance(Struct, frozen=True, tag="windows"):
    """What the state said of a few windows alone."""

    channel: str
    as_of_us: int
    said: dict[str, Value]


class Foreseen(Struct, frozen=True, tag="changes"):
    """When the state said that windows will change, in `(as_of_us, until_us]`."""

    channel: str
    as_of_us: int
    until_us: int
    instants: tuple[int, ...]
    is_whole: bool


Later = Reading | Glance | Foreseen
"""A question after the first, and its answer."""


class NotReadThen(PreflightError):
    """A decision that is computed again asks the state what the recorded one did not ask."""


class RememberingView:
    """Reads the state for one decision and remembers what was asked and said, for the ledger."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self.facts: Mapping[str, Value] | None = None
        """Of the order as it was sent: what the first reading was about."""
        self.said: dict[str, Value] | None = None
        self._later: list[Later] = []

    @property
    def later(self) -> tuple[Later, ...]:
        """What was asked after the first reading, in its order; mostly nothing."""
        return tuple(self._later)

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        """Read through to the store."""
        said = self._state.read(facts, as_of_us)
        if self.said is None:
            self.facts, self.said = facts, said
        else:
            self._later.append(Reading(_channel(facts), as_of_us, _changed(self.said, said)))
        return said

    def read_windows(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int
    ) -> dict[str, Value]:
        """Read through to the store."""
        said = self._state.read_windows(facts, names, as_of_us)
        self._later.append(Glance(_channel(facts), as_of_us, said))
        return said

    def changes_after(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int, until_us: int
    ) -> Changes:
        """Ask the store."""
        found = self._state.changes_after(facts, names, as_of_us, until_us)
        self._later.append(Foreseen(_channel(facts), as_of_us, until_us, *found))
        return found


class RecordedView:
    """Repeats, in its order, what the state said when a decision was made."""

    def __init__(self, said: dict[str, Value], later: Sequence[Later] = ()) -> None:
        self._said = said
        self._later = iter(later)
        self._is_begun = False

    def read(self, facts: Mapping[str, Value], as_of_us: int) -> dict[str, Value]:
        """Give what was said then; raises NotReadThen where it is not what was asked then."""
        if not self._is_begun:
            self._is_begun = True
            return dict(self._said)
        channel = _channel(facts)
        asked = f"what was known of the order in {channel} as of {from_us(as_of_us)}"
        match self._next():
            case Reading() as one if (one.channel, one.as_of_us) == (channel, as_of_us):
                merged = {**self._said, **one.changed}
                return {name: value for name, value in merged.items() if value is not None}
            case other:
                raise _not_asked(asked, other)

    def read_windows(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int
    ) -> dict[str, Value]:
        """Give what was said then; raises NotReadThen where it is not what was asked then."""
        channel = _channel(facts)
        asked = f"{', '.join(sorted(names))} in {channel} as of {from_us(as_of_us)}"
        match self._next():
            case Glance() as one if (one.channel, one.as_of_us) == (channel, as_of_us):
                return dict(one.said)
            case other:
                raise _not_asked(asked, other)

    def changes_after(
        self, facts: Mapping[str, Value], names: Collection[str], as_of_us: int, until_us: int
    ) -> Changes:
        """Give what was said then; raises NotReadThen where it is not what was asked then."""
        del names
        channel, span = _channel(facts), (as_of_us, until_us)
        asked = f"changes of {channel} between {from_us(as_of_us)} and {from_us(until_us)}"
        match self._next():
            case Foreseen() as one if (one.channel, one.as_of_us, one.until_us) == (channel, *span):
                return Changes(one.instants, one.is_whole)
            case other:
                raise _not_asked(asked, other)

    def _next(self) -> Later | None:
        return next(self._later, None)


View = RememberingView | RecordedView
"""What a decision reads; both satisfy `rules.decide.StateView`."""


def _channel(facts: Mapping[str, Value]) -> str:
    return str(facts["channel"])


def _changed(first: Mapping[str, Value], now: Mapping[str, Value]) -> dict[str, Value | None]:
    """Give what is another value now, or missing."""
    changed: dict[str, Value | None] = {
        name: value for name, value in now.items() if first.get(name) != value
    }
    return changed | dict.fromkeys(first.keys() - now.keys())


def _not_asked(asked: str, recorded: Later | None) -> NotReadThen:
    match recorded:
        case Reading() | Glance():
            told = f"{recorded.channel} as of {from_us(recorded.as_of_us)}"
        case Foreseen():
            told = f"changes of {recorded.channel} until {from_us(recorded.until_us)}"
        case _:
            told = "nothing more"
    return NotReadThen(
        f"the decision asks for {asked}, but what was read then is {told}: it cannot be computed "
        "again by these rules, lists and settings; use those of then"
    )
