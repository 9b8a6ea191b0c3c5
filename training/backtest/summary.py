"""From sums to figures: who moved, what each rule is worth, and who pays for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from rules.book import Book
from rules.decision import Action
from training.backtest.judged import NEWLY_RELEASED, NEWLY_STOPPED
from training.backtest.pricing import ACTIONS, CODE_OF
from training.backtest.result import (
    Became,
    Caught,
    Cell,
    Day,
    Dispersion,
    MinorByCurrency,
    Overlap,
    Ratio,
    RuleFigures,
    RuleSide,
)
from training.backtest.tally import Counts, RuleTally, Tally
from training.backtest.truth import CLASSES, OUTCOMES, Kind
from training.bench.book_share import Share

_SUBMIT = CODE_OF[Action.SUBMIT]
_OLD_SENDS, _NEW_SENDS = pl.col("old") == _SUBMIT, pl.col("new") == _SUBMIT
_MOVED: Mapping[str, tuple[pl.Expr, str]] = {
    NEWLY_STOPPED: (_OLD_SENDS & ~_NEW_SENDS, "new"),
    NEWLY_RELEASED: (~_OLD_SENDS & _NEW_SENDS, "old"),
}
"""Which sums moved, and which side's action tells more of it."""
_OF_KIND = {kind: np.array([CLASSES[outcome] is kind for outcome in OUTCOMES]) for kind in Kind}


@dataclass(frozen=True, eq=False)
class Summary:
    """Reads the figures out of the sums."""

    tally: Tally
    books: Sequence[Book]
    """The old one, then the new one."""

    def matrix(self) -> dict[str, dict[str, Cell]]:
        """Count orders and money by old and new action."""
        return {
            old.value: {
                new.value: _cell(self.tally.moves.filter(old=CODE_OF[old], new=CODE_OF[new]))
                for new in ACTIONS
            }
            for old in ACTIONS
        }

    def outcomes(self) -> dict[str, int]:
        """Count what became of all orders."""
        sums = dict(self.tally.moves.group_by("outcome").agg(pl.col("orders").sum()).iter_rows())
        return {outcome: int(sums[outcome]) for outcome in OUTCOMES if outcome in sums}

    def became(self, moved: str) -> tuple[Became, ...]:
        """Tell what became of the orders that moved, the most frequent first."""
        mask, side = _MOVED[moved]
        sums = self.tally.moves.filter(mask)
        found = [
            Became(
                outcome=str(outcome),
                kind=str(CLASSES[str(outcome)]),
                orders=int(some["orders"].sum()),
                money_minor=_money(some),
                actions=_actions(some, side),
            )
            for (outcome,), some in sums.group_by("outcome")
        ]
        return tuple(sorted(found, key=lambda one: (-one.orders, one.outcome)))

    def held(self, side: str) -> Caught:
        """Tell what a whole setting does not send as it is."""
        sums = self.tally.moves.filter(pl.col(side) != _SUBMIT)
        return _caught(_by_outcome(sums), self._bad)

    @property
    def _bad(self) -> int:
        return int(_by_outcome(self.tally.moves)[_OF_KIND[Kind.BAD]].sum())

    def rules(self) -> tuple[RuleFigures, ...]:
        """Tell what each rule of either book did: those that changed first."""
        old, new = self.books
        codes = dict.fromkeys([*(rule.code for rule in new), *(rule.code for rule in old)])
        found = [self._rule(code) for code in codes]
        return tuple(sorted(found, key=lambda one: one.status == "same"))

    def _rule(self, code: str) -> RuleFigures:
        sides = [
            self._side(code, book, tally)
            for book, tally in zip(self.books, self.tally.rules, strict=True)
        ]
        entries = [
            book[code].entry if code in tally.codes else None
            for book, tally in zip(self.books, self.tally.rules, strict=True)
        ]
        old, new = entries
        known = new or old
        assert known is not None
        status = "removed" if new is None else "added" if old is None else "changed"
        return RuleFigures(
            code=code,
            title=known.title,
            status="same" if old == new else status,
            old=sides[0],
            new=sides[1],
        )

    def _side(self, code: str, book: Book, tally: RuleTally) -> RuleSide | None:
        if code not in tally.codes:
            return None
        place = tally.codes.index(code)
        return RuleSide(
            severity=book[code].entry.severity,
            caught=_caught(tally.hits[place], self._bad),
            alone=_caught(tally.alone[place], self._bad),
            dispersed=int(tally.dispersed[place]),
            exempted=int(tally.exempted[place]),
            missing=int(tally.missing[place]),
        )

    def overlap(self) -> Overlap:
        """Tell which rules of the new side fire together; those that never fire are left out."""
        tally = self.tally.rules[-1]
        fired = np.flatnonzero(np.diag(tally.overlap))
        counts = tally.overlap[np.ix_(fired, fired)]
        return Overlap(
            codes=tuple(tally.codes[place] for place in fired),
            orders=tuple(tuple(int(count) for count in row) for row in counts),
        )

    def dispersion(self, said: str) -> Dispersion:
        """Tell what both sides do to the honest senders to many places."""
        sums = self.tally.moves.filter(pl.col("dispersed"))
        good = sums.filter(pl.col("outcome").is_in(_outcomes_of(Kind.GOOD)))
        of = int(good["orders"].sum())
        held = [
            int(good.filter(pl.col(side) != _SUBMIT)["orders"].sum()) for side in ("old", "new")
        ]
        return Dispersion(
            said=said,
            orders=int(sums["orders"].sum()),
            good=of,
            held_old=ratio(held[0], of),
            held_new=ratio(held[1], of),
            newly_stopped=_cell(sums.filter(_MOVED[NEWLY_STOPPED][0])),
            newly_released=_cell(sums.filter(_MOVED[NEWLY_RELEASED][0])),
        )

    def days(self) -> Iterator[Day]:
        """Count day by day."""
        orders = pl.col("orders")
        sums = self.tally.days.group_by("day").agg(
            orders.sum(),
            orders.filter(~_OLD_SENDS).sum().alias("held_old"),
            orders.filter(~_NEW_SENDS).sum().alias("held_new"),
            *(orders.filter(mask).sum().alias(moved) for moved, (mask, _) in _MOVED.items()),
        )
        for day in sums.sort("day").iter_rows(named=True):
            yield Day(on=day.pop("day"), **day)


