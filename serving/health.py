"""Whether the service can answer, and from what."""

from msgspec import Struct

from features.errors import LedgerError
from rules.holds import Holds
from serving.service import Service


class Readiness(Struct, frozen=True, kw_only=True):
    """Each part in words; `ready` is true when orders can be scored and recorded."""

    ready: bool
    ledger: str
    book: str
    model: str
    state: str
    releases: dict[str, str] = {}
    """The version of each kind of content that runs; `shipped` where nothing was published."""
    holds: str = ""
    """What is switched off."""
    holds_version: str = ""
    problems: dict[str, str] = {}
    """What has changed on the disk and cannot be used, by part: what ran before still runs."""


def readiness(service: Service) -> Readiness:
    """Describe what the service can do now."""
    ledger = "writable"
    try:
        service.journal.check()
    except LedgerError as error:
        ledger = str(error)
    lost = service.journal.state is None
    watch, terms = service.watch, service.watch.terms
    return Readiness(
        ready=ledger == "writable",
        ledger=ledger,
        book=f"{len(terms.book.rules)} rules, version {terms.book.version}",
        model=f"champion {service.model}" if service.model else "none: rules decide",
        state="lost: answers are stateless until the next start" if lost else "in step",
        releases=dict(watch.parts.released.versions),
        holds=_held(terms.holds),
        holds_version=terms.holds_version,
        problems=dict(watch.problems),
    )


def _held(holds: Holds) -> str:
    rules = [f"rule {code} is paused" for code in holds.rules]
    channels = [f"channel {name} is stopped" for name in holds.channels]
    return ", ".join(rules + channels) or "nothing is switched off"
