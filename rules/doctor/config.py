"""A merchant's integration settings, as a file states them: dates and types, never a secret."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from msgspec import Meta, Struct
from stdnum import luhn

from features.errors import RuleError, suggest
from features.facts import FACT_KINDS
from features.kinds import Kind, Value
from features.masking import looks_secret
from features.plain_yaml import NotPlain, read_plain
from features.times import to_us
from rules.yaml_file import Lines, read_yaml

Line = Annotated[str, Meta(min_length=1, max_length=1000)]
Moment = Annotated[datetime, Meta(tz=True)]


class Signature(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How requests are signed and encrypted."""

    type: Line | None = None
    encryption: Line | None = None


class Credential(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A certificate or key by name: only from when to when it is good."""

    name: Line
    not_before: date | None = None
    not_after: date | None = None


class Clock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What our clock said at an instant that a trusted source told."""

    ours: Moment
    reference: Moment


class Adapter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the adapter was built and tested for."""

    endpoint: Line | None = None
    api_version: Line | None = None
    sign_type: Line | None = None


class Sample(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order as we mean it, by our names, and the request that the adapter makes of it."""

    order: dict[str, Any]
    payload: dict[str, Any]


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one integration."""

    environment: Literal["production", "sandbox"]
    endpoint: Line
    merchant_id: Annotated[str, Meta(min_length=1, max_length=64)]
    api_version: Line | None = None
    product: Line | None = None
    """The channel's product, where it has several: `product` of the order."""
    notify_url: Line | None = None
    egress_ips: tuple[Line, ...] = ()
    requests_per_second: Annotated[int, Meta(ge=1)] | None = None
    signature: Signature | None = None
    credentials: tuple[Credential, ...] = ()
    clock: Clock | None = None
    adapter: Adapter | None = None
    sample: Sample | None = None

    @property
    def facts(self) -> dict[str, Value]:
        """The sample order's fields as facts, and the settings that every order shares."""
        stated = {} if self.sample is None else self.sample.order
        facts = {name: _value(name, value) for name, value in stated.items()}
        settings = {
            "merchant_id": self.merchant_id,
            "product": self.product,
            "notify_url": self.notify_url,
        }
        return {name: value for name, value in settings.items() if value is not None} | facts


def load_config(path: Path) -> Config:
    """Read a file of settings; raises RuleError with the line, and never shows a secret."""
    _refuse_secrets(path)
    config, lines = read_yaml(path, Config)
    for name, value in (config.sample.order if config.sample else {}).items():
        _check_field(name, value, lines)
    return config


def flattened(block: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value of a nested request by its dotted name.

    >>> dict(flattened({"amount": {"total": 1}, "mchid": "2"}))
    {'amount.total': 1, 'mchid': '2'}
    """
    for name, value in block.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _check_field(name: str, value: object, lines: Lines) -> None:
    kind = FACT_KINDS.get(name)
    if kind is None:
        hint = suggest(name, FACT_KINDS)
        raise lines.error(f"sample.order.{name}", f"no field of an order is {name!r}.{hint}")
    fits = {
        Kind.INSTANT: isinstance(_instant(value), datetime),
        Kind.NUMBER: isinstance(value, int | float) and not isinstance(value, bool),
        Kind.TEXT: isinstance(value, str),
        Kind.BOOLEAN: isinstance(value, bool),
    }[kind]
    if not fits:
        wanted = "an instant with its zone, such as 2026-11-22T10:00:00+08:00"
        told = wanted if kind is Kind.INSTANT else f"a {kind}"
        raise lines.error(f"sample.order.{name}", f"{name} needs {told}; put texts in quotes")


def _value(name: str, value: Any) -> Value:
    if FACT_KINDS.get(name) is Kind.INSTANT:
        instant = _instant(value)
        return to_us(instant) if instant is not None else 0
    found: Value = value
    return found


def _instant(value: object) -> datetime | None:
    """Read an instant that YAML may have read already; None where it is none or has no zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    return value


_SECRET_KEY = re.compile(r"secret|passw|private|token|(?:^|[._])(?:\w+_)?key$|密钥|密码|口令")
_BLOB = re.compile(r"[A-Za-z0-9+/=_\-]{65,}")
_CARD = re.compile(r"(?:62|4|5[1-5]|3[47])\d{11,17}")
_SHORTEST_SECRET = 8
_OWN_NUMBERS = frozenset({"merchant_id", "order_id"})
"""Numbers that may look like a card's by chance, there and wherever else they stand."""


def _refuse_secrets(path: Path) -> None:
    """Refuse a file that holds a key or an account number, before anything of it is shown."""
    try:
        root, _ = read_plain(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError, NotPlain):
        return  # the reader says what is wrong with the file
    scalars = list(_scalars(root, ""))
    own_numbers = {str(node.value) for name, node in scalars if _last(name) in _OWN_NUMBERS}
    for name, node in scalars:
        if _is_secret(name, str(node.value), own_numbers):
            raise RuleError(
                f"{path.name}, line {node.start_mark.line + 1}: {name} looks like a key, a "
                "password or an account number; take it out. The doctor needs only types and "
                "dates, and of an account number only a made-up one such as …1234"
            )


def _scalars(node: yaml.Node | None, path: str) -> Iterator[tuple[str, yaml.ScalarNode]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(value, f"{path}.{key.value}" if path else str(key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _scalars(value, f"{path}[{number}]")
    elif isinstance(node, yaml.ScalarNode):
        yield path, node


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _is_secret(path: str, text: str, own_numbers: Collection[str]) -> bool:
    name = _last(path)
    if "-----BEGIN" in text or _BLOB.fullmatch(text) or looks_secret(name, text):
        return True
    if _CARD.fullmatch(text) and luhn.is_valid(text) and text not in own_numbers:
        return True
    return len(text) >= _SHORTEST_SECRET and _SECRET_KEY.search(name.casefold()) is not None
