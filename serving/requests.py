"""Reads what callers send: JSON, and a channel's answer about an order."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from features.errors import Fault, InvalidOrder
from features.faults import find_faults
from serving.problems import MalformedJson

Instant = Annotated[datetime, Meta(tz=True)]
_Code = Annotated[str, Meta(max_length=128)]


class OutcomeReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel's answer about one order, with the channel's own codes.

    Without a code (no answer, an unreadable answer) the outcome is unknown. `attempt_no` tells
    two equal answers to two attempts apart; without it they count once. `request_id` is the number
    that the channel was given, where it is not the order's id. `asked` is what was answered: the
    call that submitted it, a query, or nothing, as a callback comes by itself.
    """

    order_id: Annotated[str, Meta(min_length=1, max_length=64)]
    raw_code: _Code | None = None
    raw_sub_code: _Code | None = None
    raw_message: Annotated[str, Meta(max_length=1024)] | None = None
    channel: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    api: Annotated[str, Meta(max_length=64)] | None = None
    http_status: Annotated[int, Meta(ge=100, le=599)] | None = None
    attempt_no: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    request_id: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    asked: Literal["submit", "query", "callback"] | None = None
    received_at: Instant | None = None
    occurred_at: Instant | None = None


def decode_json(raw: bytes) -> object:
    """Decode JSON of any shape.

    Raises MalformedJson saying where it stops to be JSON.
    """
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedJson(f"{error}; send one JSON object in UTF-8") from None


def parse_outcome(raw: bytes) -> OutcomeReport:
    """Read one outcome report.

    Raises MalformedJson, or InvalidOrder with every bad field.
    """
    decoded = decode_json(raw)
    try:
        return msgspec.convert(decoded, OutcomeReport)
    except msgspec.ValidationError:
        raise InvalidOrder(find_faults(decoded, OutcomeReport)) from None


def in_utc(name: str, instant: datetime) -> datetime:
    """Move an aware instant to UTC.

    Raises InvalidOrder for one at the very edge of the calendar, which UTC cannot express.
    """
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        fault = Fault(name, instant.isoformat(), "an instant within the years 1 to 9999 of UTC")
        raise InvalidOrder([fault]) from None
