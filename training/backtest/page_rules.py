"""The table of rules on the page: what each does on both sides."""

from html import escape

from training.backtest.page_words import short_percent, table
from training.backtest.result import Backtest, RuleFigures, RuleSide

_HEAD = (
    "rule", "", "side", "severity", "hits", "refused", "accepted", "unknown", "precision",
    "recall", "alone", "dispersed", "exempted", "input missing",
)  # fmt: skip


def rules_table(found: Backtest) -> str:
    """Write a line for each rule that did anything: two where the sides differ."""
    rows = [row for rule in found.rules for row in _rows(rule)]
    quiet = sum(not _acted(rule) for rule in found.rules)
    said = (
        f"<p>{quiet} more rules never fired. <b>alone</b>: orders that no other rule would review "
        "or stop. <b>dispersed</b>: of the honest senders above. Intervals are Wilson's, 95 %.</p>"
    )
    return table(_HEAD, rows) + said


def _rows(rule: RuleFigures) -> list[list[str]]:
    if not _acted(rule):
        return []
    title = f"<b>{rule.code}</b><br>{escape(rule.title.zh)} · {escape(rule.title.en)}"
    if rule.status == "same" and rule.old == rule.new and rule.new is not None:
        return [[title, "", "both", *_cells(rule.new)]]
    mark = "" if rule.status == "same" else f'<span class="mark">{rule.status}</span>'
    sides = [(name, side) for name, side in (("old", rule.old), ("new", rule.new)) if side]
    return [[title, mark, name, *_cells(side)] for name, side in sides]


def _acted(rule: RuleFigures) -> bool:
    sides = [side for side in (rule.old, rule.new) if side is not None]
    return rule.status != "same" or any(side.caught.orders or side.exempted for side in sides)


def _cells(side: RuleSide) -> list[str]:
    caught = side.caught
    counts = [f"{count:,}" for count in (caught.orders, caught.bad, caught.good, caught.open)]
    rest = [
        f"{count:,}" for count in (side.alone.orders, side.dispersed, side.exempted, side.missing)
    ]
    return [
        str(side.severity),
        *counts,
        short_percent(caught.precision),
        short_percent(caught.recall),
        *rest,
    ]
