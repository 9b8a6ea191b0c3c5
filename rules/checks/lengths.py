"""Checks of lengths: how long the texts are as the channel counts, and which are too long.

No source says whether a channel counts characters or bytes. What ends in `_characters`, and
`check.overlong_fields`, takes the stricter reading where a pack does not state it; what ends in
`_codepoints` counts characters, and so is too long by any reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from features.kinds import Kind, Value
from rules.checks.check import Check, Prepared, when_known
from rules.pack import Pack

_MOST_BYTES = 4
"""Bytes that one character takes at most in UTF-8."""
LIMITED_FIELDS: Mapping[str, str] = {
    "industry_code": "industry_code_max_characters",
    "buyer.id": "buyer_id_max_characters",
    "device.id": "device_id_max_characters",
    "receiver.name": "receiver_name_max_characters",
    "receiver.province": "receiver_province_max_characters",
    "receiver.city": "receiver_city_max_characters",
    "receiver.district": "receiver_district_max_characters",
    "receiver.line": "receiver_line_max_characters",
    "payout.payee.name": "payee_name_max_characters",
    "notify_url": "notify_url_max_characters",
}
"""Fields beside subject, description and purpose, and the fact that limits each.

A category is left out: its limit is for each level of a path, which an order does not split.
"""
LIMITED_ITEM_FIELDS: Mapping[str, str] = {
    "name": "item_name_max_characters",
    "sku": "item_sku_max_characters",
}


def counts_bytes(pack: Pack) -> bool:
    """Tell whether lengths count UTF-8 bytes; where that is not known, the stricter reading."""
    return pack.text("text_counted_as") != "characters"


def length(text: str, in_bytes: bool) -> int:
    """Count a text as a channel does.

    >>> length("保温杯", False), length("保温杯", True)
    (3, 9)
    """
    return len(text.encode()) if in_bytes else len(text)


@dataclass(frozen=True, slots=True)
class Limit:
    """One limited text: the input that holds it, or the input that holds its length."""

    name: str
    most: float
    is_length: bool = False


def limits_of(pack: Pack, in_bytes: bool) -> tuple[Limit, ...]:
    """List the limits that a pack states for the lesser texts."""
    counted = "bytes" if in_bytes else "characters"
    fields = [(name, fact, False) for name, fact in LIMITED_FIELDS.items()] + [
        (f"items.{field}_{counted}", fact, True) for field, fact in LIMITED_ITEM_FIELDS.items()
    ]
    return tuple(
        Limit(name, most, is_length)
        for name, fact, is_length in fields
        if (most := pack.number(fact)) is not None
    )


def _length_of(name: str) -> Check:
    def prepare(pack: Pack) -> Prepared:
        in_bytes = counts_bytes(pack)
        return when_known((name,), lambda text: length(text, in_bytes))

    short = name.rpartition(".")[2]
    meaning = f"length of the {short}, as the channel counts; bytes where that is not known"
    return Check(f"check.{short}_characters", meaning, Kind.NUMBER, prepare, "COUNT")


def _plain_length(name: str) -> Check:
    prepared = when_known((name,), len)
    short = name.rpartition(".")[2]
    meaning = f"length of the {short} in characters"
    return Check(f"check.{short}_codepoints", meaning, Kind.NUMBER, lambda _: prepared, "COUNT")


def _overlong(pack: Pack) -> Prepared | None:
    return _counting(pack, counts_bytes(pack))


def _surely_overlong(pack: Pack) -> Prepared | None:
    return _counting(pack, False)


def _counting(pack: Pack, in_bytes: bool) -> Prepared | None:
    limits = limits_of(pack, in_bytes)
    if not limits:
        return None

    def answer(*values: Value | None) -> int:
        return sum(
            _is_over(limit, value, in_bytes)
            for limit, value in zip(limits, values, strict=True)
            if value is not None
        )

    return Prepared(tuple(limit.name for limit in limits), answer)


def _is_over(limit: Limit, value: Value, in_bytes: bool) -> bool:
    if not isinstance(value, str):
        return value > limit.most
    if len(value) * _MOST_BYTES <= limit.most:
        return False
    return length(value, in_bytes) > limit.most


LENGTH_CHECKS = (
    _length_of("subject"),
    _length_of("description"),
    _length_of("payout.purpose"),
    _plain_length("subject"),
    _plain_length("description"),
    _plain_length("payout.purpose"),
    Check(
        "check.overlong_fields",
        "lesser texts that are longer than the channel takes; bytes where it is not known",
        Kind.NUMBER,
        _overlong,
        "COUNT",
    ),
    Check(
        "check.overlong_fields_codepoints",
        "lesser texts of more characters than the channel takes, however it counts",
        Kind.NUMBER,
        _surely_overlong,
        "COUNT",
    ),
)
