"""The one place that builds the service from settings: every part is chosen here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from features.catalog import Catalog, load_catalog
from features.edge import Masker
from features.errors import BundleError
from features.ledger import LedgerReader, create_schema, open_engine
from features.live import LATE_READ_US, LiveState
from features.masking import load_or_make_key
from features.order import Order
from features.times import now_us
from features.windows import OUTCOME_WAIT_US
from models.bundle import champion_folder
from models.scorer import load_scorer
from rules.book import load_book
from rules.codes import MappedOutcome
from rules.decide import decide
from rules.decision import Decision
from rules.engines.compiled import CompiledEngine
from rules.engines.durable import DurableEngine
from rules.engines.engine import EngineMaker
from rules.judge import judge_of
from rules.lists.declared import check_lists
from rules.lists.store import store_of
from rules.lists.watched import WatchedLists
from rules.packs import Packs, packs_of
from rules.retry import advise
from rules.scorer import Scorer
from rules.terms import Terms
from serving.desk import Desk, Judge
from serving.feedback import Feedback
from serving.journal import Journal
from serving.ledger_writer import LedgerWriter
from serving.requests import OutcomeReport
from serving.service import Service
from serving.settings import Settings
from serving.state import View

DISTRIBUTION = "preflight-orders"
ENGINES: Mapping[str, EngineMaker] = {"compiled": CompiledEngine, "durable": DurableEngine}


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the rooms below supply for one decision."""

    catalog: Catalog
    terms: Terms
    judge: Judge
    """By these terms, and by the lists as they are."""
    lists: WatchedLists


def build_rooms(settings: Settings) -> Rooms:
    """Load catalog, rule book, packs and, where there is a champion, its model.

    Raises CatalogError, RuleError or BundleError naming the file.
    """
    bundle = champion_bundle(settings)
    scorer = None if bundle is None else load_scorer(bundle)
    catalog = load_catalog(None if bundle is None else bundle / "catalog.yaml")
    _check_schema(scorer, catalog)
    book = load_book(catalog=catalog)
    packs = packs_of(settings.home)
    engine = ENGINES[settings.rule_engine]
    for pack in packs:  # prepared now, so that what an engine lacks is said at the start
        judge_of(book, pack, engine)
    lists = WatchedLists(
        store_of(settings.home), lambda found: check_lists(found, book.lists, book.bases)
    )
    lists.open()
    terms = Terms(book, packs, scorer, engine=engine)
    return Rooms(catalog, terms, _judge_watching(terms, lists), lists)


def build_service(settings: Settings) -> Service:
    """Build the service; nothing is read from the ledger before it is opened."""
    masker = Masker(load_or_make_key(settings.home))
    rooms = build_rooms(settings)
    terms = rooms.terms
    engine = open_engine(settings.ledger_url)
    create_schema(engine)
    journal = Journal(
        LedgerWriter(engine),
        LedgerReader(engine),
        partial(LiveState, rooms.catalog),
        now_us,
        horizon_us(rooms.catalog),
    )
    code = version(DISTRIBUTION)
    return Service(
        journal=journal,
        desk=Desk(journal, rooms.judge, masker, rooms.catalog.schema_hash, code),
        feedback=Feedback(journal, partial(_map_outcome, terms.packs), advise),
        code=code,
        book=f"{len(terms.book.rules)} rules, version {terms.book.version}",
        model=None if terms.scorer is None else terms.scorer.version,
    )


def champion_bundle(settings: Settings) -> Path | None:
    """Find the bundle that answers; None where no model was promoted yet."""
    if not settings.champion_pointer.is_file():
        return None
    return champion_folder(settings.home)


def horizon_us(catalog: Catalog) -> int:
    """How far back an event can still count: its outcome may be late, its window wide."""
    return catalog.widest_us + OUTCOME_WAIT_US + LATE_READ_US


def judge_by(terms: Terms) -> Judge:
    """Give a judge by these terms, whatever is changed later."""

    def judge(order: Order, state: View | None, as_of_us: int) -> Decision:
        return decide(order, state, terms, as_of_us)

    return judge


def _judge_watching(terms: Terms, lists: WatchedLists) -> Judge:
    def judge(order: Order, state: View | None, as_of_us: int) -> Decision:
        return decide(order, state, replace(terms, lists=lists.at(as_of_us)), as_of_us)

    return judge


def _check_schema(scorer: Scorer | None, catalog: Catalog) -> None:
    if scorer is not None and scorer.schema_hash != catalog.schema_hash:
        raise BundleError(
            f"champion {scorer.version} was trained on features {scorer.schema_hash}, but its "
            f"catalog.yaml now means {catalog.schema_hash}: train again with this version"
        )


def _map_outcome(packs: Packs, channel: str, report: OutcomeReport) -> MappedOutcome:
    pack = packs[channel]
    return pack.map_outcome(report.api, report.raw_code, report.raw_sub_code, report.raw_message)
