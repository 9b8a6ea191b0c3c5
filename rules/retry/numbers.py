"""The next number of an order: always the same until something was heard of it.

Whoever asks again after a crash, not knowing whether that number was sent, gets it once more; the
channel then sees one number and pays it at most once.
"""

import re
from collections.abc import Iterator
from hashlib import blake2b
from itertools import count

from rules.pack import Pack
from rules.retry.history import History

_PORTABLE = re.compile(r"[A-Za-z0-9]{8,32}")
"""What every channel takes (channels.md a.1); for a channel that does not state its own form."""
_MOST_TRIED = 100


def next_number(past: History, pack: Pack) -> str | None:
    """Name the number to send with next; None where none of ours fits the channel's form.

    Then choose one, and write it down before it is sent.
    """
    taken = {number.text for number in past.numbers} | {past.order_id}
    pattern = pack.text("order_id_pattern")
    fits = re.compile(pattern) if pattern else _PORTABLE
    free = (name for name in _names(past.order_id, len(taken) + 1) if name not in taken)
    return next((name for name in free if fits.fullmatch(name)), None)


def _names(order_id: str, first: int) -> Iterator[str]:
    digest = blake2b(order_id.encode(), digest_size=10).hexdigest()
    for turn in count(first):
        if turn == first + _MOST_TRIED:
            return
        yield f"{order_id}R{turn}{digest[:4]}"
        yield f"{digest}R{turn}"
