"""Where a text may be cut: between what a reader takes for one character each.

The rules of Unicode's annex 29 (extended grapheme clusters) that orders meet: marks and joiners
stay with their base, emoji sequences, flags and Hangul syllables stay whole.
"""

import unicodedata
from collections.abc import Iterator

_JOINER = "\u200d"
_FLAG_LETTERS = (0x1F1E6, 0x1F1FF)
_EXTENDING = ((0x200C, 0x200D), (0x1F3FB, 0x1F3FF), (0xE0020, 0xE007F))
"""Joiners, skin tones and the tags that end some flags: no marks by category."""
_MARKS = frozenset({"Mn", "Me", "Mc"})
_LEADING, _VOWEL, _TRAILING = (0x1100, 0x115F), (0x1160, 0x11A7), (0x11A8, 0x11FF)
_SYLLABLES, _TRAILS = (0xAC00, 0xD7A3), 28
"""Hangul: leading, vowel and trailing letters; whole syllables, each 28th without a trail."""


def graphemes(text: str) -> Iterator[str]:
    r"""Take a text apart; the parts joined are the text again.

    >>> list(graphemes("e\u0301a👍🏽🇨🇳")) == ["e\u0301", "a", "👍🏽", "🇨🇳"]
    True
    """
    start, flags = 0, 0
    for place in range(1, len(text) + 1):
        flags = flags + 1 if _within(text[place - 1], _FLAG_LETTERS) else 0
        if place == len(text) or not _holds(text[place - 1], text[place], flags):
            yield text[start:place]
            start, flags = place, 0


def shortened(text: str, most: int, in_bytes: bool) -> str:
    """Keep as much from the start as fits in `most` characters, or bytes of UTF-8.

    No grapheme is cut, and no space stands at the end.

    >>> shortened("保温杯 500 ml", 6, in_bytes=False), shortened("保温杯", 8, in_bytes=True)
    ('保温杯 50', '保温')
    """
    kept = length = 0
    for one in graphemes(text):
        length += len(one.encode()) if in_bytes else len(one)
        if length > most:
            return text[:kept].rstrip()
        kept += len(one)
    return text


def _holds(left: str, right: str, flags: int) -> bool:
    """Tell whether two neighbours belong together; `flags`: letters of flags up to the left."""
    if (left, right) == ("\r", "\n") or left == _JOINER:
        return True
    if ord(left) < _EXTENDING[0][0] and ord(right) < 0x300:
        return False  # below the first mark; nearly every text
    if unicodedata.category(left) == "Cc":
        return False
    if _extends(right):
        return True
    if _within(left, _FLAG_LETTERS) and _within(right, _FLAG_LETTERS):
        return flags % 2 == 1
    return _is_one_syllable(left, right)


def _extends(sign: str) -> bool:
    return unicodedata.category(sign) in _MARKS or any(_within(sign, one) for one in _EXTENDING)


def _is_one_syllable(left: str, right: str) -> bool:
    is_whole = _within(left, _SYLLABLES)
    is_open = is_whole and (ord(left) - _SYLLABLES[0]) % _TRAILS == 0
    if _within(left, _LEADING):
        return any(_within(right, one) for one in (_LEADING, _VOWEL, _SYLLABLES))
    if _within(left, _VOWEL) or is_open:
        return _within(right, _VOWEL) or _within(right, _TRAILING)
    return (_within(left, _TRAILING) or is_whole) and _within(right, _TRAILING)


def _within(sign: str, block: tuple[int, int]) -> bool:
    return block[0] <= ord(sign) <= block[1]
