"""One form for text that is written in many: width, case, spaces, traditional characters."""

import unicodedata
from functools import cache
from importlib.resources import files


def canonical_text(text: str) -> str:
    """Fold width and case (NFKC), and drop spaces and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] in "LNM")


def folded(text: str) -> str:
    """Fold width and case (NFKC), and write simplified characters for traditional ones.

    >>> folded("臺北市　Ａ座")
    '台北市 a座'
    """
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", plain).translate(_simplified())


@cache
def _simplified() -> dict[int, str]:
    text = traditional_table()
    pairs = "".join(line for line in text.splitlines() if not line.startswith("#"))
    return {ord(pairs[i]): pairs[i + 1] for i in range(0, len(pairs), 2)}


@cache
def traditional_table() -> str:
    """Read the shipped table of traditional characters as it stands in its file."""
    return (files("features.addresses") / "traditional.txt").read_text(encoding="utf-8")
