"""Whether the service can answer, and from what."""

from msgspec import Struct

from features.errors import LedgerError
from serving.service import Service


class Readiness(Struct, frozen=True, kw_only=True):
    """Each part in words; `ready` is true when orders can be scored and recorded."""

    ready: bool
    ledger: str
    book: str
    model: str
    state: str


def readiness(service: Service) -> Readiness:
    """Describe what the service can do now."""
    ledger = "writable"
    try:
        service.journal.check()
    except LedgerError as error:
        ledger = str(error)
    lost = service.journal.state is None
    return Readiness(
        ready=ledger == "writable",
        ledger=ledger,
        book=service.book,
        model=f"champion {service.model}" if service.model else "none: rules decide",
        state="lost: answers are stateless until the next start" if lost else "in step",
    )
