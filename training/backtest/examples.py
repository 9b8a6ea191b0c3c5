"""Keeps some orders of each kind to open: the same ones for the same history."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import nsmallest
from zlib import crc32

import polars as pl

from features.kinds import Value
from features.times import from_us
from rules.decision import Severity
from training.backtest.decided import Court, Decided
from training.backtest.judged import Judged
from training.backtest.known import bound_of
from training.backtest.pricing import ACTIONS
from training.backtest.result import Example, ExampleReason, ExampleSide
from training.backtest.setting import Setting

_Drawn = tuple[int, str, Example]
"""A number that follows from the order's own, so that the draw is by chance but no other."""


@dataclass(slots=True)
class Examples:
    """Up to `most` orders of each outcome, newly stopped and newly released."""

    most: int
    _kept: dict[tuple[str, str], list[_Drawn]] = field(default_factory=dict)

    def look_at(self, judged: Judged, court: Court) -> None:
        """Look at a slice."""
        ids, outcomes = judged.orders.orders["order_id"], judged.outcomes
        rows = pl.DataFrame([ids, outcomes]).with_row_index("row")
        for moved, mask in judged.moved.items():
            for (outcome,), some in rows.filter(mask).group_by("outcome", maintain_order=True):
                draws = ((crc32(i.encode()), i, row) for row, i, _ in some.iter_rows())
                drawn = nsmallest(self.most, draws)
                make = partial(_example, judged, court, moved)
                made = [(number, order_id, make(row)) for number, order_id, row in drawn]
                self._keep((moved, str(outcome)), made)

    def add(self, other: "Examples") -> None:
        """Choose among these and others."""
        for kind, kept in other._kept.items():
            self._keep(kind, kept)

    def _keep(self, kind: tuple[str, str], more: Sequence[_Drawn]) -> None:
        both = [*self._kept.get(kind, ()), *more]
        self._kept[kind] = nsmallest(self.most, both, key=lambda one: one[:2])

    def all(self) -> Iterator[Example]:
        """Give what was kept, kind by kind."""
        for _, kept in sorted(self._kept.items()):
            yield from (example for _, _, example in kept)


def _example(judged: Judged, court: Court, moved: str, row: int) -> Example:
    fields = judged.orders.orders.row(row, named=True)
    old, new = (
        _side(setting, one, row, fields["channel"], judged.orders.as_of_us[row])
        for setting, one in zip(court.settings, judged.decided, strict=True)
    )
    return Example(
        order_id=fields["order_id"],
        channel=fields["channel"],
        as_of=from_us(judged.orders.as_of_us[row]),
        amount_minor=fields["amount_minor"],
        currency=fields["currency"],
        moved=moved,
        outcome=judged.outcomes[row],
        dispersed=judged.dispersed[row],
        old=old,
        new=new,
    )


def _side(setting: Setting, decided: Decided, row: int, channel: str, as_of_us: int) -> ExampleSide:
    known = decided.ruling.known.row(row, named=True)
    names = bound_of(setting.book, setting.packs[channel].at(as_of_us)).names
    hits = decided.ruling.hits.row(row, named=True)
    entries = [rule.entry for rule in setting.book if hits[rule.code]]
    told = [entry for entry in entries if entry.severity is not Severity.SCORE]
    told.sort(key=lambda entry: list(Severity).index(entry.severity))
    gone = decided.ruling.exempted.row(row, named=True)
    return ExampleSide(
        action=ACTIONS[decided.actions[row]].value,
        reasons=tuple(
            ExampleReason(
                code=entry.code,
                severity=entry.severity,
                title=entry.title,
                facts=_read(known, names[entry.code]),
            )
            for entry in told
        ),
        exempted=tuple(code for code, silenced in gone.items() if silenced),
        refused=None if decided.refused is None else float(decided.refused[row]),
    )


def _read(known: Mapping[str, Value | None], names: tuple[str, ...]) -> dict[str, Value | None]:
    """Give the values that a rule read; what the channel does not state is no fact."""
    return {name: known[name] for name in names if name in known}
