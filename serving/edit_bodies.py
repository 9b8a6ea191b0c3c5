"""What callers send to edit what runs, and what they get back; people are named in the body."""

from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from features.errors import InvalidOrder
from features.faults import find_faults
from rules.holds import Hold, Instant
from serving.requests import decode_json

B = TypeVar("B", bound=Struct)
Person = Annotated[str, Meta(min_length=1, max_length=64)]
Why = Annotated[str, Meta(max_length=1024)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]


class StepBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who takes a step, and why."""

    by: Person
    why: Why = ""


class DraftBody(StepBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Begin a draft from `current`, `shipped` or a version; `files`, if given, replace it all."""

    name: Name
    source: Name = "current"
    files: dict[str, str] | None = None


class FilesBody(StepBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All files of a draft by name, as text; what is not named is gone."""

    files: dict[str, str]


class OpinionBody(StepBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask another engine, on all examples and so many recent orders; without, on 1,000."""

    orders: Annotated[int, Meta(ge=0, le=100_000)] | None = None


class PublishBody(OpinionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Publish an approved draft; `over` names the version that ran since, if one may be replaced.

    `without_second_opinion` is for where none can be had; where it differs, nothing is published.
    """

    over: Name | None = None
    without_second_opinion: bool = False


class RollbackBody(StepBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Back to a version; to the one before if none is named."""

    to: Name | None = None


class BacktestBody(StepBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold a draft to what runs over a history: a folder on the service's machine."""

    history: Annotated[str, Meta(min_length=1, max_length=1024)]


class HoldBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who switches it off, why, and until when; without an end, until it is undone."""

    by: Person
    why: Annotated[str, Meta(min_length=1, max_length=1024)]
    until: Instant | None = None


class PublishedView(Struct, frozen=True, kw_only=True):
    """What was made to run, and what ran before."""

    kind: str
    version: str
    before: str
    fingerprint: str
    """What decisions call it."""
    by: str
    approved_by: str = ""
    second_opinion: str = ""
    backtest: str = ""
    """The report of its backtest, if there was one."""


class Enacted(Struct, frozen=True, kw_only=True):
    """What was published or rolled back to, and whether this service answers by it."""

    published: PublishedView
    in_force: bool
    problems: dict[str, str]
    """Where it is not in force: why."""


class JobView(Struct, frozen=True, kw_only=True):
    """Work that goes on beside the service: running, done or failed."""

    job: str
    verb: str
    kind: str
    draft: str
    by: str
    began_at: datetime
    status: str
    answer: Any = None
    """What came of it, once it is done."""
    problem: str = ""


class HeldAnswer(Struct, frozen=True, kw_only=True):
    """All that is switched off now, and whether this service answers by it."""

    version: str
    rules: dict[str, Hold]
    channels: dict[str, Hold]
    in_force: bool


def parse_body(raw: bytes, into: type[B]) -> B:
    """Read a body; raises MalformedJson, or InvalidOrder with every bad field."""
    decoded = decode_json(raw)
    try:
        return msgspec.convert(decoded, into)
    except msgspec.ValidationError:
        raise InvalidOrder(find_faults(decoded, into)) from None
