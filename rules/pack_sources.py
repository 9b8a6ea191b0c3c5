"""Where the shipped packs' facts come from: each source's key, grades and what it was."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from rules.entries import Grade
from rules.pack import Pack
from rules.pack_file import PackFact
from rules.pack_reading import SHIPPED_CHANNELS

SOURCES_FILE = "sources.tsv"
_KEY = re.compile(r"\bS\d+[a-z]?\b")
_RANK = {grade: rank for rank, grade in enumerate(get_args(Grade))}
_OURS = "H"


@dataclass(frozen=True, slots=True)
class Source:
    """One document that was read; `dated` is empty where it names no date."""

    key: str
    grades: tuple[str, ...]
    what: str
    dated: str


@lru_cache(maxsize=1)
def load_sources() -> Mapping[str, Source]:
    """Read the shipped list of sources, by key."""
    text = (SHIPPED_CHANNELS / SOURCES_FILE).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {
        row["key"]: Source(row["key"], tuple(row["grades"].split()), row["what"], row["dated"])
        for row in rows
    }


def cited(note: str, sources: Mapping[str, Source]) -> tuple[Source, ...]:
    """List the sources that a note names by key."""
    return tuple(sources[key] for key in _KEY.findall(note) if key in sources)


def source_faults(pack: Pack, sources: Mapping[str, Source]) -> Iterator[str]:
    """Yield each fact whose source is not listed, or whose grade is better than its source's."""
    for name, source, grade in _stated(pack):
        known = cited(source, sources)
        if any(key not in sources for key in _KEY.findall(source)):
            yield f"{name} cites {source!r}, which is not among the sources"
        elif grade is not None and grade != _OURS:
            best = min((_RANK[one] for found in known for one in found.grades), default=None)
            if best is None:
                yield f"{name} has grade {grade}, but cites no source: {source!r}"
            elif _RANK[grade] < best:
                yield f"{name} has grade {grade}, better than its source {source!r}"


def _stated(pack: Pack) -> Iterator[tuple[str, str, str | None]]:
    file = pack.file
    for name, fact in file.facts.items():
        yield from _of_fact(name, fact)
    for api, fact in file.required.items():
        yield from _of_fact(f"required.{api}", fact)
    for product, stated in file.products.items():
        for name, fact in stated.facts.items():
            yield from _of_fact(f"{product}.{name}", fact)
    if file.wire is not None:
        yield "wire", file.wire.source, file.wire.grade


def _of_fact(name: str, fact: PackFact) -> Iterator[tuple[str, str, str | None]]:
    yield name, fact.source, fact.grade
    for one in fact.earlier:
        yield name, one.source, one.grade
