"""Recent orders that a second opinion is asked about: from the ledger, or from a history."""

from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from features.errors import LedgerError
from rules.releases.sampled import Sampled

MOST_ORDERS = 1_000
_LEDGER = "ledger.sqlite"
_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class SampleSource:
    """Where recent orders come from, and how many; if nothing is said, the home's own ledger."""

    history: Path | None = None
    ledger: str | None = None
    most: int = MOST_ORDERS


class Sample(Struct, frozen=True, kw_only=True):
    """Recent orders, the channels in turn and the newest first, and where they come from."""

    source: str
    orders: tuple[Sampled, ...]


def take_sample(source: SampleSource, home: Path, catalog: Path | None) -> Sample:
    """Take a sample; empty where there is neither a history nor a ledger.

    Raises HistoryError or LedgerError where what is named cannot be read.
    """
    if source.most <= 0:
        return Sample(source="none asked for", orders=())
    if source.history is not None:
        from rules.releases.sample_history import from_history

        orders = from_history(source.history, catalog, source.most)
        return Sample(source=f"history {source.history}", orders=orders)
    url = source.ledger or f"{_SQLITE}{(home / _LEDGER).absolute()}"
    file = Path(url.removeprefix(_SQLITE))
    if url.startswith(_SQLITE) and not file.is_file():  # to open it would make an empty ledger
        if source.ledger is not None:
            raise LedgerError(f"there is no ledger at {url}; such as {_SQLITE}/data/ledger.sqlite")
        return Sample(source=f"none: there is no ledger in {home}", orders=())
    from rules.releases.sample_ledger import from_ledger, shown

    return Sample(source=f"ledger {shown(url)}", orders=from_ledger(url, source.most))
