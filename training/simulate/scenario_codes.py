"""Finds the raw codes of a scenario that its channels' packs do not know."""

from collections.abc import Iterator
from typing import Any

from features.errors import suggest
from rules.code_names import expanded
from rules.codes import CLASS_NAMES, UNSEEN
from rules.packs import Pack, Packs


def find_strange_codes(answers: dict[str, Any], packs: Packs) -> Iterator[tuple[str, str]]:
    """Yield each code that is not as it says: unknown to its pack, or `unseen` and known."""
    for channel, kinds in answers.items():
        for kind, options in kinds.items():
            for number, answer in enumerate(options):
                path = f"answers.{channel}.{kind}[{number}]"
                yield from _strange(answer, packs[channel], path)


def _strange(answer: dict[str, Any], pack: Pack, path: str) -> Iterator[tuple[str, str]]:
    code, unseen = answer["code"], answer.get("unseen", False)
    known = pack.map_outcome(None, code) is not UNSEEN
    if known and unseen:
        yield (
            f"{path}.unseen",
            f"{path}.unseen is true, but the pack {pack.channel} knows {code!r}; allowed: false",
        )
    if not known and not unseen:
        codes = known_codes(pack)
        yield (
            f"{path}.code",
            f"{path}.code is {code!r}, which the pack {pack.channel} does not know."
            f"{suggest(code, codes)} Allowed: {', '.join(codes)}; or say `unseen: true` beside it",
        )


def known_codes(pack: Pack) -> list[str]:
    """List every code that a pack gives a meaning, each by the name that its table writes."""
    rows = (row.code for row in pack.codes.rows if row.table in pack.file.code_tables)
    names = CLASS_NAMES if pack.file.class_names_are_codes else ()
    written = {code for row in rows for code in expanded(row)}
    return sorted({*written, *pack.file.code_aliases, *names})
