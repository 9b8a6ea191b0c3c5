"""How a code is spelled: normalised, and the written short forms expanded."""

import re
from collections.abc import Iterator
from unicodedata import normalize

_ALIAS_LENGTH = 32
"""Alipay's sub-codes appear cut to 32 characters in some lists (channels.md b.2.3)."""
_CALL_SUCCEEDED = "SUCCESS"
"""Alone it may say no more than that the call went through; it never stands for a paid trade."""
_BETWEEN = re.compile(r"[\s_.\-]")
_RANGE = re.compile(r"([A-Z]*)(\d+)(?:-|\.\.)(\d+)")
_REMARK = re.compile(r"\s*\(.*\)\s*$")
_PREFIX = re.compile(r"^(?:ACQ|ISV)\.")


def normalised(code: str) -> str:
    """Fold width, case and what stands between words: one channel spells a code in many ways.

    >>> normalised("System_Error") == normalised("SYSTEMERROR") == normalised("system-error ")
    True
    """
    return _BETWEEN.sub("", normalize("NFKC", code).upper())


def expanded(written: str) -> Iterator[str]:
    """Yield every code that a table's cell stands for.

    >>> list(expanded("JMPT200001-200003"))
    ['JMPT200001', 'JMPT200002', 'JMPT200003']
    >>> list(expanded("JMPT200004/05/52"))
    ['JMPT200004', 'JMPT200005', 'JMPT200052']
    >>> list(expanded("trade_state=DEAL/UNKNOWN"))
    ['trade_state=DEAL', 'trade_state=UNKNOWN']
    """
    first, *rest = re.split(r"\s*/\s*", _REMARK.sub("", written).strip())
    yield from _ranged(first)
    for part in rest:
        yield from _ranged(_completed(part, first))


def aliases(code: str) -> Iterator[str]:
    """Yield other spellings under which the same code is met."""
    bare = _PREFIX.sub("", code)
    for spelling in dict.fromkeys((code, bare)):
        if spelling != code:
            yield spelling
        if len(spelling) > _ALIAS_LENGTH:
            yield spelling[:_ALIAS_LENGTH]
    _, equals, value = code.partition("=")
    if equals and value.isalpha() and value != _CALL_SUCCEEDED:
        yield value


def _completed(part: str, first: str) -> str:
    """Give a short form the head of the first: `05` after `JMPT200004` is `JMPT200005`."""
    field, equals, _ = first.partition("=")
    if equals and "=" not in part:
        return f"{field}={part}"
    head = first[: -len(part)]
    if part.isdigit() and len(part) < len(first) and not first.isdigit():
        return head + part
    return part


def _ranged(written: str) -> Iterator[str]:
    match = _RANGE.fullmatch(written)
    if match is None:
        yield written
        return
    prefix, low, high = match.groups()
    for number in range(int(low), int(high) + 1):
        yield f"{prefix}{number:0{len(low)}d}"
