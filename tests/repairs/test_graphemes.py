"""A text is cut where a reader sees a gap, never inside what looks like one character."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.repairs.graphemes import graphemes, shortened

WHOLE = [
    "e\u0301",
    "👍🏽",
    "👨‍👩‍👧",
    "🇨🇳",
    "각",
    "\u1100\u1161\u11a8",
    "\r\n",
    "❤\ufe0f",
    "1\ufe0f\u20e3",
    "保",
]
texts = st.lists(st.sampled_from([*WHOLE, "a", " ", "杯", "🇺", "\u200d", "\n"])).map("".join)


@pytest.mark.parametrize("one", WHOLE)
def test_what_looks_like_one_character_is_one(one: str) -> None:
    assert list(graphemes(f"a{one}b")) == ["a", one, "b"]


def test_flags_are_pairs() -> None:
    assert list(graphemes("🇨🇳🇺🇸🇯")) == ["🇨🇳", "🇺🇸", "🇯"]


@given(texts)
def test_the_parts_are_the_text(text: str) -> None:
    assert "".join(graphemes(text)) == text


def slow_shortened(text: str, most: int, in_bytes: bool) -> str:
    """Try every cut between graphemes, the longest that fits."""
    parts = list(graphemes(text))
    cuts = ["".join(parts[:number]) for number in range(len(parts) + 1)]
    fitting = [c for c in cuts if len(c.encode() if in_bytes else c) <= most]
    longest = max(fitting, key=len)
    return longest if longest == text else longest.rstrip()


@given(text=texts, most=st.integers(0, 40), in_bytes=st.booleans())
def test_as_much_is_kept_as_fits(text: str, most: int, in_bytes: bool) -> None:
    assert shortened(text, most, in_bytes) == slow_shortened(text, most, in_bytes)


@given(texts)
def test_cuts_are_those_of_another_reader_of_unicode(text: str) -> None:
    other: Any = pytest.importorskip("wcwidth")
    if hasattr(other, "iter_graphemes"):
        assert ends(graphemes(text)) <= ends(other.iter_graphemes(text))


def ends(parts: Any) -> set[int]:
    total, found = 0, set()
    for part in parts:
        total += len(part)
        found.add(total)
    return found
