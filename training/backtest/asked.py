"""What a person asked for on the command line, and the plan that it makes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from features.catalog import Catalog, load_catalog
from features.columnar_facts import attribute_kinds
from features.errors import BundleError
from features.ledger import sqlite_url
from features.progress import Progress, silent
from features.streaming.parts import Parts
from models.bundle import POINTER, champion_folder
from rules.lists.store import store_of
from training.backtest.errors import BacktestError
from training.backtest.ledger import ledger_history
from training.backtest.lists_then import ListsInTime, ListsThen, OneState, lists_of_today
from training.backtest.pricing import Model, load_model
from training.backtest.run import Plan
from training.backtest.setting import Sources, load_setting
from training.backtest.slices import Span

CHAMPION, NONE, TODAY, HOME = "champion", "none", "today", "home"
_OF_LEDGER = Path("backtests") / "ledger"
"""Where in the data folder a ledger is laid out as a history."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where everything is; the history, or else the ledger, is needed."""

    home: Path
    new: Sources
    old: Sources
    history: Path | None = None
    ledger: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    model: str = CHAMPION
    lists: str = "then"
    catalog: Path | None = None


def plan_of(asked: Asked, progress: Progress = silent) -> Plan:
    """Load everything that a comparison needs; raises PreflightError that names what is wrong."""
    history = _history(asked, progress)
    model = _model(asked)
    catalog = _catalog(asked, model, history)
    return Plan(
        history=history,
        home=asked.home,
        catalog=catalog,
        old=load_setting("old", asked.old, asked.home, catalog),
        new=load_setting("new", asked.new, asked.home, catalog),
        lists=_lists(asked),
        model=model,
        span=Span(_utc(asked.start), _utc(asked.end)),
        notes=_notes(asked),
    )


def _history(asked: Asked, progress: Progress) -> Path:
    if (asked.history is None) == (asked.ledger is None):
        raise BacktestError("name either --history or --ledger, not both and not neither")
    if asked.history is not None:
        return asked.history
    url = sqlite_url(asked.home.absolute() / "ledger.sqlite")
    if asked.ledger is not None and asked.ledger != HOME:
        url = asked.ledger
    return ledger_history(url, asked.home / _OF_LEDGER, progress)


def _model(asked: Asked) -> Model | None:
    if asked.model == NONE:
        return None
    if asked.model != CHAMPION:
        return load_model(Path(asked.model))
    if not (asked.home / "bundles" / POINTER).is_file():
        return None
    return load_model(champion_folder(asked.home))


def _catalog(asked: Asked, model: Model | None, history: Path) -> Catalog:
    """Take the model's own catalog, which the service takes too; else the file, or the shipped."""
    if model is None:
        return load_catalog(asked.catalog, attribute_kinds(Parts(history, "orders").empty))
    if asked.catalog is not None:
        raise BacktestError("--catalog and a model: the model has its own; add --model none")
    catalog = model.catalog
    if catalog.schema_hash != model.bundle.manifest.schema_hash:
        raise BundleError(
            f"model {model.version} was trained on features {model.bundle.manifest.schema_hash}, "
            f"but its catalog now means {catalog.schema_hash}: train again, or add --model none"
        )
    return catalog


def _lists(asked: Asked) -> ListsInTime:
    if asked.lists == NONE:
        return OneState()
    store = store_of(asked.home)
    return lists_of_today(store) if asked.lists == TODAY else ListsThen(store)


def _utc(instant: datetime | None) -> datetime | None:
    """Read an instant without a zone as UTC."""
    if instant is None or instant.tzinfo is not None:
        return instant
    return instant.replace(tzinfo=UTC)


def _notes(asked: Asked) -> tuple[str, ...]:
    if asked.ledger is None:
        return ()
    return (
        "orders of the ledger, as they were received: what was held back then has no outcome, so "
        "releasing it shows as no truth",
    )
