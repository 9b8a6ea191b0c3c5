"""The sums of an order as equations, and an order with changes put in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import structs

from features.mismatch.equation import Change, Equation, Term
from features.order import Credit, Item, Order


def paid_equation(order: Order) -> Equation:
    """Lay out lines - discount + freight + tax = amount."""
    lines = (
        Term(
            item.unit_price_minor,
            f"/items/{number}/unit_price_minor",
            item.quantity,
            f"/items/{number}/quantity",
        )
        for number, item in enumerate(order.items)
    )
    charges = (
        Term(order.discount_minor, "/discount_minor", -1),
        Term(order.freight_minor, "/freight_minor"),
        Term(order.tax_minor, "/tax_minor"),
    )
    return Equation((*lines, *charges), order.amount_minor, "/amount_minor")


def list_equation(order: Order) -> Equation:
    """Lay out quantity x list price over the lines = list amount; what is not stated counts 0."""
    lines = tuple(
        Term(
            item.list_price_minor or 0,
            f"/items/{number}/list_price_minor",
            item.quantity,
            f"/items/{number}/quantity",
        )
        for number, item in enumerate(order.items)
    )
    return Equation(lines, order.list_amount_minor or 0, "/list_amount_minor")


def plan_equation(credit: Credit) -> Equation:
    """Lay out first + n x later - later payment = the plan's total; all must be stated."""
    later = credit.later_pay_minor or 0
    return Equation(
        (
            Term(credit.first_pay_minor or 0, "/credit/first_pay_minor"),
            Term(later, "/credit/later_pay_minor", credit.instalments or 1, "/credit/instalments"),
            Term(later, "/credit/later_pay_minor", -1),
        ),
        credit.plan_total_minor or 0,
        "/credit/plan_total_minor",
    )


def with_changes(order: Order, changes: Sequence[Change]) -> Order:
    """Make the order that the changes propose; pointers count the lines of the order as it is."""
    fields: dict[str, Any] = {}
    credit: dict[str, Any] = {}
    lines: dict[int, dict[str, Any]] = {}
    gone: set[int] = set()
    for change in changes:
        match change.op, change.pointer.split("/")[1:]:
            case "remove", [_, number]:
                gone.add(int(number))
            case "replace", [name]:
                fields[name] = change.proposed
            case "replace", [_, name]:
                credit[name] = change.proposed
            case "replace", [_, number, name]:
                lines.setdefault(int(number), {})[name] = change.proposed
    if order.credit is not None and credit:
        fields["credit"] = structs.replace(order.credit, **credit)
    added = tuple(c.proposed for c in changes if c.op == "add" and isinstance(c.proposed, Item))
    if lines or gone or added:
        fields["items"] = (*_kept(order.items, lines, gone), *added)
    return structs.replace(order, **fields)


def _kept(
    items: Sequence[Item], lines: Mapping[int, dict[str, Any]], gone: set[int]
) -> Iterator[Item]:
    for number, item in enumerate(items):
        if number not in gone:
            yield structs.replace(item, **lines[number]) if number in lines else item
