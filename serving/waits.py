"""Which stored answers are over: one that says to wait is an invitation to ask again."""

from datetime import datetime

import msgspec
from msgspec import Struct

from features.times import to_us
from rules.stopping import CHANNEL_STOPPED


class _Wait(Struct):
    until: datetime | None
    codes: tuple[str, ...]


class _Answered(Struct):
    """The part of an answer that tells."""

    wait: _Wait | None = None


def is_over(answer: bytes, now_us: int) -> bool:
    """Tell whether a stored answer said to wait, and its time has come.

    For a stopped channel that is so at any time, since it may be started before; what waits for
    the result of an attempt is asked about anew with that result.
    """
    wait = msgspec.json.decode(answer, type=_Answered).wait
    if wait is None:
        return False
    if CHANNEL_STOPPED in wait.codes:
        return True
    return wait.until is not None and to_us(wait.until) <= now_us
