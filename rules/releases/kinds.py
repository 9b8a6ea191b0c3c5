"""The kinds of content that are released: which files each is made of, and how it is loaded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from features.catalog import Catalog
from features.errors import RuleError, suggest
from rules.book import SHIPPED_BOOK, Book, load_book
from rules.costs import DEFAULT_COSTS
from rules.packs import OWN_CODES_FILE, OWN_PACKS_FOLDER, Packs, packs_of
from rules.releases.costs_file import COSTS_FILE, load_costs, written
from rules.routes import NO_ROUTES, Routes
from rules.yaml_file import read_yaml

ROUTES_FILE = "routes.yaml"
_FIRST_ROUTES = (
    b"# For each channel the other channels that may take its orders, best first, such as\n"
    b"# jd_pay: [alipay, wechat_pay]. Under fees what a channel takes by your contract: jd_pay:\n"
    b"# {basis_points: 60, fixed_minor: 0}; one that is not stated is unknown, never guessed.\n"
    b"alternatives: {}\nfees: {}\n"
)
Parts = Mapping[str, Mapping[str, Any]]
"""Things by name, such as rules by code, each with its fields."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of content.

    `load` reads a version's folder over a catalog, `unreleased` what runs in a data folder where
    nothing was published; both raise RuleError that names the file. `first` gives the files that
    a first draft starts from. `adopts` tells that these files ran without having been published.
    """

    name: str
    word: str
    """What the command line calls it."""
    thing: str
    """What one of its parts is called."""
    patterns: tuple[str, ...]
    """Which files of a folder belong to it; the others are left out."""
    load: Callable[[Path, Catalog], Any]
    unreleased: Callable[[Path, Catalog], Any]
    first: Callable[[Path], Mapping[str, bytes]]
    parts: Callable[[Any], Parts]
    fingerprint: Callable[[Any], str]
    """What decisions call the content."""
    is_judged: bool = False
    """Whether rules are evaluated by it, so that engines can differ on it."""
    adopts: bool = False

    def files(self, folder: Path) -> dict[str, bytes]:
        """Read the files of a folder that belong to this kind, by their names in it."""
        paths = {path for pattern in self.patterns for path in folder.glob(pattern)}
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(paths)
            if path.is_file()
        }


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Spread nested mappings into dotted names; what is no mapping stays as it is.

    >>> flat({"fix": {"text": {"zh": "改"}}, "kinds": ["order"]})
    {'fix.text.zh': '改', 'kinds': ['order']}
    """
    if not isinstance(value, dict) or not value:
        return {prefix: value}
    inner = (flat(one, f"{prefix}.{name}" if prefix else str(name)) for name, one in value.items())
    return {name: one for part in inner for name, one in part.items()}


def _book_parts(book: Book) -> Parts:
    rules = {rule.code: flat(msgspec.to_builtins(rule.entry)) for rule in book}
    lists = {f"list.{name}": flat(msgspec.to_builtins(use)) for name, use in book.lists.items()}
    return {**rules, **lists}


def _pack_parts(packs: Packs) -> Parts:
    own = next((pack.own.rows for pack in packs), ())
    meanings = {
        f"codes.tsv: {row.channel} {row.api} {row.code} {row.sub_code}".strip(): {
            "message_pattern": row.message and row.message.pattern,
            **flat(msgspec.to_builtins(row.mapped)),
        }
        for row in own
    }
    codes = {
        pack.channel: {
            f"code {row.table} {row.api} {row.code}": msgspec.to_builtins(row.mapped)
            for row in pack.codes.rows
            if row.table in pack.file.code_tables
        }
        for pack in packs
    }
    facts = {pack.channel: flat(msgspec.to_builtins(pack.file)) for pack in packs}
    return {name: {**facts[name], **codes[name]} for name in facts} | meanings


def _fingerprint(part: msgspec.Struct) -> str:
    return sha256(msgspec.json.encode(part, order="deterministic")).hexdigest()[:12]


def _shipped_rules(_home: Path) -> dict[str, bytes]:
    return BOOK.files(SHIPPED_BOOK)


def _own_files(home: Path) -> dict[str, bytes]:
    return PACKS.files(home)


BOOK: Kind = Kind(
    name="book",
    word="rules",
    thing="rule",
    patterns=("*.yaml",),
    load=load_book,
    unreleased=lambda _home, catalog: load_book(catalog=catalog),
    first=_shipped_rules,
    parts=_book_parts,
    fingerprint=lambda book: str(book.version),
    is_judged=True,
)
PACKS: Kind = Kind(
    name="packs",
    word="channels",
    thing="pack",
    patterns=(OWN_CODES_FILE, f"{OWN_PACKS_FOLDER}/*.yaml", f"{OWN_PACKS_FOLDER}/codes.tsv"),
    load=lambda folder, _catalog: packs_of(folder),
    unreleased=lambda home, _catalog: packs_of(home),
    first=_own_files,
    parts=_pack_parts,
    fingerprint=lambda packs: ", ".join(pack.version for pack in packs),
    is_judged=True,
    adopts=True,
)
COSTS = Kind(
    name="costs",
    word="costs",
    thing="costs",
    patterns=(COSTS_FILE,),
    load=lambda folder, _catalog: load_costs(folder / COSTS_FILE),
    unreleased=lambda _home, _catalog: DEFAULT_COSTS,
    first=lambda _home: {COSTS_FILE: written()},
    parts=lambda costs: {"costs": flat(msgspec.to_builtins(costs))},
    fingerprint=_fingerprint,
)
ROUTES = Kind(
    name="routes",
    word="routes",
    thing="routes",
    patterns=(ROUTES_FILE,),
    load=lambda folder, _catalog: read_yaml(folder / ROUTES_FILE, Routes)[0],
    unreleased=lambda _home, _catalog: NO_ROUTES,
    first=lambda _home: {ROUTES_FILE: _FIRST_ROUTES},
    parts=lambda routes: {"routes": flat(msgspec.to_builtins(routes))},
    fingerprint=_fingerprint,
)
KINDS = (BOOK, PACKS, COSTS, ROUTES)
"""A further kind is one more entry here."""


def kind_of(name: str) -> Kind:
    """Give a kind by its name or by the word of its commands; raises RuleError."""
    for kind in KINDS:
        if name in (kind.name, kind.word):
            return kind
    names = [kind.name for kind in KINDS]
    raise RuleError(f"no kind is named {name!r}.{suggest(name, names)} One of {', '.join(names)}")
