"""Checks of what texts hold: the form of numbers, forbidden and unprintable characters."""

import re
from functools import lru_cache

from features.kinds import Kind
from rules.checks.check import Check, Prepared, when_known
from rules.pack import Pack

PRINTED_TEXTS = ("subject", "description", "payout.purpose")


def subject_forbidden(pack: Pack) -> str | None:
    """Write the characters that a subject must not hold as one expression."""
    listed = pack.text("subject_forbidden_characters")
    return None if listed is None else f"[{re.escape(listed)}]"


def purpose_forbidden(pack: Pack) -> str | None:
    """Write whatever a payout's reason must not hold as one expression."""
    allowed = pack.text("purpose_allowed_characters")
    return None if allowed is None else f"[^{allowed}]"


def _subject_forbidden(pack: Pack) -> Prepared | None:
    return _counting("subject", subject_forbidden(pack))


def _purpose_forbidden(pack: Pack) -> Prepared | None:
    return _counting("payout.purpose", purpose_forbidden(pack))


def _counting(name: str, pattern: str | None) -> Prepared | None:
    if pattern is None:
        return None
    found = _compiled(pattern).findall
    return when_known((name,), lambda text: len(found(text)))


def _in_gbk(sign: str) -> bool:
    try:
        sign.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


_SYMBOLS = "".join(
    sign
    for start, end in ((0x2600, 0x27C0), (0x2B00, 0x2C00))
    for sign in map(chr, range(start, end))
    if not _in_gbk(sign)
)
"""Symbols that old systems cannot hold; ★, ♀ and their like are in GBK and pass."""
UNPRINTABLE = (
    r"[\x00-\x1f\x7f-\x9f"
    + f"{chr(0x200B)}-{chr(0x200F)}{chr(0x2028)}-{chr(0x202E)}{chr(0x2060)}-{chr(0x2064)}"
    + f"{chr(0xFEFF)}{chr(0xFE0F)}{chr(0x1F000)}-{chr(0x1FAFF)}{_SYMBOLS}]"
)
"""Control characters, invisible ones and emoji; the same expression for Python and polars."""


def _unprintable(*texts: str | None) -> int | None:
    known = [text for text in texts if text is not None]
    return sum(len(_compiled(UNPRINTABLE).findall(text)) for text in known) if known else None


_UNPRINTABLE = Prepared(PRINTED_TEXTS, _unprintable)


def _order_id(pack: Pack) -> Prepared | None:
    return _matching("order_id", pack.text("order_id_pattern"))


def _merchant_id(pack: Pack) -> Prepared | None:
    return _matching("merchant_id", pack.text("merchant_id_pattern"))


def _matching(name: str, pattern: str | None) -> Prepared | None:
    if pattern is None:
        return None
    fits = _compiled(pattern).fullmatch
    return when_known((name,), lambda text: fits(text) is not None)


def _plausible_name(name: str) -> bool:
    return len(name) > 1 and _compiled(r"\d").search(name) is None


_PLAUSIBLE = when_known(("receiver.name",), _plausible_name)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


TEXT_CHECKS = (
    Check(
        "check.order_id_valid",
        "the order's number is of the channel's form",
        Kind.BOOLEAN,
        _order_id,
    ),
    Check(
        "check.merchant_id_valid",
        "the merchant's number is of the channel's form",
        Kind.BOOLEAN,
        _merchant_id,
    ),
    Check(
        "check.subject_forbidden_characters",
        "characters of the subject that the channel forbids",
        Kind.NUMBER,
        _subject_forbidden,
        "COUNT",
    ),
    Check(
        "check.purpose_forbidden_characters",
        "characters of a payout's reason that the channel forbids",
        Kind.NUMBER,
        _purpose_forbidden,
        "COUNT",
    ),
    Check(
        "check.unprintable_characters",
        "control characters and emoji in subject, description and reason",
        Kind.NUMBER,
        lambda _: _UNPRINTABLE,
        "COUNT",
    ),
    Check(
        "check.receiver_name_plausible",
        "the receiver's name has two characters or more and no digit",
        Kind.BOOLEAN,
        lambda _: _PLAUSIBLE,
    ),
)
