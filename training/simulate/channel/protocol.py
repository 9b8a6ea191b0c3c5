"""The neutral protocol: what is submitted, answered and called back, as frozen structs."""

from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from features.edge import order_from_dict
from features.errors import Fault, InvalidOrder, PreflightError
from features.faults import find_faults
from features.masking import Masker
from features.order import Order

CALLBACK_PATH = "/callback"
_MASKER = Masker(b"a simulated channel guards nobody")
Amount = str | int | float
S = TypeVar("S", bound=Struct)


class ChannelError(PreflightError):
    """A channel or a request to it that cannot be used."""


class Submission(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order, handed over; `amount` is rendered as the channel's own contract asks for it.

    `order` is the canonical order or payout, of which the channel reads whom and what, never the
    amount or the merchant's record. `purchase_id` is what the buyer bought: the channel does not
    look at it, its ledger does, so that two payments under two numbers are seen. `sent_at` moves
    a clock that stands.
    """

    order_id: Annotated[str, Meta(min_length=1, max_length=64)]
    amount: Amount
    currency: str
    order: dict[str, Any]
    purchase_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    notify_url: Annotated[str, Meta(max_length=1024)] | None = None
    sent_at: Annotated[datetime, Meta(tz=True)] | None = None


class Reply(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the channel says of an order: its own raw code, or none where it says nothing yet."""

    order_id: str
    raw_code: str | None
    answered_at: datetime
    raw_message: str | None = None
    trade_no: str | None = None


class Callback(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is posted to the notify URL; `event_id` is the same for a repeated callback."""

    event_id: str
    order_id: str
    raw_code: str
    occurred_at: datetime
    trade_no: str | None = None


class ClockSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a clock that stands shall be moved to."""

    now: Annotated[datetime, Meta(tz=True)]


def parse_submission(raw: bytes) -> tuple[Submission, Order]:
    """Read a submission with its order.

    Raises InvalidOrder with every bad field.
    """
    submission = _decoded(raw, Submission)
    return submission, order_from_dict(submission.order, _MASKER)


def parse_setting(raw: bytes) -> ClockSetting:
    """Read where the clock shall go. Raises InvalidOrder with every bad field."""
    return _decoded(raw, ClockSetting)


def _decoded(raw: bytes, into: type[S]) -> S:
    try:
        decoded = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidOrder([Fault("$", str(error), "one JSON object in UTF-8")]) from None
    try:
        return msgspec.convert(decoded, into)
    except msgspec.ValidationError:
        raise InvalidOrder(find_faults(decoded, into)) from None
