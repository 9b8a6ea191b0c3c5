"""What a backtest found, as plain data: it is written as backtest.json and drawn as a page."""

from datetime import date, datetime

from msgspec import Struct

from features.kinds import Value
from rules.costs import Costs
from rules.decision import Severity, Text

MinorByCurrency = dict[str, int]
"""Money in integer minor units, by currency."""


class Ratio(Struct, frozen=True, kw_only=True):
    """A share with its 95 % interval by Wilson; of none there is neither."""

    count: int
    of: int
    share: float | None
    interval: tuple[float, float] | None


class Side(Struct, frozen=True, kw_only=True):
    """One setting: what decided."""

    name: str
    book: str
    rules: int
    packs: dict[str, str]
    costs: Costs


class Cell(Struct, frozen=True, kw_only=True):
    """Some orders and what they are worth."""

    orders: int = 0
    money_minor: MinorByCurrency = {}


class Became(Struct, frozen=True, kw_only=True):
    """Orders that the new setting treats otherwise, and that all came to the same end."""

    outcome: str
    kind: str
    """`bad`: refused or fraud; `good`: accepted; `open`: neither is known."""
    orders: int
    money_minor: MinorByCurrency
    actions: dict[str, int]
    """What is advised now for the newly stopped, what was advised for the newly released."""


class Caught(Struct, frozen=True, kw_only=True):
    """What a rule, or a whole setting, holds up, by what really became of it."""

    orders: int
    bad: int
    good: int
    open: int
    precision: Ratio
    """Bad ones of those that it holds up and whose end is known."""
    recall: Ratio
    """Those that it holds up, of all bad ones."""


class RuleSide(Struct, frozen=True, kw_only=True):
    """What one side's version of a rule did."""

    severity: Severity
    caught: Caught
    alone: Caught
    """Orders that no other rule of the side would review or stop."""
    dispersed: int
    exempted: int
    missing: int


class RuleFigures(Struct, frozen=True, kw_only=True):
    """One rule on both sides; a side that lacks it is None."""

    code: str
    title: Text
    status: str
    """`same`, `changed`, `added` or `removed`."""
    old: RuleSide | None
    new: RuleSide | None


class Overlap(Struct, frozen=True, kw_only=True):
    """How many orders each pair of rules of the new side fires on together; symmetric."""

    codes: tuple[str, ...]
    orders: tuple[tuple[int, ...], ...]


class Dispersion(Struct, frozen=True, kw_only=True):
    """The group of honest senders to many places, apart."""

    said: str
    orders: int
    good: int
    held_old: Ratio
    """Of the accepted ones, those that were not advised to be sent as they are."""
    held_new: Ratio
    newly_stopped: Cell
    newly_released: Cell


class Day(Struct, frozen=True, kw_only=True):
    """One day by the catalog's clock."""

    on: date
    orders: int
    held_old: int
    held_new: int
    newly_stopped: int
    newly_released: int


class ExampleReason(Struct, frozen=True, kw_only=True):
    """A rule that fired, with the values that it read."""

    code: str
    severity: Severity
    title: Text
    facts: dict[str, Value | None]


class ExampleSide(Struct, frozen=True, kw_only=True):
    """What one side says of an example."""

    action: str
    reasons: tuple[ExampleReason, ...]
    exempted: tuple[str, ...]
    refused: float | None
    """The model's probability of a refusal that was priced."""


class Example(Struct, frozen=True, kw_only=True):
    """One order to open."""

    order_id: str
    channel: str
    as_of: datetime
    amount_minor: int
    currency: str
    moved: str
    """`newly_stopped` or `newly_released`."""
    outcome: str
    dispersed: bool
    old: ExampleSide
    new: ExampleSide


class Backtest(Struct, frozen=True, kw_only=True):
    """The whole comparison."""

    history: str
    simulated: bool
    first: datetime | None
    last: datetime | None
    orders: int
    left_out: dict[str, int]
    """Orders of channels without a pack on some side, by channel."""
    old: Side
    new: Side
    model: str | None
    notes: tuple[str, ...]
    outcomes: dict[str, int]
    matrix: dict[str, dict[str, Cell]]
    """Old action by new action."""
    newly_stopped: tuple[Became, ...]
    newly_released: tuple[Became, ...]
    held_old: Caught
    held_new: Caught
    rules: tuple[RuleFigures, ...]
    overlap: Overlap
    dispersion: Dispersion
    days: tuple[Day, ...]
    examples: tuple[Example, ...]
    seconds: dict[str, float]
    peak_bytes: int
    features_built: bool
