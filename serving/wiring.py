"""The one place that builds the service from settings: every part is chosen here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from features.catalog import Catalog
from features.edge import Masker
from features.ledger import LedgerReader, create_schema, open_engine
from features.live import LATE_READ_US, LiveState
from features.masking import load_or_make_key
from features.order import Order
from features.times import now_us
from features.windows import OUTCOME_WAIT_US
from models.bundle import champion_folder
from rules.codes import MappedOutcome
from rules.decide import decide
from rules.decision import Decision, Retry
from rules.engines.compiled import CompiledEngine
from rules.engines.durable import DurableEngine
from rules.engines.engine import EngineMaker
from rules.terms import Terms
from serving.desk import Desk, Judge
from serving.edits import Edits
from serving.feedback import Feedback
from serving.journal import Journal
from serving.ledger_writer import LedgerWriter
from serving.parts import DataFolder
from serving.recorded import Recorded, advise, recorded_history
from serving.requests import OutcomeReport
from serving.service import Service
from serving.settings import Settings
from serving.state import View
from serving.watch import Watch

DISTRIBUTION = "preflight-orders"
ENGINES: Mapping[str, EngineMaker] = {"compiled": CompiledEngine, "durable": DurableEngine}


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the rooms below supply for one decision, as it is now."""

    catalog: Catalog
    terms: Terms


def watch_of(settings: Settings) -> Watch:
    """Load what answers: catalog, champion, releases, lists, holds; from then on it is watched.

    Raises CatalogError, RuleError or BundleError naming the file.
    """
    return Watch(DataFolder(settings.home, ENGINES[settings.rule_engine]))


def build_rooms(settings: Settings) -> Rooms:
    """Load what answers, once; raises as `watch_of`."""
    watch = watch_of(settings)
    return Rooms(watch.parts.catalog, watch.terms)


def build_service(settings: Settings) -> Service:
    """Build the service; nothing is read from the ledger before it is opened."""
    masker = Masker(load_or_make_key(settings.home))
    watch = watch_of(settings)
    catalog = watch.parts.catalog
    engine = open_engine(settings.ledger_url)
    create_schema(engine)
    journal = Journal(
        LedgerWriter(engine),
        LedgerReader(engine),
        partial(LiveState, catalog),
        now_us,
        horizon_us(catalog),
    )
    code = version(DISTRIBUTION)
    return Service(
        journal=journal,
        desk=Desk(journal, judge_by(lambda: watch.terms), masker, catalog.schema_hash, code),
        feedback=Feedback(journal, partial(_map_outcome, watch), partial(_advise, watch)),
        watch=watch,
        edits=Edits(settings.home, settings.ledger_url, watch, now_us),
        code=code,
    )


def champion_bundle(settings: Settings) -> Path | None:
    """Find the bundle that answers; None where no model was promoted yet."""
    if not settings.champion_pointer.is_file():
        return None
    return champion_folder(settings.home)


def horizon_us(catalog: Catalog) -> int:
    """How far back an event can still count: its outcome may be late, its window wide."""
    return catalog.widest_us + OUTCOME_WAIT_US + LATE_READ_US


def judge_by(terms: Callable[[], Terms]) -> Judge:
    """Give a judge by the terms that hold when it is asked; one decision sees one of them."""

    def judge(
        order: Order, state: View | None, as_of_us: int, past: Recorded | None = None
    ) -> Decision:
        now = terms()
        known = None if past is None else recorded_history(past, now.packs, order)
        return decide(order, state, now, as_of_us, known)

    return judge


def _map_outcome(watch: Watch, channel: str, report: OutcomeReport) -> MappedOutcome:
    pack = watch.terms.packs[channel]
    return pack.map_outcome(report.api, report.raw_code, report.raw_sub_code, report.raw_message)


def _advise(watch: Watch, rows: Recorded, now_us: int) -> Retry:
    return advise(rows, watch.terms.packs, now_us)
