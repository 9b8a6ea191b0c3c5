"""A data folder, a book of two rules, and desks for people."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from textwrap import dedent

import pytest

from features.catalog import Catalog, load_catalog
from rules.packs import Packs, load_packs, packs_of
from rules.releases import desk as desk_module
from rules.releases import kinds
from rules.releases.asking import Ask, ask_a_child
from rules.releases.audit import AuditLine, Verb
from rules.releases.child import Answer
from rules.releases.desk import Desk
from rules.releases.hearing import Hearing
from rules.releases.kinds import Kind
from rules.releases.store import store_of

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
BOOK = """
rules:
  - code: LARGE_ORDER
    title: {zh: 大额, en: Large}
    when: amount_minor > threshold.amount_minor
    thresholds:
      amount_minor: {value: 500000, unit: MINOR}
    outcome_class: risk_block
    severity: warn
    basis: heuristic
    source: our own first guess
    grade: H
    reason: {zh: 金额较大。, en: A large amount.}
    examples:
      fires:
        - {amount_minor: 500001}
      passes:
        - {amount_minor: 500000}
"""
SECOND = BOOK.replace("LARGE_ORDER", "CLOSED_ORDER").replace(
    "when: amount_minor > threshold.amount_minor\n    thresholds:\n"
    "      amount_minor: {value: 500000, unit: MINOR}",
    'when: state == "closed"',
).replace("{amount_minor: 500001}", "{state: closed}").replace(
    "{amount_minor: 500000}", "{state: created}"
)  # fmt: skip
MakeDesk = Callable[..., Desk]
MakeChild = Callable[[str], Ask]
AGREES = Answer(
    hearing=Hearing(engine="fake", examples=4, orders=0, unreadable=0, differing=0, differences=())
)


_shipped_catalog = cache(load_catalog)
_shipped_packs = cache(load_packs)


@pytest.fixture(autouse=True)
def read_what_is_shipped_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the shipped catalog and packs is most of the time of these tests."""

    def packs_of_folder(folder: Path) -> Packs:
        has_own = (folder / "channels").exists() or (folder / "codes.tsv").exists()
        return packs_of(folder) if has_own else _shipped_packs()

    def catalog_at(path: Path | None) -> Catalog:
        return load_catalog(path) if path else _shipped_catalog()

    monkeypatch.setattr(kinds, "packs_of", packs_of_folder)
    monkeypatch.setattr(desk_module, "load_catalog", catalog_at)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def book_folder(tmp_path: Path) -> Path:
    """A folder with a book of two rules, each in its own file."""
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "amounts.yaml").write_text(BOOK, "utf-8")
    (folder / "states.yaml").write_text(SECOND, "utf-8")
    return folder


@pytest.fixture
def child(tmp_path: Path) -> MakeChild:
    """A child process of some code, in the place of the one that holds durable-rules."""

    def make(code: str) -> Ask:
        path = tmp_path / f"child{len(list(tmp_path.glob('child*')))}.py"
        path.write_text(dedent(code), "utf-8")
        return partial(ask_a_child, command=(sys.executable, str(path)))

    return make


@pytest.fixture
def desk(home: Path) -> MakeDesk:
    """A desk of a person; whom it asks for a second opinion agrees, unless said otherwise."""

    def make(by: str = "ana", opinion: Ask = lambda _: AGREES) -> Desk:
        return Desk(home, by, AT, second_opinion=opinion)

    return make


@pytest.fixture
def seed(home: Path) -> Callable[..., str]:
    """Make some files run at once, without any step before."""

    def publish(kind: Kind, files: dict[str, bytes]) -> str:
        store = store_of(home)
        with store.writing():
            version = store.write(kind.name, files)
            before = store.current(kind.name)
            line = AuditLine(
                at=AT, by="seed", verb=Verb.PUBLISH, kind=kind.name, before=before, after=version
            )
            store.point(line)
        return version

    return publish
