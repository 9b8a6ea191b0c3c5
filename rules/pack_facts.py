"""Facts about one order that only its channel's pack can tell; a condition calls them `check.…`.

What the order or the pack does not say is absent. `rules.checks.columns` computes the same facts
for a whole history.
"""

from collections.abc import Mapping

from features.kinds import Value
from features.order import Order
from rules.checks.every import CHECK_KINDS, CHECK_UNITS, CHECKS, plan_of
from rules.checks.inputs import ORDER_INPUTS
from rules.pack import Pack


def check_facts(
    facts: Mapping[str, Value],
    pack: Pack,
    order: Order | None = None,
    as_of_us: int | None = None,
) -> dict[str, Value]:
    """Compute what the pack can tell from an order's facts and, where it is given, the order.

    `as_of_us` is the instant of the decision, in microseconds since 1970 UTC.
    """
    plan = plan_of(pack)
    known = dict(facts)
    if order is not None:
        for name in plan.extras:
            extra = ORDER_INPUTS[name][0](order, as_of_us)
            if extra is not None:
                known[name] = extra
    checked: dict[str, Value] = {}
    get = known.get
    for name, one in plan.prepared:
        if one.needs and one.needs not in known:
            continue
        value = one.answer(*map(get, one.inputs))
        if value is not None:
            checked[name] = value
    return checked


__all__ = ["CHECKS", "CHECK_KINDS", "CHECK_UNITS", "check_facts"]
