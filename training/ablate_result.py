"""What an ablation found."""

from dataclasses import dataclass

from features.families import Family
from training.bootstrap import Interval
from training.evaluate import Metrics

BASE = Family.ORDER
"""What an order says of itself: every other family is measured beside it."""

CHOSEN = "chosen"

Gains = dict[str, Interval]


@dataclass(frozen=True, slots=True)
class Arm:
    """One set of inputs and what it reached; `less_than_all` is what `all` has more."""

    name: str
    inputs: int
    metrics: Metrics
    rounds: int
    less_than_all: Gains


@dataclass(frozen=True, slots=True)
class Share:
    """What one family adds: `last` to all the others, `first` to the order alone.

    Intervals of the difference, by metric; `first` is empty where the catalog has no field.
    """

    family: str
    features: tuple[str, ...]
    without: Arm
    alone: Arm | None
    last: Gains
    first: Gains


@dataclass(frozen=True, slots=True)
class Ablation:
    """The figures of one ablation; `intervals` are those of `all` itself."""

    source: str
    target: str
    train_from: str
    train_until: str
    embargo: str
    test_from: str
    test_until: str
    late_labels: bool
    train_rows: int
    train_positives: int
    test_rows: int
    test_positives: int
    seed: int
    draws: int
    all: Arm
    chosen: Arm
    base: Arm | None
    shares: tuple[Share, ...]
    intervals: Gains
