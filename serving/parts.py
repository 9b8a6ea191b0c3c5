"""The parts that a data folder gives to a decision, each loaded when its own stamp has moved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from features.catalog import Catalog, load_catalog
from features.errors import BundleError, PreflightError
from features.times import now_us
from models.scorer import load_scorer
from rules.engines.engine import EngineMaker
from rules.holds import Holds
from rules.holds_store import HoldStore, hold_store_of
from rules.judge import judge_of
from rules.lists.declared import check_lists
from rules.lists.lists import Lists, NamedList, load_list
from rules.lists.store import ListStore
from rules.lists.store import store_of as list_store_of
from rules.releases.kinds import BOOK
from rules.releases.loading import Released, released
from rules.releases.store import SHIPPED, ReleaseStore
from rules.releases.store import store_of as release_store_of
from rules.scorer import Scorer
from rules.terms import Terms

Stamp = str | bytes | tuple[tuple[str, str], ...] | None
"""What a part's pointer holds; compared, never read."""


class Part(StrEnum):
    """A part that has a life of its own, in the order in which they are loaded."""

    CHAMPION = "champion"
    RELEASES = "releases"
    LISTS = "lists"


UNREADABLE = (OSError, UnicodeError)
"""What reading a damaged pointer can raise."""
Stamps = Mapping[Part, Stamp]
Problems = Mapping[str, str]
"""What could not be loaded, by part, and why; what ran before still runs."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Everything but the holds, loaded and prepared, with the stamps that it was loaded at."""

    catalog: Catalog
    scorer: Scorer | None
    released: Released
    lists: Lists
    engine: EngineMaker
    stamps: Stamps

    def terms(self, holds: Holds) -> Terms:
        """Put together what a decision is made by."""
        return Terms(
            book=self.released.book,
            packs=self.released.packs,
            scorer=self.scorer,
            costs=self.released.costs,
            lists=self.lists,
            routes=self.released.routes,
            holds=holds,
            engine=self.engine,
        )


@dataclass(slots=True)
class DataFolder:
    """Loads parts from one data folder. Used by one thread at a time.

    The release that was replaced last stays in memory, so that a rollback takes effect at once.
    """

    home: Path
    engine: EngineMaker
    clock: Callable[[], int] = now_us
    _earlier: Released | None = field(default=None, init=False)

    @property
    def holds(self) -> HoldStore:
        """What is switched off."""
        return hold_store_of(self.home)

    def stamps(self) -> Stamps:
        """Read the pointers of all parts: some small files."""
        return {
            Part.CHAMPION: self._champion_stamp(),
            Part.RELEASES: self._releases.stamp(),
            Part.LISTS: tuple(sorted(self._lists.pointers().items())),
        }

    def open(self) -> Parts:
        """Load all parts; raises CatalogError, RuleError or BundleError naming the file."""
        stamps = self.stamps()
        scorer, catalog = self._champion(stamps[Part.CHAMPION])
        found = released(self.home, catalog)
        lists = self._load_lists(stamps[Part.LISTS], Lists())
        stamps = {**stamps, Part.RELEASES: found.stamp}
        return self._fitting(Parts(catalog, scorer, found, lists, self.engine, stamps))

    def updated(self, now: Parts, stamps: Stamps) -> tuple[Parts, Problems]:
        """Load what has moved; a part that cannot be used stays as it was, and is told.

        A part that is refused because of another is tried again once that has been taken.
        """
        problems: dict[str, str] = {}
        pending = [part for part in Part if stamps[part] != now.stamps[part]]
        while pending:
            problems = {}
            for part in pending:
                try:
                    now = self._fitting(self._with(now, part, stamps[part]))
                except (PreflightError, *UNREADABLE) as error:
                    problems[part] = str(error)
            if len(problems) == len(pending):
                break
            pending = [part for part in pending if part in problems]
        return now, problems

    def _with(self, now: Parts, part: Part, stamp: Stamp) -> Parts:
        match part:
            case Part.CHAMPION:
                changed = replace(now, scorer=self._next_scorer(now, stamp))
            case Part.RELEASES:
                changed = replace(now, released=self._next_release(now.released, stamp))
                stamp = changed.released.stamp
            case Part.LISTS:
                changed = replace(now, lists=self._load_lists(stamp, now.lists))
            case _:
                assert_never(part)
        return replace(changed, stamps={**now.stamps, part: stamp})

    def _fitting(self, parts: Parts) -> Parts:
        """Hold the lists to the book, and prepare the book for every channel; raises RuleError."""
        book, packs = parts.released.book, parts.released.packs
        check_lists(parts.lists, book.lists, book.bases)
        for pack in packs:  # prepared now, so that no order waits and what is lacking is said
            judge_of(book, pack.at(self.clock()), parts.engine).find({"kind": "order"})
        return parts

    def _next_release(self, now: Released, stamp: Stamp) -> Released:
        wanted = self._releases.pointer(stamp if isinstance(stamp, bytes) else None).versions
        book, earlier = wanted.get(BOOK.name, SHIPPED), self._earlier
        is_back = earlier is not None and earlier.versions[BOOK.name] == book
        found = released(self.home, now.catalog, earlier if is_back else now)
        if found.book is not now.book:
            self._earlier = now
        return found

    def _next_scorer(self, now: Parts, stamp: Stamp) -> Scorer | None:
        scorer, catalog = self._champion(stamp)
        if catalog.schema_hash != now.catalog.schema_hash:
            raise BundleError(
                f"champion {stamp!s} means features {catalog.schema_hash}, but the state counts "
                f"those of {now.catalog.schema_hash}: restart the service to change both"
            )
        return scorer

    def _champion(self, stamp: Stamp) -> tuple[Scorer | None, Catalog]:
        if stamp is None:
            return None, load_catalog()
        bundle = self.home / "bundles" / str(stamp)
        scorer = load_scorer(bundle)
        catalog = load_catalog(bundle / "catalog.yaml")
        if scorer.schema_hash != catalog.schema_hash:
            raise BundleError(
                f"champion {scorer.version} was trained on features {scorer.schema_hash}, but its "
                f"catalog.yaml now means {catalog.schema_hash}: train again with this version"
            )
        return scorer, catalog

    def _champion_stamp(self) -> str | None:
        pointer = self.home / "bundles" / "champion"
        return pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None

    def _load_lists(self, stamp: Stamp, now: Lists) -> Lists:
        wanted = stamp if isinstance(stamp, tuple) else ()
        return Lists({name: self._list(name, version, now) for name, version in wanted})

    def _list(self, name: str, version: str, now: Lists) -> NamedList:
        known = now.by_name.get(name)
        if known is not None and known.version == version:
            return known
        return load_list(self._lists, name, version)

    @property
    def _releases(self) -> ReleaseStore:
        return release_store_of(self.home)

    @property
    def _lists(self) -> ListStore:
        return list_store_of(self.home)
