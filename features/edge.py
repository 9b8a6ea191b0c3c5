"""The edge: raw JSON becomes a canonical order, or one error that lists every bad field."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from features.errors import Fault, InvalidOrder
from features.faults import find_faults
from features.masking import Masker, looks_secret, mask_digits
from features.order import Order
from features.times import EARLIEST, LATEST

MAX_BODY_BYTES = 1_000_000
"""Largest body that is read; the largest valid order is far below."""

_encoder = msgspec.json.Encoder(order="deterministic")
_CARD_PATH = ("buyer", "card")
_PAYEE_ACCOUNT_PATH = ("payout", "payee", "account")
_PHONE_PATHS = (("buyer", "phone"), ("receiver", "phone"), ("payout", "payee", "phone"))
_INSTANT_PATHS = (
    ("placed_at",),
    ("expires_at",),
    ("promised_at",),
    ("buyer", "registered_at"),
    ("buyer", "address_changed_at"),
    ("buyer", "phone_changed_at"),
    ("payout", "payee", "account_changed_at"),
    ("record", "created_at"),
    ("record", "read_at"),
)


def parse_order(raw: bytes, masker: Masker) -> Order:
    """Read one order or payout from JSON.

    Raises InvalidOrder with every bad field: its path, its value and the expected form.
    """
    if len(raw) > MAX_BODY_BYTES:
        raise InvalidOrder([Fault("$", f"{len(raw)} bytes", f"at most {MAX_BODY_BYTES} bytes")])
    try:
        decoded = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidOrder(
            [Fault("$", "text that is not JSON", f"a JSON object ({error})")]
        ) from None
    return order_from_dict(decoded, masker)


def order_from_dict(raw: object, masker: Masker) -> Order:
    """Read one order from decoded JSON; secret numbers are reduced before anything is checked.

    Raises InvalidOrder with every bad field. `raw` itself is left as it was.
    """
    reduced = _reduce(raw, masker)
    try:
        order = msgspec.convert(reduced, Order)
    except msgspec.ValidationError as error:
        faults = tuple(find_faults(reduced, Order))
        raise InvalidOrder(faults or (Fault("$", "an object", str(error)),)) from None
    faults = tuple(_contradictions(order))
    if faults:
        raise InvalidOrder(faults)
    return order


def encode_order(order: Order) -> bytes:
    """Write an order as canonical JSON: the same order always gives the same bytes."""
    return _encoder.encode(order)


def _contradictions(order: Order) -> Iterator[Fault]:
    if order.kind == "payout" and order.payout is None:
        yield Fault("payout", "nothing", "a payout block, because kind is payout")
    if order.kind == "order" and order.payout is not None:
        yield Fault("payout", "an object", "nothing, because kind is order; set kind to payout")
    for name, value in order.attributes.items():
        if looks_secret(name, value):
            place = "no whole number: send it at buyer.card, buyer.phone or payout.payee"
            yield Fault(f"attributes.{name}", mask_digits(str(value)), place)


def _reduce(raw: object, masker: Masker) -> object:
    if not isinstance(raw, dict):
        return raw
    rewritten = dict(raw)
    for path in _INSTANT_PATHS:
        _rewrite(rewritten, path, _to_utc)
    _rewrite(rewritten, _CARD_PATH, _number(masker.account))
    _rewrite(rewritten, _PAYEE_ACCOUNT_PATH, _number(masker.payee_account))
    for path in _PHONE_PATHS:
        _rewrite(rewritten, path, _number(masker.phone))
    _hash_field(rewritten, "email", "email_hash", masker.email)
    _hash_field(rewritten, "identity", "identity_hash", masker.identity)
    attempts = rewritten.get("attempts")
    if isinstance(attempts, list):
        rewritten["attempts"] = [_attempt(attempt) for attempt in attempts]
    return rewritten


def _attempt(raw: object) -> object:
    if not isinstance(raw, dict):
        return raw
    rewritten = dict(raw)
    _rewrite(rewritten, ("sent_at",), _to_utc)
    return rewritten


def _rewrite(block: dict[str, Any], path: tuple[str, ...], change: Callable[[Any], Any]) -> None:
    """Replace the value at `path`, copying the blocks on the way so that the input stays whole."""
    *parents, last = path
    for name in parents:
        child = block.get(name)
        if not isinstance(child, dict):
            return
        block[name] = dict(child)
        block = block[name]
    if last in block:
        block[last] = change(block[last])


def _hash_field(
    order: dict[str, Any], plain: str, hashed: str, digest: Callable[[str], str]
) -> None:
    buyer = order.get("buyer")
    if isinstance(buyer, dict) and isinstance(buyer.get(plain), str):
        kept = {name: value for name, value in buyer.items() if name != plain}
        order["buyer"] = kept | {hashed: digest(buyer[plain])}


def _number(reduce: Callable[[str], dict[str, Any]]) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"number"}:
            value = value["number"]
        if isinstance(value, str) and value.strip():
            return reduce(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return reduce(str(value))
        return value

    return change


def _to_utc(value: Any) -> Any:
    """Move an instant to UTC; what is no aware instant is left for the check to name."""
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    if instant.tzinfo is None:
        return value
    if EARLIEST <= instant < LATEST:
        return instant.astimezone(UTC)
    return f"{value}, outside {EARLIEST.year} to {LATEST.year}"


__all__ = ["MAX_BODY_BYTES", "Masker", "encode_order", "order_from_dict", "parse_order"]
