"""One step of an edit, whole, so that another process can take it; and a draft as it is shown."""

from msgspec import Raw, Struct


class Asked(Struct, frozen=True, kw_only=True):
    """Which step, by whom, and what it needs."""

    verb: str
    kind: str
    home: str
    ledger: str
    at_us: int
    by: str = ""
    why: str = ""
    draft: str = ""
    source: str = ""
    files: dict[str, str] | None = None
    before: str = ""
    after: str = ""
    over: str | None = None
    to: str | None = None
    without_second_opinion: bool = False
    orders: int | None = None
    """How many recent orders another engine is asked about; None is the usual number."""
    history: str = ""


class DraftView(Struct, frozen=True, kw_only=True):
    """An open draft; `files` is there where one draft was asked for."""

    kind: str
    name: str
    author: str
    base: str
    content: str
    """The fingerprint of what it holds; an approval is bound to it."""
    why: str
    files: dict[str, str] | None = None


class Told(Struct, frozen=True, kw_only=True):
    """What came of a step that another process took: its report, or why it was refused."""

    report: Raw = Raw(b"null")
    refused: str = ""
