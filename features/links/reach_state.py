"""The live state of `reach`: who was seen with which linking value, as a graph of timelines."""

from collections.abc import Mapping, Sequence

from features.feature import Entity, LinkFeature
from features.kinds import Value
from features.links.sightings import Sighting, Sightings, Timeline
from features.windows import FOREVER_US, entity_key

_Key = Value | tuple[Value, ...]
_OWNER = 0
"""The column of the entity itself; its linking entities stand after it."""


class _Node(Timeline):
    """One entity or one linking value."""

    __slots__ = ("key",)

    def __init__(self, key: _Key) -> None:
        super().__init__()
        self.key = key


class ReachState:
    """Keeps and reads every `reach` of one entity."""

    def __init__(self, features: Sequence[LinkFeature]) -> None:
        entity = features[0].entity
        self._columns = list(dict.fromkeys((entity, *(e for f in features for e in f.through))))
        self._names = [column.key for column in self._columns]
        self._walks = [
            _Walk(members, [self._columns.index(link) for link in members[0].through])
            for members in _by_walk(features).values()
        ]
        self._nodes: list[dict[_Key, _Node]] = [{} for _ in self._columns]
        self._sightings = Sightings(max(feature.width_us for feature in features))

    def __len__(self) -> int:
        """Count what is held: events, and keys."""
        return len(self._sightings) + sum(map(len, self._nodes))

    def read(
        self, facts: Mapping[str, Value], order_id: str, as_of_us: int, row: dict[str, Value]
    ) -> None:
        """Add the features of this entity to `row`; changes nothing."""
        keys = self._keys(facts)
        if keys[_OWNER] is None:
            return
        nodes = [
            None if key is None else found.get(key)
            for key, found in zip(keys, self._nodes, strict=True)
        ]
        for walk in self._walks:
            stated = any(keys[column] is not None for column in walk.columns)
            walk.read(nodes, stated, order_id, as_of_us, row)

    def apply_order(
        self, facts: Mapping[str, Value], order_id: str, occurred_us: int, known_us: int
    ) -> None:
        """Count an order from now on; the same order id again replaces its earlier self."""
        self._sightings.end(order_id, known_us)
        keys = self._keys(facts)
        if keys[_OWNER] is None:
            return
        places = tuple(
            None if key is None else _node(nodes, key)
            for key, nodes in zip(keys, self._nodes, strict=True)
        )
        self._sightings.add(Sighting(order_id, occurred_us, known_us, places))

    def free(self, edge_us: int, looks: int) -> int:
        """Free events that no read from `edge_us` on can see; returns how many."""
        freed = 0
        for event in self._sightings.free(edge_us, looks):
            freed += 1
            for node, nodes in zip(event.places, self._nodes, strict=True):
                if isinstance(node, _Node) and not node:
                    del nodes[node.key]
        return freed

    def _keys(self, facts: Mapping[str, Value]) -> list[_Key | None]:
        return [
            facts.get(names[0]) if len(names) == 1 else entity_key(names, facts)
            for names in self._names
        ]


class _Walk:
    """The features that follow the same links: one walk answers all their widths."""

    def __init__(self, features: Sequence[LinkFeature], columns: Sequence[int]) -> None:
        self.columns = columns
        self._newest = features[0].newest
        self._widest_us = max(feature.width_us for feature in features)
        self._narrowest_us = min(feature.width_us for feature in features)
        self._budget = max(feature.budget for feature in features)
        self._plan = [(f.name, f.width_us, f.budget) for f in features]

    def read(
        self,
        nodes: Sequence[Timeline | None],
        stated: bool,
        order_id: str,
        as_of_us: int,
        row: dict[str, Value],
    ) -> None:
        """Add the features; `stated` tells that the order itself has a linking value."""
        start = as_of_us - self._widest_us
        since = self._linked(nodes, start, order_id, as_of_us)
        reached = self._reached(since, nodes[_OWNER], order_id, as_of_us)
        linked = max(since.values(), default=start - 1)
        for name, width_us, budget in self._plan:
            first = as_of_us - width_us
            if stated or linked >= first:
                row[name] = min(sum(path_us >= first for path_us in reached.values()), budget)

    def _reached(
        self, since: Mapping[Timeline, int], own: Timeline | None, order_id: str, as_of_us: int
    ) -> dict[Timeline | None, int]:
        """Say who is reached and by the newest of which paths; enough of them to fill a budget."""
        start = as_of_us - self._widest_us
        recent = as_of_us - self._narrowest_us
        reached: dict[Timeline | None, int] = {}
        in_every_window = 0
        for node, linked_us in since.items():
            for event in node.newest(as_of_us, start, order_id, self._newest):
                other = event.places[_OWNER]
                path_us = min(linked_us, event.occurred_us)
                before = reached.get(other, start - 1)
                if other is not own and before < path_us:
                    reached[other] = path_us
                    in_every_window += before < recent <= path_us
            if in_every_window >= self._budget:
                break
        return reached

    def _linked(
        self, nodes: Sequence[Timeline | None], start_us: int, order_id: str, as_of_us: int
    ) -> dict[Timeline, int]:
        """Say since when the order is linked with each value: by itself, or by an earlier one."""
        since: dict[Timeline, int] = {}
        for column in self.columns:
            node = nodes[column]
            if node is not None:
                since[node] = FOREVER_US
        own = nodes[_OWNER]
        if own is not None:
            for event in own.newest(as_of_us, start_us, order_id, self._newest):
                for column in self.columns:
                    node = event.places[column]
                    if node is not None and node not in since:
                        since[node] = event.occurred_us
        return since


def _node(nodes: dict[_Key, _Node], key: _Key) -> _Node:
    node = nodes.get(key)
    if node is None:
        node = nodes[key] = _Node(key)
    return node


def _by_walk(
    features: Sequence[LinkFeature],
) -> dict[tuple[tuple[Entity, ...], int], list[LinkFeature]]:
    walks: dict[tuple[tuple[Entity, ...], int], list[LinkFeature]] = {}
    for feature in features:
        walks.setdefault((feature.through, feature.newest), []).append(feature)
    return walks
