"""What a played history knows of its orders: the merchant's truth, and how each one fared.

The true amount stands in the merchant's own record; where an order came without one, in its
basket, for the faults that leave the basket alone. Elsewhere it is unknown.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.amounts import expected_total_minor
from features.history import order_from_row, read_history
from features.history_schema import AS_OF
from features.order import Order
from features.times import to_us
from training.simulate.channel.luck import luck
from training.simulate.channel.protocol import ChannelError

RISK_POLICY = "risk_policy"
_LEAVE_THE_BASKET_ALONE = frozenset({"wrong_unit", "coupon_not_applied"})
_Turn = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Fate:
    """One order of the history: its truth, and the answers that it got."""

    group: str
    fault: str | None
    cause: str | None
    sent_minor: int
    right_minor: int | None
    """What the merchant's own system wants to be paid; None where that is not known."""
    turns: tuple[_Turn, ...]
    """Microseconds after the order, and the raw code that came."""

    @property
    def is_clean(self) -> bool:
        """Nothing was wrong with it, and nothing held it up."""
        return self.fault is None and self.cause is None


@dataclass(frozen=True)
class Registry:
    """The fates by order number, and how the channel words each cause."""

    fates: Mapping[str, Fate]
    wordings: Mapping[tuple[str, str], Sequence[str]]
    """By channel and cause: the final codes, as often as they came."""
    begins_us: int = 0
    """When the first order was known."""

    def wording(self, channel: str, cause: str, seed: int, order_id: str) -> str | None:
        """Draw a final code that this channel gave for a cause; None where it never did."""
        codes = self.wordings.get((channel, cause), ())
        return codes[int(luck(seed, "wording", order_id) * len(codes))] if codes else None


def load_registry(folder: Path) -> Registry:
    """Read a simulated history with its truth.

    Raises HistoryError, or ChannelError where the history has no truth beside it.
    """
    history = read_history(folder)
    path = folder / "truth.parquet"
    if not path.is_file():
        raise ChannelError(f"{folder} has no truth.parquet: play a simulated history")
    truth = {row["order_id"]: row for row in pl.read_parquet(path).to_dicts()}
    answers: defaultdict[str, list[tuple[int, str, bool]]] = defaultdict(list)
    for row in history.outcomes.to_dicts():
        if row["raw_code"] is not None:
            answers[row["order_id"]].append(
                (to_us(row["received_at"]), row["raw_code"], row["final"])
            )
    fates: dict[str, Fate] = {}
    heard: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in history.orders.to_dicts():
        order, said = order_from_row(row), truth[row["order_id"]]
        mine = answers[order.order_id]
        fates[order.order_id] = _fate(order, to_us(row[AS_OF]), said, mine)
        for _, code, final in mine:
            if final and said["cause"] is not None:
                heard[order.channel, said["cause"]][code] += 1
    wordings = {key: sorted(codes.elements()) for key, codes in heard.items()}
    return Registry(fates, wordings, to_us(history.orders[AS_OF][0]))


def _fate(
    order: Order, sent_us: int, said: Mapping[str, object], answers: list[tuple[int, str, bool]]
) -> Fate:
    fault = None if said["fault"] is None else str(said["fault"])
    return Fate(
        group=str(said["group"]),
        fault=fault,
        cause=None if said["cause"] is None else str(said["cause"]),
        sent_minor=order.amount_minor,
        right_minor=_right_minor(order, fault),
        turns=tuple((at_us - sent_us, code) for at_us, code, _ in sorted(answers)),
    )


def _right_minor(order: Order, fault: str | None) -> int | None:
    if fault is None:
        return order.amount_minor
    if order.record is not None and order.record.amount_minor is not None:
        return order.record.amount_minor
    return expected_total_minor(order) if fault in _LEAVE_THE_BASKET_ALONE else None
