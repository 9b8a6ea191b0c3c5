"""The live links of a catalog: read before an order is applied, as `features.live` does."""

from collections.abc import Iterator, Mapping, Sequence

from features.feature import Entity, LinkFeature, LinkMeasure
from features.kinds import Value
from features.links.near_state import NearState
from features.links.reach_state import ReachState
from features.population import LATE_READ_US

_LOOKS = 2
"""Events that are looked at for each one that is added: twice as many as can become due."""
_LOOKS_OF_A_SWEEP = 1_000
"""Events that one sweep looks at: it must not hold up an answer for long."""


class LiveLinks:
    """Exact in-process state of every link feature; it keeps the orders that it needs itself.

    `facts` are those of one order; instants are microseconds. A read changes nothing; each order
    that is applied frees as much as it adds.
    """

    def __init__(self, features: Sequence[LinkFeature]) -> None:
        self._states = list(_states(features))

    def __len__(self) -> int:
        """Count what is held: events, and the keys that they are filed under."""
        return sum(map(len, self._states))

    def read(self, facts: Mapping[str, Value], as_of_us: int, row: dict[str, Value]) -> None:
        """Add the link features of an order to `row`; missing ones stay absent."""
        order_id = str(facts.get("order_id", ""))
        for state in self._states:
            state.read(facts, order_id, as_of_us, row)

    def apply_order(self, facts: Mapping[str, Value], occurred_us: int, as_of_us: int) -> None:
        """Count an order from now on; the same order id again replaces its earlier self."""
        order_id = str(facts["order_id"])
        for state in self._states:
            state.apply_order(facts, order_id, occurred_us, as_of_us)
            state.free(as_of_us - LATE_READ_US, _LOOKS)

    def sweep(self, as_of_us: int) -> int:
        """Free what no link can reach any more, of a bounded number of events; returns how many.

        Reads at most LATE_READ_US before `as_of_us` stay exact.
        """
        edge = as_of_us - LATE_READ_US
        return sum(state.free(edge, _LOOKS_OF_A_SWEEP) for state in self._states)


def _states(features: Sequence[LinkFeature]) -> Iterator[ReachState | NearState]:
    reaching: dict[tuple[str, ...], list[LinkFeature]] = {}
    nearing: dict[tuple[Entity, tuple[str, ...], str], list[LinkFeature]] = {}
    for feature in features:
        if feature.measure is LinkMeasure.REACH:
            reaching.setdefault(feature.entity.key, []).append(feature)
        else:
            key = (feature.entity, feature.of, feature.keys)
            nearing.setdefault(key, []).append(feature)
    yield from map(ReachState, reaching.values())
    yield from map(NearState, nearing.values())
