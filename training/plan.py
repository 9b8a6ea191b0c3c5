"""What to measure, and the orders that it is measured on: one period to learn, one to test."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.history import History, read_history
from training.dataset import orders_where
from training.errors import ExperimentError
from training.labels import head_labels
from training.sources.conditions import filter_orders
from training.split import Protocol, make_protocol, positions

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, as the user said it.

    `late_labels`: learn also from outcomes that arrived after the test began, as figures do that
    were published without arrival times; never what a model in use could have done.
    """

    history: Path
    target: str
    train_from: str
    train_until: str
    embargo: str
    test_from: str
    test_until: str
    catalog: Path | None = None
    features: str = "all"
    filter: str | None = None
    test_filter: str | None = None
    entity: str | None = None
    late_labels: bool = False
    seeds: tuple[int, ...] = (1,)
    bootstrap: int = 200


@dataclass(frozen=True, slots=True)
class Side:
    """One period's rows, in time; `censored` were left out for want of a label."""

    rows: NDArray[np.int64]
    labels: NDArray[np.int8]
    censored: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A plan's history until the end of its test, the protocol, and the rows of both periods."""

    history: History
    protocol: Protocol
    train: Side
    test: Side


def open_plan(plan: Plan) -> Opened:
    """Read what lies before the test's end; nothing later is there to be seen.

    Raises ExperimentError for periods, filters or a target that measure nothing.
    """
    history, protocol, kept, tested = _read(plan)
    places = positions(history)
    truth = head_labels(history, plan.target)
    in_time = head_labels(history, plan.target, protocol.labels_known_before_us)
    known = truth if plan.late_labels else in_time
    return Opened(
        history=history,
        protocol=protocol,
        train=_side("train", plan.target, protocol.train.mask(places) & kept, known),
        test=_side("test", plan.target, protocol.test.mask(places) & tested, truth),
    )


def _read(plan: Plan) -> tuple[History, Protocol, Mask, Mask]:
    whole = read_history(plan.history)
    protocol = make_protocol(
        whole,
        train_from=plan.train_from,
        train_until=plan.train_until,
        embargo=plan.embargo,
        test_from=plan.test_from,
        test_until=plan.test_until,
    )
    seen = positions(whole) < protocol.test.end
    history = orders_where(whole, pl.Series(seen))
    if not history.orders.height:
        raise ExperimentError(
            f"{plan.history} holds no order before --test-until {plan.test_until}"
        )
    kept = _condition(whole, plan.filter)[seen]
    return history, protocol, kept, kept & _condition(whole, plan.test_filter)[seen]


def _condition(whole: History, condition: str | None) -> Mask:
    if condition is None:
        return np.ones(whole.orders.height, dtype=bool)
    return filter_orders(whole.folder, condition).to_numpy()


def _side(name: str, target: str, inside: Mask, labels: pl.Series) -> Side:
    known = labels.is_not_null().to_numpy()
    rows = np.flatnonzero(inside & known)
    censored = int((inside & ~known).sum())
    found = labels.gather(rows).to_numpy().astype(np.int8)
    if not len(rows):
        raise ExperimentError(_emptiness(name, target, int(inside.sum()), censored))
    if found.min() == found.max():
        raise ExperimentError(
            f"the {name} period has {len(rows):,} orders and all are labelled {found[0]} for "
            f"{target!r}; both kinds are needed: take a longer period, or another --target"
        )
    return Side(rows, found, censored)


def _emptiness(name: str, target: str, inside: int, censored: int) -> str:
    if not inside:
        return (
            f"the {name} period has no order that the filter keeps; "
            f"check --{name}-from, --{name}-until and the filters"
        )
    return (
        f"none of the {censored:,} orders of the {name} period has a label for {target!r}: their "
        "outcomes are not final, of another kind, or (train) arrived only after the embargo"
    )
