"""Finds the words of a list in texts: each sign is asked once which lengths could begin there."""

from collections.abc import Iterable, Mapping

from features.addresses import canonical_text
from rules.lists.kept import Entry
from rules.lists.table import FOREVER


class WordFinder:
    """The words of one version, by their first sign and length.

    At each sign of a text at most as many look-ups follow as words of different length begin
    with it, so the time is bounded by the text's length times 32, whatever the list holds.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._until: Mapping[str, int] = {entry.value: entry.until_us for entry in entries}
        lengths: dict[str, set[int]] = {}
        for word in self._until:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {sign: tuple(sorted(found)) for sign, found in lengths.items()}

    def count(self, texts: Iterable[str], as_of_us: int) -> int:
        """Count the different words that occur in some text, as of an instant."""
        found: set[str] = set()
        for text in texts:
            found |= self._found_in(canonical_text(text))
        untils = map(self._until.__getitem__, found)
        return sum(until == FOREVER or as_of_us < until for until in untils)

    def _found_in(self, text: str) -> set[str]:
        lengths, words = self._lengths, self._until
        return {
            piece
            for at, sign in enumerate(text)
            for length in lengths.get(sign, ())
            if (piece := text[at : at + length]) in words
        }
