"""Loads what runs: of each kind the version that was published, or else what is shipped."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.catalog import Catalog, load_catalog
from features.errors import RuleError
from rules.book import Book
from rules.costs import Costs
from rules.packs import Packs
from rules.releases.kinds import BOOK, COSTS, KINDS, PACKS, ROUTES, Kind
from rules.releases.store import SHIPPED, ReleaseStore, store_of, version_of
from rules.routes import Routes, faults_of


@dataclass(frozen=True, eq=False)
class Released:
    """Everything that runs in one data folder, loaded at one stamp of the pointer."""

    book: Book
    packs: Packs
    costs: Costs
    routes: Routes
    versions: Mapping[str, str]
    """The version of each kind, by the kind's name; `shipped` where nothing was published."""
    stamp: bytes
    """What the pointer held; `ReleaseStore.stamp()` differs from it as soon as it has moved."""
    catalog: Catalog
    notes: tuple[str, ...] = ()
    """What a person should know, such as files that nobody reads any more."""

    def part(self, kind: Kind) -> Any:
        """Give the content of one kind."""
        return getattr(self, kind.name)


def released(home: Path, catalog: Catalog, known: Released | None = None) -> Released:
    """Load what runs over a catalog; a part that `known` has in the same version is that part.

    Raises RuleError or ExpressionError that names the file: keep what runs then.
    """
    store = store_of(home)
    stamp = store.stamp()
    current = store.pointer(stamp).versions
    versions = {kind.name: current.get(kind.name, SHIPPED) for kind in KINDS}
    kept = known if known is not None and known.catalog is catalog else None
    parts = {kind.name: _part(kind, versions[kind.name], home, catalog, kept) for kind in KINDS}
    check_routes(parts[ROUTES.name], parts[PACKS.name])
    return Released(
        book=parts[BOOK.name],
        packs=parts[PACKS.name],
        costs=parts[COSTS.name],
        routes=parts[ROUTES.name],
        versions=versions,
        stamp=stamp,
        catalog=catalog,
        notes=_notes(home, versions),
    )


def load_version(kind: Kind, version: str, home: Path, catalog: Catalog) -> Any:
    """Load one version of a kind, its files compared with their fingerprints; raises RuleError."""
    if version == SHIPPED:
        return kind.unreleased(home, catalog)
    return kind.load(store_of(home).path(kind.name, version), catalog)


def check_routes(routes: Routes, packs: Packs) -> None:
    """Refuse a routing list that names a channel nobody has a pack for; raises RuleError."""
    told = [f"{at}: {problem}" for at, problem in faults_of(routes, packs)]
    if told:
        raise RuleError(f"the routes do not fit the packs: {'; '.join(told)}")


def book_in_force(home: Path, catalog: Catalog | None = None) -> Book:
    """Load the rules that run, over a catalog, or the shipped one."""
    book: Book = _in_force(BOOK, home, catalog)
    return book


def packs_in_force(home: Path) -> Packs:
    """Load the packs that run."""
    packs: Packs = _in_force(PACKS, home, None)
    return packs


def costs_in_force(home: Path) -> Costs:
    """Load the costs that run."""
    costs: Costs = _in_force(COSTS, home, None)
    return costs


def folder_in_force(kind: Kind, store: ReleaseStore) -> Path | None:
    """Give the folder of the version that runs; None where nothing was published."""
    version = store.current(kind.name)
    return None if version is None else store.path(kind.name, version)


def _in_force(kind: Kind, home: Path, catalog: Catalog | None) -> Any:
    version = store_of(home).current(kind.name) or SHIPPED
    return load_version(kind, version, home, catalog or load_catalog())


def _part(kind: Kind, version: str, home: Path, catalog: Catalog, known: Released | None) -> Any:
    if known is not None and known.versions[kind.name] == version:
        return known.part(kind)
    return load_version(kind, version, home, catalog)


def _notes(home: Path, versions: Mapping[str, str]) -> tuple[str, ...]:
    """Say which own files differ from what was published, and so are not what runs."""
    return tuple(
        f"{', '.join(sorted(files))} in {home} are not what runs: version "
        f"{versions[kind.name]} was published; draft from them by --from {home}"
        for kind in KINDS
        if kind.adopts
        and versions[kind.name] != SHIPPED
        and (files := kind.files(home))
        and version_of(kind.name, files) != versions[kind.name]
    )
