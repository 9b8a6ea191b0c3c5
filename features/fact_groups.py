"""Facts that follow from a few facts of the order alone, several at a time from one function."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from features.addresses import ADDRESS_PARTS, read_address
from features.kinds import Kind, Value
from features.names import name_key, name_kind, name_plausible
from features.places import distance_m, point

Answer = tuple[Value | None, ...] | None
"""One value for each name of a group, None where it is missing; None where all are."""


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts that one function of other facts gives; it is called with None for what is missing.

    The same function answers live and for a history, there once for each different combination.
    """

    kinds: Mapping[str, Kind]
    inputs: tuple[str, ...]
    function: Callable[..., Answer]
    needs: str | None = None
    """An input without which nothing follows: the function is not even asked."""


def add_group_facts(facts: dict[str, Value], groups: Iterable[FactGroup]) -> None:
    """Add to the facts of an order what the groups make of them; every number is whole."""
    get = facts.get
    for group in groups:
        if group.needs is not None and group.needs not in facts:
            continue
        answer = group.function(*map(get, group.inputs))
        if answer is not None:
            pairs = zip(group.kinds, answer, strict=True)
            facts |= {name: value for name, value in pairs if value is not None}


def _address(
    country: str | None,
    province: str | None,
    city: str | None,
    district: str | None,
    line: str | None,
) -> Answer:
    address = read_address(country, province, city, district, line)
    if address is None:
        return None
    return address.key, address.province, address.city, address.district, address.known


def _name(name: str | None) -> Answer:
    return None if name is None else (name_key(name),)


def _payee(
    name: str | None,
    kind: str | None,
    card_type: str | None,
    length: int | None,
    all_digits: bool | None,
) -> Answer:
    return (
        name_kind(name),
        name_plausible(name, kind),
        account_fits_kind(kind, card_type, length, all_digits),
    )


_PERSONAL_LENGTHS = range(12, 20)
"""Digits of a card (ISO/IEC 7812: up to 19) or a passbook account."""


def account_fits_kind(
    kind: str | None, card_type: str | None, length: int | None, all_digits: bool | None
) -> bool | None:
    """Tell whether an account can be that of a payee of this kind; None where too little is known.

    A firm has no credit card. A person has a card or a passbook: 12 to 19 digits, no letters.

    >>> account_fits_kind("corporate", "credit", 16, True)
    False
    >>> account_fits_kind("personal", None, 9, True)
    False
    """
    if kind == "corporate":
        return None if card_type is None else card_type != "credit"
    if kind != "personal" or length is None or all_digits is None:
        return None
    return all_digits and length in _PERSONAL_LENGTHS


_UNIONPAY = "62"
_UNIONPAY_LEAST = 16
"""Digits of a UnionPay card at least (ISO/IEC 7812 keeps 62 for UnionPay; 16 to 19 digits)."""


def card_cut_short(bin_: str | None, length: int | None, luhn_valid: bool | None) -> bool | None:
    """Tell whether a number starts as a UnionPay card's, is too short for one and fails Luhn.

    >>> card_cut_short("622202", 12, False), card_cut_short("622202", 16, False)
    (True, False)
    >>> card_cut_short("955880", 12, False)
    False
    """
    if bin_ is None or length is None or luhn_valid is None:
        return None
    return bin_.startswith(_UNIONPAY) and length < _UNIONPAY_LEAST and not luhn_valid


def _card(bin_: str | None, length: int | None, luhn_valid: bool | None) -> Answer:
    return (card_cut_short(bin_, length, luhn_valid),)


def _point_group(block: str) -> FactGroup:
    names = ("x_m", "y_m", "z_m", "geo_cell")
    kinds = (Kind.NUMBER, Kind.NUMBER, Kind.NUMBER, Kind.TEXT)
    return FactGroup(
        {f"{block}.{name}": kind for name, kind in zip(names, kinds, strict=True)},
        (f"{block}.latitude", f"{block}.longitude"),
        point,
        needs=f"{block}.latitude",
    )


def _distance(*places: float | None) -> Answer:
    metres = distance_m(*places)
    return None if metres is None else (metres,)


_ADDRESS = FactGroup(
    {
        "receiver.address_key": Kind.TEXT,
        "receiver.place.province": Kind.TEXT,
        "receiver.place.city": Kind.TEXT,
        "receiver.place.district": Kind.TEXT,
        "receiver.place.known": Kind.BOOLEAN,
    },
    ADDRESS_PARTS,
    _address,
)
ADDRESS_FACTS = frozenset(_ADDRESS.kinds)
"""Facts that the tables of divisions decide: `features.addresses.tables_version` names these."""

FACT_GROUPS = (
    _ADDRESS,
    FactGroup({"receiver.name_key": Kind.TEXT}, ("receiver.name",), _name, needs="receiver.name"),
    _point_group("receiver"),
    _point_group("device"),
    FactGroup(
        {"device.receiver_distance_m": Kind.NUMBER},
        ("device.latitude", "device.longitude", "receiver.latitude", "receiver.longitude"),
        _distance,
        needs="device.latitude",
    ),
    FactGroup(
        {
            "payee.name_kind": Kind.TEXT,
            "payee.name_plausible": Kind.BOOLEAN,
            "payee.account_fits_kind": Kind.BOOLEAN,
        },
        (
            "payout.payee.name",
            "payout.payee.kind",
            "payout.payee.card_type",
            "payout.payee.account.length",
            "payout.payee.account.all_digits",
        ),
        _payee,
    ),
    FactGroup(
        {"payee.card_cut_short": Kind.BOOLEAN},
        (
            "payout.payee.account.bin",
            "payout.payee.account.length",
            "payout.payee.account.luhn_valid",
        ),
        _card,
        needs="payout.payee.account.bin",
    ),
)
"""The groups that need nothing but the order; `features.bins` makes one of a user's table."""

PRIVATE_FACTS = frozenset({"receiver.name", "receiver.name_key", "payout.payee.name"})
"""May be counted or be a key, but is no feature: features are logged, stored and shown."""

GROUP_KINDS: Mapping[str, Kind] = {
    name: kind for group in FACT_GROUPS for name, kind in group.kinds.items()
}
