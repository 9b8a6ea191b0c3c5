"""What each setting advises on some orders: the actions that `rules.decide` gives, by columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.catalog import Catalog
from rules.book import Book
from rules.decision import Action, Severity
from rules.policy import action_of_rules
from rules.terms import Terms
from training.backtest.known import Reads
from training.backtest.lists_then import ListsInTime
from training.backtest.one_by_one import OneByOne, Settled, may_be_repaired, was_sent
from training.backtest.pricing import CODE_OF, Codes, Floats, Model, cheapest
from training.backtest.rulings import Ruling, rulings
from training.backtest.setting import Setting
from training.backtest.slices import Slice
from training.backtest.waits import waits_of


@dataclass(frozen=True)
class Court:
    """All that judges a slice: the old and the new setting, and what they share."""

    settings: tuple[Setting, Setting]
    catalog: Catalog
    reads: Reads
    lists: ListsInTime
    model: Model | None = None

    @cached_property
    def one_by_one(self) -> OneByOne:
        """Decides on the orders that columns cannot settle."""
        scorer = None if self.model is None else self.model.scorer
        return OneByOne(*(Terms(one.book, one.packs, scorer, one.costs) for one in self.settings))


@dataclass(frozen=True, slots=True)
class Decided:
    """What one setting says of a slice, row by row."""

    ruling: Ruling
    actions: Codes
    """Places in `Action`: a stricter one is larger."""
    refused: Floats | None
    """The probability that was priced: of the order as it would be sent; None without a model."""


def decide_slice(orders: Slice, court: Court) -> list[Decided]:
    """Judge a slice by both settings; the channel of each order must have a pack in both."""
    found = rulings(orders, court.settings, court.reads, court.lists)
    hits = [ruling.hits for ruling in found]
    waits = waits_of(orders, hits, court.settings, court.reads, court.lists)
    again = was_sent(orders.orders)
    open_rows = [
        (may_be_repaired(ruling.hits, setting.book) | wait.unsettled | again).arg_true().to_list()
        for ruling, setting, wait in zip(found, court.settings, waits, strict=True)
    ]
    settled = court.one_by_one.settle(orders, open_rows, court.lists)
    refused = None if court.model is None else court.model.refused(orders.features)
    return [
        _with_settled(_by_columns(orders, setting, ruling, wait.waits, refused), one)
        for setting, ruling, wait, one in zip(court.settings, found, waits, settled, strict=True)
    ]


def _by_columns(
    orders: Slice, setting: Setting, ruling: Ruling, waits: pl.Series, refused: Floats | None
) -> Decided:
    """Decide as if nothing could be repaired."""
    asked = _asked(ruling.hits, setting.book, waits)
    if refused is None:
        return Decided(ruling, asked, None)
    amounts = orders.orders["amount_minor"].to_numpy()
    priced = cheapest(setting.costs, amounts, refused)
    return Decided(ruling, np.maximum(asked, priced), refused.copy())


def _with_settled(decided: Decided, settled: Mapping[int, Settled]) -> Decided:
    for row, one in settled.items():
        decided.actions[row] = CODE_OF[one.action]
        if decided.refused is not None and one.refused is not None:
            decided.refused[row] = one.refused
    return decided


def _asked(hits: pl.DataFrame, book: Book, waits: pl.Series) -> Codes:
    """Give what the rules ask for, without repairs; those that time clears ask to wait."""
    waiting = waits.to_numpy()
    asked = np.where(waiting, CODE_OF[Action.WAIT], CODE_OF[Action.SUBMIT]).astype(np.int8)
    for severity in (Severity.CONFIRM, Severity.BLOCK):
        entries = [rule.entry for rule in book if rule.entry.severity is severity]
        cleared = _fired(hits, [one.code for one in entries if one.waits is not None]) & ~waiting
        fired = _fired(hits, [one.code for one in entries if one.waits is None]) | cleared
        asked[fired] = CODE_OF[action_of_rules([severity], is_repairable=False)]
    return asked


def _fired(hits: pl.DataFrame, codes: Sequence[str]) -> NDArray[np.bool_]:
    nothing = pl.repeat(False, pl.len(), dtype=pl.Boolean)
    some: NDArray[np.bool_] = hits.select(pl.any_horizontal(nothing, *codes)).to_series().to_numpy()
    return some
