"""What a list may hold: a fact of the order, and how one of its values is written in a list.

Numbers that must not be kept whole (card, account, phone, identity, e-mail) are in a list as the
same keyed hashes that an order carries: given whole, they are hashed here and nowhere kept.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial
from ipaddress import ip_address

from features.addresses import canonical_text
from features.errors import RuleError, suggest
from features.facts import FACT_KINDS
from features.kinds import Kind
from features.masking import Masker, looks_secret

WORDS = "words"
"""What a list of words holds; it is read by `check.forbidden_words`, not after `in`."""
MAX_VALUE_CHARACTERS = 500
MAX_WORD_CHARACTERS = 32
_ATTRIBUTES = "attributes."
_HASH = re.compile(r"[0-9a-f]{32}")
_ACCOUNT = re.compile(r"[0-9A-Za-z]{4,34}")
_PHONE = re.compile(r"\+?[0-9]{5,20}")
_IDENTITY = re.compile(r"[0-9A-Za-z]{6,32}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_SEPARATORS = re.compile(r"[\s\-]+")


class ListKind(StrEnum):
    """What a list is for."""

    BLOCK = "block"
    ALLOW = "allow"
    EXEMPT = "exempt"
    """Silences the heuristic rules that it names; no condition reads it."""


class BadValue(ValueError):
    """A value that a list cannot hold; its text never repeats a secret one."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Values of one sort: the facts that they answer for, and how they are read at the door."""

    facts: frozenset[str]
    read: Callable[[str, Masker], str]
    is_secret: bool = False


@lru_cache(maxsize=256)
def holding_of(fact: str) -> Holding:
    """Find what a list of this fact holds; raises RuleError with the nearest fact."""
    if fact in _HOLDINGS:
        return _HOLDINGS[fact]
    if fact in _PLAIN_FACTS or (fact.startswith(_ATTRIBUTES) and len(fact) > len(_ATTRIBUTES)):
        return Holding(frozenset({fact}), partial(_plain, fact))
    known = [WORDS, *_HOLDINGS, *_PLAIN_FACTS]
    raise RuleError(
        f"a list cannot hold {fact!r}; it holds a text of the order, such as buyer.id, or words."
        f"{suggest(fact, known)}"
    )


def normal(fact: str, value: str) -> str:
    """Write a value of an order as a list holds it.

    >>> normal("buyer.id", " B1 "), normal("device.ip", "2001:DB8::0001")
    ('B1', '2001:db8::1')
    """
    stripped = value.strip()
    if fact == "device.ip" and ":" in stripped:
        try:
            return ip_address(stripped).compressed
        except ValueError:
            return stripped
    return stripped


def _text(value: str, fact: str) -> str:
    found = normal(fact, value)
    if not 0 < len(found) <= MAX_VALUE_CHARACTERS:
        raise BadValue(f"has {len(found)} characters; 1 to {MAX_VALUE_CHARACTERS} are taken")
    if not found.isprintable():
        raise BadValue("holds a control character; take it out")
    return found


def _plain(fact: str, value: str, _masker: Masker) -> str:
    found = _text(value, fact)
    if fact.startswith(_ATTRIBUTES) and looks_secret(fact, found):
        raise BadValue("is a whole number that must not be kept; list it as a card or phone")
    return found


def _ip(value: str, _masker: Masker) -> str:
    found = _text(value, "device.ip")
    try:
        return ip_address(found).compressed
    except ValueError:
        raise BadValue(f"{found!r} is no IP address, such as 203.0.113.7") from None


def _word(value: str, _masker: Masker) -> str:
    word = canonical_text(value)
    if not 0 < len(word) <= MAX_WORD_CHARACTERS:
        raise BadValue(f"has {len(word)} letters and digits; a word has 1 to {MAX_WORD_CHARACTERS}")
    return word


def _secret(
    form: re.Pattern[str], what: str, digest: Callable[[Masker, str], str], value: str, key: Masker
) -> str:
    found = value.strip()
    if _HASH.fullmatch(found.lower()):
        return found.lower()
    if not form.fullmatch(_SEPARATORS.sub("", found)):
        raise BadValue(f"is neither {what} nor its hash of 32 hex digits")
    return digest(key, found)


def _secret_holding(
    facts: tuple[str, ...], form: re.Pattern[str], what: str, digest: Callable[[Masker, str], str]
) -> dict[str, Holding]:
    held = Holding(frozenset(facts), partial(_secret, form, what, digest), is_secret=True)
    return dict.fromkeys(facts, held)


_HOLDINGS: dict[str, Holding] = {
    WORDS: Holding(frozenset(), _word),
    "device.ip": Holding(frozenset({"device.ip"}), _ip),
    **_secret_holding(
        ("buyer.card.hash", "payout.payee.account.hash"),
        _ACCOUNT,
        "a card or account number",
        lambda masker, number: str(masker.account(number)["hash"]),
    ),
    **_secret_holding(
        ("buyer.phone.hash", "receiver.phone.hash", "payout.payee.phone.hash"),
        _PHONE,
        "a phone number",
        lambda masker, number: str(masker.phone(number)["hash"]),
    ),
    **_secret_holding(("buyer.email_hash",), _EMAIL, "an e-mail address", Masker.email),
    **_secret_holding(("buyer.identity_hash",), _IDENTITY, "an identity number", Masker.identity),
}
_PLAIN_FACTS = tuple(
    name
    for name, kind in FACT_KINDS.items()
    if kind is Kind.TEXT and name not in _HOLDINGS and name != "payout.payee.account.near"
)
