"""Every single field that alone could be wrong: by putting one more into it and looking.

The slow, obvious way, to hold `features.mismatch` to: the sums are linear in each field.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from features.order import Order

_CHARGES = ("amount_minor", "discount_minor", "freight_minor", "tax_minor")
_IN_LINE = ("quantity", "unit_price_minor", "list_price_minor")


def single_field_fits(order: Order) -> dict[str, int]:
    """Give each field that can be set so that all sums of the order hold, with that value."""
    raw = _money(order)
    off = _residues(raw)
    found: dict[str, int] = {}
    if any(off):
        for block, name, pointer in _fields(raw):
            value = _solved(raw, off, block, name)
            if value is not None and _is_valid(order, pointer, value):
                found[pointer] = value
    return found


def _money(order: Order) -> dict[str, Any]:
    """Lay out the money of an order with every charge stated."""
    return {
        **{name: getattr(order, name) for name in (*_CHARGES, "list_amount_minor")},
        "items": [{name: getattr(item, name) for name in _IN_LINE} for item in order.items],
    }


def _residues(raw: dict[str, Any]) -> list[int]:
    items = raw["items"]
    paid = sum(i["quantity"] * i["unit_price_minor"] for i in items) - raw["discount_minor"]
    sums = [paid + raw["freight_minor"] + raw["tax_minor"] - raw["amount_minor"]] if items else []
    lists = [i["list_price_minor"] for i in items]
    if items and None not in lists and raw["list_amount_minor"] is not None:
        total = sum(i["quantity"] * i["list_price_minor"] for i in items)
        sums.append(total - raw["list_amount_minor"])
    return sums


def _fields(raw: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, str]]:
    for name in (*_CHARGES, "list_amount_minor"):
        yield raw, name, f"/{name}"
    for number, line in enumerate(raw["items"]):
        for name in _IN_LINE:
            yield line, name, f"/items/{number}/{name}"


def _solved(raw: dict[str, Any], off: list[int], block: dict[str, Any], name: str) -> int | None:
    present = block[name]
    if present is None:
        return None
    block[name] = present + 1
    slopes = [after - before for after, before in zip(_residues(raw), off, strict=True)]
    block[name] = present
    for slope, residue in zip(slopes, off, strict=True):
        if slope:
            value = present - residue // slope
            block[name] = value
            left = _residues(raw)
            block[name] = present
            return value if not any(left) else None
    return None


def _is_valid(order: Order, pointer: str, value: int) -> bool:
    """Ask the order's own model whether the field may hold the value."""
    raw = msgspec.to_builtins(order)
    *path, name = pointer[1:].split("/")
    block = raw["items"][int(path[1])] if path else raw
    block[name] = value
    try:
        msgspec.convert(raw, Order)
    except msgspec.ValidationError:
        return False
    return True
