"""How to send again after all that was heard of an order, such that nothing is paid twice."""

from features.order import Order
from rules.decision import Retry
from rules.packs import Packs
from rules.retry.history import History, history_of
from rules.retry.planner import plan

__all__ = ["History", "history_of", "plan", "retry_of"]


def retry_of(
    order: Order, packs: Packs, as_of_us: int, past: History | None = None
) -> Retry | None:
    """Advise as of an instant by `past`, or by the order's own attempts; None if it was never sent.

    Raises UnknownChannel where the order's own channel has no pack.
    """
    if past is None and not order.attempts:
        return None
    known = history_of(order, packs) if past is None else past
    return plan(known, packs[order.channel].at(as_of_us), as_of_us)
