"""Lists as a running service sees them: read again soon after they have changed."""

import logging
from collections.abc import Callable, Mapping

from features.errors import RuleError
from features.times import US_PER_SECOND
from rules.lists.lists import Lists, NamedList, load_list, load_lists
from rules.lists.store import ListStore

LOOK_AGAIN_US = US_PER_SECOND
"""How long a change may go unseen."""
_log = logging.getLogger(__name__)


class WatchedLists:
    """Gives the lists that hold; a change that cannot be used is said, and the old lists stay."""

    def __init__(self, store: ListStore, check: Callable[[Lists], None]) -> None:
        """`check` holds lists to the book; it raises RuleError."""
        self._store = store
        self._check = check
        self._lists = Lists()
        self._seen: Mapping[str, str] = {}
        self._looked_us: int | None = None

    def open(self) -> Lists:
        """Read all lists; raises RuleError naming the file, or what the book cannot have."""
        self._seen = self._store.pointers()
        lists = load_lists(self._store, self._seen)
        self._check(lists)
        self._lists = lists
        return lists

    def at(self, now_us: int) -> Lists:
        """Give the lists, after a look at the disk if the last is a second away from `now_us`."""
        looked_us = self._looked_us
        if looked_us is None or abs(now_us - looked_us) >= LOOK_AGAIN_US:
            self._looked_us = now_us
            self._look()
        return self._lists

    def _look(self) -> None:
        try:
            pointers = self._store.pointers()
            if pointers == self._seen:
                return
            self._seen = pointers
            lists = Lists({name: self._one(name, version) for name, version in pointers.items()})
            self._check(lists)
        except (RuleError, OSError) as error:
            _log.error("lists have changed but stay as they were: %s", error)
            return
        self._lists = lists

    def _one(self, name: str, version: str) -> NamedList:
        known = self._lists.by_name.get(name)
        if known is not None and known.version == version:
            return known
        return load_list(self._store, name, version)
