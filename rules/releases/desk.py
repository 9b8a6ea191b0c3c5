"""Where the steps of an edit are taken: in which data folder, by whom, and when."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from features.catalog import Catalog, load_catalog
from features.errors import RuleError
from rules.releases.asking import Ask, ask_a_child
from rules.releases.audit import AuditLine, Recorded, Verb
from rules.releases.kinds import Kind
from rules.releases.loading import Released, load_version, released
from rules.releases.people import person
from rules.releases.store import SHIPPED, ReleaseStore, store_of

COMMAND_LINE = (sys.executable, "-m", "preflight")
CURRENT = "current"
"""What a person calls the version that runs."""
_DISTRIBUTION = "preflight-orders"
_CHAMPION = Path("bundles", "champion")


@dataclass(frozen=True, slots=True)
class Desk:
    """One person at one data folder. `at` is the instant that its steps are recorded with."""

    home: Path
    by: str
    at: datetime
    catalog: Path | None = None
    """The catalog that rules are read over; the champion's, or else the shipped one."""
    second_opinion: Ask = ask_a_child
    """Has the rules heard by another engine: durable-rules, in a process of its own."""
    command_line: tuple[str, ...] = COMMAND_LINE
    """How this program is started again, for what takes long."""

    @property
    def store(self) -> ReleaseStore:
        """The releases of the data folder."""
        return store_of(self.home)

    @property
    def catalog_path(self) -> Path | None:
        """The file of the catalog; None for the shipped one."""
        return self.catalog or champion_catalog(self.home)

    def load_catalog(self) -> Catalog:
        """Load the catalog; raises CatalogError."""
        return load_catalog(self.catalog_path)

    @property
    def reader(self) -> str:
        """Name what reads a version: this Preflight and the catalog. The same reads it alike."""
        path = self.catalog_path
        catalog = SHIPPED if path is None else sha256(path.read_bytes()).hexdigest()[:16]
        return f"{version(_DISTRIBUTION)} with catalog {catalog}"

    def in_force(self, catalog: Catalog) -> Released:
        """Load what runs."""
        return released(self.home, catalog)

    def current(self, kind: Kind) -> str:
        """Name the version that runs, or `shipped`."""
        return self.store.current(kind.name) or SHIPPED

    def named(self, kind: Kind, name: str) -> str:
        """Give the version that a person means: `current`, `shipped`, or how a version begins."""
        if name == CURRENT:
            return self.current(kind)
        return SHIPPED if name == SHIPPED else self.store.need(kind.name, name)

    def loaded(self, kind: Kind, release: str, catalog: Catalog) -> Any:
        """Load a version of a kind."""
        return load_version(kind, release, self.home, catalog)

    def files(self, kind: Kind, release: str) -> Mapping[str, bytes]:
        """Read the files of a version of a kind; of `shipped` those that a first draft has."""
        if release == SHIPPED:
            return kind.first(self.home)
        return kind.files(self.store.path(kind.name, release))

    def line(self, verb: Verb, kind: Kind, **said: Any) -> AuditLine:
        """Make a line of the audit; raises RuleError where nobody is named."""
        return AuditLine(at=self.at, by=person(self.by), verb=verb, kind=kind.name, **said)

    def record(self, line: AuditLine) -> Recorded:
        """Write a line that changes nothing of what runs."""
        with self.store.writing():
            return self.store.log.append(line)


def champion_catalog(home: Path) -> Path | None:
    """Give the catalog of the model that answers in a data folder; None where there is none.

    The pointer is the one that `models.bundle` writes; rules and models do not import each other.
    """
    try:
        champion = (home / _CHAMPION).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    path = home / _CHAMPION.parent / champion / "catalog.yaml"
    if not path.is_file():
        raise RuleError(f"{home / _CHAMPION} names {champion}, but there is no {path}; promote one")
    return path
