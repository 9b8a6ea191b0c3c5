"""Names of people: recorded as they are given, compared as they are meant."""

import unicodedata

from features.errors import RuleError

_MOST_CHARACTERS = 100
_INVISIBLE = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})


def person(name: str) -> str:
    """Give a name without the space around it; raises RuleError where it names nobody."""
    stripped = name.strip()
    if not _meant(stripped) or len(stripped) > _MOST_CHARACTERS or not stripped.isprintable():
        raise RuleError(
            f"{name!r} is no person's name; write one of 1 to {_MOST_CHARACTERS} characters: --by"
        )
    return stripped


def same_person(one: str, other: str) -> bool:
    """Tell whether two names are one: width, case, spaces and invisible characters do not count.

    >>> same_person("Ａｎａ  Li ", "ana li")
    True
    >>> same_person("ana", "anna")
    False
    """
    return _meant(one) == _meant(other)


def _meant(name: str) -> str:
    kept = "".join(
        one
        for one in unicodedata.normalize("NFKC", name)
        if unicodedata.category(one) not in _INVISIBLE
    )
    return " ".join(unicodedata.normalize("NFKC", kept.casefold()).split())
