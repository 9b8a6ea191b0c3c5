"""Checks of payouts and amounts that depend on the product of the channel that is used."""

from features.kinds import Kind, Value
from rules.checks.check import Check, Prepared, when_known
from rules.pack import Pack
from rules.pack_file import FactValue

_KIND_FACTS = {
    "personal": "payee_kind_personal_value",
    "corporate": "payee_kind_corporate_value",
}


def account_type_value(pack: Pack, kind: str | None, product: str | None) -> str | None:
    """Give what stands for a kind of payee; None where the product leaves it open.

    Products of one channel write it the opposite way round, so that without a product there is
    an answer only where they all agree.
    """
    fact = _KIND_FACTS.get(kind or "")
    if fact is None:
        return None
    products = pack.file.products
    if product in products or not products:
        value = pack.value(fact, product)
        return value if isinstance(value, str) else None
    stated = {pack.value(fact, name) for name in products}
    (only,) = stated if len(stated) == 1 else (None,)
    return only if product is None and isinstance(only, str) else None


def _account_type(pack: Pack) -> Prepared | None:
    if not any(
        pack.value(fact, product) is not None
        for fact in _KIND_FACTS.values()
        for product in (None, *pack.file.products)
    ):
        return None

    def answer(sent: Value | None, kind: str | None, product: str | None) -> bool | None:
        expected = account_type_value(pack, kind, product)
        found = _written(sent)
        return None if expected is None or found is None else found == expected

    return when_known(("attributes.account_type", "payout.payee.kind", "product"), answer)


def _written(sent: Value | None) -> str | None:
    """Write an enum's value as text: a table may hold 0 and 1 as numbers."""
    if sent is None or isinstance(sent, bool):
        return None
    if isinstance(sent, float):
        return str(int(sent)) if sent.is_integer() else str(sent)
    return str(sent)


def speeds_of(pack: Pack, product: str | None, in_batch: bool) -> frozenset[str] | None:
    """List the speeds that a payout may ask for; None where they are not known."""
    own = "batch_payout_speeds" if in_batch else "single_payout_speeds"
    if product in pack.file.products or not pack.file.products:
        return _set(pack.value(own, product)) or _set(pack.value("payout_speeds", product))
    offered = [_set(pack.value("payout_speeds", name)) for name in pack.file.products]
    known = [speeds for speeds in offered if speeds is not None]
    return frozenset().union(*known) if known else None


def _set(value: FactValue | None) -> frozenset[str] | None:
    return frozenset(map(str, value)) if isinstance(value, list) else None


def _speed_offered(pack: Pack) -> Prepared | None:
    if pack.value("payout_speeds") is None:
        return None

    def answer(speed: str, batch: str | None, product: str | None) -> bool | None:
        speeds = speeds_of(pack, product, batch is not None)
        return None if speeds is None else speed in speeds

    return when_known(("payout.speed", "payout.batch_id", "product"), answer)


def _residue(one: Value | None, other: Value | None, amount: Value | None) -> int | None:
    parts = [_whole(part) for part in (one, other, amount)]
    if None in parts:
        return None
    discountable, undiscountable, total = (part or 0 for part in parts)
    return discountable + undiscountable - total


def _whole(value: Value | None) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == int(value) else None


_RESIDUE = when_known(
    (
        "attributes.discountable_amount_minor",
        "attributes.undiscountable_amount_minor",
        "amount_minor",
    ),
    _residue,
)

PAYOUT_CHECKS = (
    Check(
        "check.account_type_matches",
        "attributes.account_type is what this product writes for the payee",
        Kind.BOOLEAN,
        _account_type,
    ),
    Check(
        "check.payout_speed_offered",
        "the product offers the payout's speed, single or in a batch",
        Kind.BOOLEAN,
        _speed_offered,
    ),
    Check(
        "check.discount_sum_residue_minor",
        "discountable and undiscountable parts less the amount",
        Kind.NUMBER,
        lambda _: _RESIDUE,
        "MINOR",
    ),
)
