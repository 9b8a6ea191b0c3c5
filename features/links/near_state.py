"""The live state of `near`: each account's payments, and which accounts share a key."""

from collections.abc import Iterator, Mapping, Sequence

from features.feature import LinkFeature
from features.kinds import Value
from features.links.sightings import Sighting, Sightings, Timeline
from features.windows import entity_key

_Key = tuple[Value, ...]
_Identity = tuple[_Key, _Key, str]


class _Account(Timeline):
    """A value of `of` within its entity, under one list of keys."""

    __slots__ = ("listed", "owner", "value")

    def __init__(self, owner: _Key, value: _Key, listed: str) -> None:
        super().__init__()
        self.owner = owner
        self.value = value
        self.listed = listed

    @property
    def keys(self) -> frozenset[str]:
        """The keys, each once."""
        return frozenset(self.listed.split())


class NearState:
    """Keeps and reads the `near` features of one entity, `of` and `keys`."""

    def __init__(self, features: Sequence[LinkFeature]) -> None:
        first = features[0]
        self._entity, self._of, self._keys = first.entity, first.of, first.keys
        self._plan = [(feature.name, feature.width_us) for feature in features]
        self._widest_us = max(feature.width_us for feature in features)
        self._accounts: dict[_Identity, _Account] = {}
        self._sharing: dict[_Key, dict[str, _Account | tuple[_Account, ...]]] = {}
        self._sightings = Sightings(self._widest_us)

    def __len__(self) -> int:
        """Count what is held: events, accounts, and keys."""
        keys = sum(map(len, self._sharing.values()))
        return len(self._sightings) + len(self._accounts) + keys

    def read(
        self, facts: Mapping[str, Value], order_id: str, as_of_us: int, row: dict[str, Value]
    ) -> None:
        """Add the features to `row`; changes nothing."""
        identity = self._identity(facts)
        if identity is None:
            return
        owner, value, listed = identity
        start = as_of_us - self._widest_us
        seen: dict[_Key, int] = {}
        for account in set(self._sharers(owner, listed.split())):
            if account.value != value:
                for event in account.newest(as_of_us, start, order_id, 1):
                    seen[account.value] = max(seen.get(account.value, start), event.occurred_us)
        for name, width_us in self._plan:
            row[name] = sum(latest >= as_of_us - width_us for latest in seen.values())

    def apply_order(
        self, facts: Mapping[str, Value], order_id: str, occurred_us: int, known_us: int
    ) -> None:
        """Count an order from now on; the same order id again replaces its earlier self."""
        self._sightings.end(order_id, known_us)
        identity = self._identity(facts)
        if identity is None:
            return
        account = self._accounts.get(identity)
        if account is None:
            account = self._accounts[identity] = _Account(*identity)
            self._share(account)
        self._sightings.add(Sighting(order_id, occurred_us, known_us, (account,)))

    def free(self, edge_us: int, looks: int) -> int:
        """Free events that no read from `edge_us` on can see; returns how many."""
        freed = 0
        for event in self._sightings.free(edge_us, looks):
            freed += 1
            (account,) = event.places
            if isinstance(account, _Account) and not account:
                self._close(account)
        return freed

    def _identity(self, facts: Mapping[str, Value]) -> _Identity | None:
        owner, value = entity_key(self._entity.key, facts), entity_key(self._of, facts)
        listed = facts.get(self._keys)
        if owner is None or value is None or not listed:
            return None
        return owner, value, str(listed)

    def _sharers(self, owner: _Key, keys: Sequence[str]) -> Iterator[_Account]:
        sharing = self._sharing.get(owner, {})
        for key in keys:
            found = sharing.get(key)
            if isinstance(found, tuple):
                yield from found
            elif found is not None:
                yield found

    def _share(self, account: _Account) -> None:
        """File an account under its keys; a key of one account alone holds it bare, to be small."""
        sharing = self._sharing.setdefault(account.owner, {})
        for key in account.keys:
            found = sharing.get(key)
            if found is None:
                sharing[key] = account
            else:
                sharing[key] = (*(found if isinstance(found, tuple) else (found,)), account)

    def _close(self, account: _Account) -> None:
        del self._accounts[account.owner, account.value, account.listed]
        sharing = self._sharing[account.owner]
        for key in account.keys:
            found = sharing[key]
            left = tuple(a for a in found if a is not account) if isinstance(found, tuple) else ()
            if left:
                sharing[key] = left[0] if len(left) == 1 else left
            else:
                del sharing[key]
        if not sharing:
            del self._sharing[account.owner]
