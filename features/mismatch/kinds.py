"""What kind of mistake it is when a field has one value and another would be right."""

from features.amounts import unit_slip
from features.mismatch.findings import MismatchKind
from features.order import Item, Order


def kind_of_amount(order: Order, right: int) -> MismatchKind:
    """Name a wrong amount."""
    missing = right - order.amount_minor
    if unit_slip(order.amount_minor, right):
        return MismatchKind.UNIT
    if missing < 0 and missing == -order.discount_minor:
        return MismatchKind.DISCOUNT_NOT_APPLIED
    freight, tax = order.freight_minor, order.tax_minor
    if missing > 0 and missing in (freight, tax, freight + tax):
        return MismatchKind.CHARGE_NOT_APPLIED
    return MismatchKind.AMOUNT


def kind_of_list_amount(order: Order, right: int) -> MismatchKind:
    """Name a wrong list amount; it may be the paid one, wrongly labelled."""
    present = order.list_amount_minor
    if present is not None and unit_slip(present, right):
        return MismatchKind.UNIT
    if present == order.amount_minor and right > order.amount_minor:
        return MismatchKind.PAID_PRICE_AS_LIST
    return MismatchKind.LIST_AMOUNT


def kind_of_price(item: Item, right: int) -> MismatchKind:
    """Name a wrong unit price; it may be the list price."""
    if unit_slip(item.unit_price_minor, right):
        return MismatchKind.UNIT
    if item.unit_price_minor == item.list_price_minor and right < item.unit_price_minor:
        return MismatchKind.LIST_PRICE_AS_PAID
    return MismatchKind.PRICE


def kind_of_list_price(item: Item, right: int) -> MismatchKind:
    """Name a wrong list price; it may be the paid price (S25: `cost_price`)."""
    if item.list_price_minor is not None and unit_slip(item.list_price_minor, right):
        return MismatchKind.UNIT
    if item.unit_price_minor == item.list_price_minor and right > item.unit_price_minor:
        return MismatchKind.PAID_PRICE_AS_LIST
    return MismatchKind.LIST_PRICE


def kind_of_charge(name: str, present: int, right: int) -> MismatchKind:
    """Name a wrong discount, freight or tax."""
    if unit_slip(present, right):
        return MismatchKind.UNIT
    if name == "discount_minor":
        larger = right > present
        return MismatchKind.DISCOUNT_NOT_SPREAD if larger else MismatchKind.DISCOUNT
    return MismatchKind.FREIGHT if name == "freight_minor" else MismatchKind.TAX
