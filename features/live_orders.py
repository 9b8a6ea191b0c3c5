"""What the live state remembers of each order: enough to replace it and to place its outcomes.

It is all tuples of texts and numbers, which the garbage collector leaves alone once it has met
them: with millions of orders, one object each that it had to visit would be a pause each time.
"""

from collections import deque
from typing import NamedTuple

from features.live_record import KNOWN, ORDER_ID, Record

_LOOKS = 2
"""Orders looked at for each one that is seen: as many as can become due, and one more."""


class Answered(NamedTuple):
    """The final answer about an order that counts: which, about which version, its own record."""

    outcome: str
    about: Record
    record: Record


class SeenOrders:
    """The latest version of every order that an outcome may still be about, and its answers."""

    def __init__(self, kept_us: int) -> None:
        """`kept_us` is how long an order is remembered after its latest version."""
        self._kept_us = kept_us
        self._records: dict[str, Record] = {}
        self._answered: dict[str, tuple[str, Record, Record]] = {}
        self._doubted: set[str] = set()
        self._queue: deque[str] = deque()

    def __len__(self) -> int:
        return len(self._records)

    def latest(self, order_id: str) -> Record | None:
        """Give the latest version of an order, if it is remembered."""
        return self._records.get(order_id)

    def is_open(self, order_id: str) -> bool:
        """Tell whether no final answer about it has arrived."""
        return order_id not in self._answered

    def answered(self, order_id: str) -> Answered | None:
        """Give its final answer."""
        answered = self._answered.get(order_id)
        return None if answered is None else Answered(*answered)

    def answer(self, order_id: str, outcome: str, about: Record, record: Record) -> None:
        """Remember its final answer."""
        self._answered[order_id] = (outcome, about, record)

    def doubt(self, order_id: str) -> bool:
        """Remember that an answer about it was unknown; False if one was before."""
        if order_id in self._doubted:
            return False
        self._doubted.add(order_id)
        return True

    def see(self, record: Record) -> None:
        """Remember an order, or its newer version; forgets a little of what is over."""
        order_id: str = record[ORDER_ID]
        if order_id not in self._records:
            self._queue.append(order_id)
        self._records[order_id] = record
        self.forget(record[KNOWN], _LOOKS)

    def forget(self, now_us: int, looks: int) -> None:
        """Look at up to so many of the oldest orders, and forget those that are over."""
        cutoff_us = now_us - self._kept_us
        queue = self._queue
        for _ in range(min(looks, len(queue))):
            if self._known_us(0) < cutoff_us:
                self._forget(queue.popleft())
            elif len(queue) > 1 and self._known_us(0) > self._known_us(1):
                queue.rotate(-1)  # it came again since: it must not hold up those behind it
            else:
                return

    def _forget(self, order_id: str) -> None:
        del self._records[order_id]
        self._answered.pop(order_id, None)
        self._doubted.discard(order_id)

    def _known_us(self, place: int) -> int:
        known_us: int = self._records[self._queue[place]][KNOWN]
        return known_us
