"""What a played history knows of its orders: the merchant's truth, and how each one fared."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import polars as pl

from features.history import History, order_from_row, read_history
from features.history_schema import AS_OF
from features.order import Order
from features.times import to_us
from training.simulate.channel.luck import luck
from training.simulate.channel.protocol import ChannelError
from training.simulate.slices import WORLD, Span

RISK_POLICY = "risk_policy"
PERIOD = "simulated_period_us"
"""In a history's manifest: start and end of the world that it was cut from."""
SENT = "simulated_orders_by_channel"
"""In a history's manifest: how many orders of that whole world each channel was sent."""
RIGHT_AMOUNT, RIGHT = "right_amount_minor", "right"
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
    channel: str | None = None
    """Where the history sent it, and when; None where that is not known."""
    sent_us: int | None = None
    right: Mapping[str, int | str] = field(default_factory=dict)
    """Where a patch can put it right: the right values, by JSON pointers into the order."""

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
    period_us: tuple[int, int] = (0, 0)
    """Start and end of the world that the history belongs to."""
    sent: Mapping[str, int] = field(default_factory=dict)
    """How many orders each channel was sent in that period."""
    world: Span | None = None
    """What the history was drawn for; None where it does not say."""

    def mean_sent(self, channel: str, width_us: int) -> float:
        """Mean number of orders that a channel was sent within a width."""
        start_us, end_us = self.period_us
        return self.sent.get(channel, 0) * width_us / max(width_us, end_us - start_us)

    def wording(self, channel: str, cause: str, seed: int, order_id: str) -> str | None:
        """Draw a final code that this channel gave for a cause; None where it never did."""
        codes = self.wordings.get((channel, cause), ())
        return codes[int(luck(seed, "wording", order_id) * len(codes))] if codes else None


def load_registry(folder: Path) -> Registry:
    """Read a simulated history with its truth.

    Raises HistoryError, or ChannelError where the history has no truth beside it, or an older one.
    """
    history = read_history(folder)
    truth = {row["order_id"]: row for row in _read_truth(folder).to_dicts()}
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
    begins_us = to_us(history.orders[AS_OF][0])
    world = history.manifest.get(WORLD)
    return Registry(
        fates,
        wordings,
        begins_us,
        period_of(history),
        sent_of(history),
        None if world is None else msgspec.convert(world, Span),
    )


def period_of(history: History) -> tuple[int, int]:
    """Give start and end of the world that a history was cut from; its own where it was not."""
    as_of = history.orders[AS_OF]
    start_us, end_us = history.manifest.get(PERIOD) or (to_us(as_of[0]), to_us(as_of[-1]))
    return start_us, end_us


def sent_of(history: History) -> dict[str, int]:
    """Count what each channel was sent in that world."""
    counted = dict(history.orders["channel"].value_counts().iter_rows())
    known: dict[str, int] | None = history.manifest.get(SENT)
    return counted if known is None else known


def _read_truth(folder: Path) -> pl.DataFrame:
    path = folder / "truth.parquet"
    if not path.is_file():
        raise ChannelError(f"{folder} has no truth.parquet: play a simulated history")
    truth = pl.read_parquet(path)
    if RIGHT_AMOUNT not in truth.columns:
        raise ChannelError(
            f"{path} has no column {RIGHT_AMOUNT}: an earlier release made it; simulate it again"
        )
    return truth


def _fate(
    order: Order, sent_us: int, said: Mapping[str, object], answers: list[tuple[int, str, bool]]
) -> Fate:
    fault, right, fields = said["fault"], said[RIGHT_AMOUNT], said.get(RIGHT)
    return Fate(
        group=str(said["group"]),
        fault=None if fault is None else str(fault),
        cause=None if said["cause"] is None else str(said["cause"]),
        sent_minor=order.amount_minor,
        right_minor=None if right is None else int(str(right)),
        turns=tuple((at_us - sent_us, code) for at_us, code, _ in sorted(answers)),
        channel=order.channel,
        sent_us=sent_us,
        right={} if fields is None else msgspec.json.decode(str(fields)),
    )