def ratio(count: int, of: int) -> Ratio:
    """Give a share with its interval by Wilson."""
    share = Share(count, of)
    return Ratio(count=count, of=of, share=share.value, interval=share.interval)


def _caught(by_outcome: Counts, all_bad: int) -> Caught:
    bad, good, unknown = (
        int(by_outcome[_OF_KIND[kind]].sum()) for kind in (Kind.BAD, Kind.GOOD, Kind.OPEN)
    )
    return Caught(
        orders=bad + good + unknown,
        bad=bad,
        good=good,
        open=unknown,
        precision=ratio(bad, bad + good),
        recall=ratio(bad, all_bad),
    )


def _by_outcome(sums: pl.DataFrame) -> Counts:
    found = dict(sums.group_by("outcome").agg(pl.col("orders").sum()).iter_rows())
    return np.array([found.get(outcome, 0) for outcome in OUTCOMES], dtype=np.int64)


def _outcomes_of(kind: Kind) -> list[str]:
    return [outcome for outcome, known in CLASSES.items() if known is kind]


def _cell(sums: pl.DataFrame) -> Cell:
    return Cell(orders=int(sums["orders"].sum()), money_minor=_money(sums))


def _money(sums: pl.DataFrame) -> MinorByCurrency:
    added = sums.group_by("currency").agg(pl.col("amount").sum()).sort("currency")
    return {str(currency): int(amount) for currency, amount in added.iter_rows()}


def _actions(sums: pl.DataFrame, side: str) -> dict[str, int]:
    added = dict(sums.group_by(side).agg(pl.col("orders").sum()).iter_rows())
    return {one.value: int(added[CODE_OF[one]]) for one in ACTIONS if CODE_OF[one] in added}
