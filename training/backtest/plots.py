"""The pictures of a backtest, each as SVG text that stands in the page itself."""

from collections.abc import Callable, Mapping, Sequence
from io import StringIO

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rules.decision import Action, Severity
from training.backtest.result import Backtest, Became, Caught, Ratio, RuleFigures

OLD, NEW, RIGHT, WRONG, OPEN = "#8a8f98", "#457b9d", "#2a9d8f", "#e76f51", "#d0d3d9"
_STOPPED = {"bad": RIGHT, "good": WRONG, "open": OPEN}
"""To stop what is refused anyway is right; to release it is wrong."""
_RELEASED = {"bad": WRONG, "good": RIGHT, "open": OPEN}
_MOST_RULES = 24
"""Rules that are drawn; the page's table has them all."""
_HOLDING = (Severity.BLOCK, Severity.CONFIRM)


def draw_all(found: Backtest) -> dict[str, str]:
    """Draw every picture, as SVG by name; the same figures give the same text."""
    return {name: _svg(draw, found) for name, draw in _PICTURES.items()}


def _svg(draw: Callable[[Backtest], Figure], found: Backtest) -> str:
    # Without its date and with these ids, the same picture is the same text.
    with rc_context({"svg.hashsalt": "backtest", "svg.fonttype": "path"}), StringIO() as out:
        draw(found).savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        text = out.getvalue()
    return text[text.index("<svg") :]


def _matrix(found: Backtest) -> Figure:
    actions = [one.value for one in Action if _is_used(found, one.value)]
    counts = np.array([[found.matrix[old][new].orders for new in actions] for old in actions])
    figure = Figure(figsize=(6, 0.8 + 0.7 * len(actions)), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.log1p(counts), cmap="Blues", aspect="auto")
    for row, column in np.ndindex(counts.shape):
        dark = np.log1p(counts[row, column]) > 0.6 * np.log1p(counts.max())
        text = f"{counts[row, column]:,}"
        axes.text(column, row, text, ha="center", va="center", color="white" if dark else "#222")
    axes.set_xticks(range(len(actions)), actions)
    axes.set_yticks(range(len(actions)), actions)
    _label(axes, "new setting", "old setting", "What is advised")
    return figure


def _is_used(found: Backtest, action: str) -> bool:
    row = found.matrix[action].values()
    return any(cell.orders for cell in row) or any(
        cells[action].orders for cells in found.matrix.values()
    )


def _moved(found: Backtest) -> Figure:
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    _ends(left, found.newly_stopped, _STOPPED, "Newly stopped, by what really happened")
    _ends(right, found.newly_released, _RELEASED, "Newly released, by what really happened")
    return figure


def _ends(axes: Axes, ends: Sequence[Became], colour_of: Mapping[str, str], title: str) -> None:
    shown = list(reversed(ends))
    colours = [colour_of[end.kind] for end in shown]
    axes.barh([end.outcome for end in shown], [end.orders for end in shown], color=colours)
    for place, end in enumerate(shown):
        axes.text(end.orders, place, f" {end.orders:,}", va="center", fontsize=8)
    if not shown:
        axes.text(0.5, 0.5, "none", ha="center", transform=axes.transAxes)
        axes.set_xticks([])
        axes.set_yticks([])
    axes.margins(x=0.18)
    _label(axes, "orders", "", title)


def _days(found: Backtest) -> Figure:
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    on = [day.on for day in found.days]
    for name, colour in (("old", OLD), ("new", NEW)):
        share = [getattr(day, f"held_{name}") / day.orders for day in found.days]
        left.plot(on, share, color=colour, label=f"{name} setting", linewidth=1)
    left.legend(fontsize=7)
    right.plot(on, [day.newly_stopped for day in found.days], color=NEW, label="newly stopped")
    right.plot(on, [-day.newly_released for day in found.days], color=OLD, label="newly released")
    right.axhline(0, color=OLD, linewidth=0.8)
    right.legend(fontsize=7)
    for axes in (left, right):
        axes.tick_params(axis="x", rotation=45, labelsize=7)
    _label(left, "", "share of the day's orders", "Not sent as they are")
    _label(right, "", "orders a day, released downwards", "Who moved")
    return figure


def _worth(found: Backtest) -> Figure:
    rules = [rule for rule in found.rules if _is_holding(rule)]
    rules.sort(key=lambda rule: (rule.status != "same", _hits(rule)), reverse=True)
    shown = rules[:_MOST_RULES]
    figure = Figure(figsize=(9, 1.6 + 0.3 * len(shown)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    names = ["all together", *(_name(rule) for rule in shown)]
    for shift, colour, label, caught in (
        (-0.14, OLD, "old", [found.held_old, *(_caught(rule, "old") for rule in shown)]),
        (0.14, NEW, "new", [found.held_new, *(_caught(rule, "new") for rule in shown)]),
    ):
        for axes, measure in ((left, "precision"), (right, "recall")):
            axes.plot([], [], "o", color=colour, label=f"{label} setting")
            for place, one in enumerate(caught):
                if one is not None:
                    _point(axes, place + shift, getattr(one, measure), colour)
    left.set_yticks(range(len(names)), names, fontsize=7)
    left.set_ylim(len(names) - 0.5, -0.5)
    right.legend(fontsize=7)
    _label(left, "refused, of those held whose end is known", "", "Precision")
    _label(right, "held, of all that were refused", "", "Recall")
    return figure


def _point(axes: Axes, place: float, ratio: Ratio, colour: str) -> None:
    if ratio.share is None or ratio.interval is None:
        return
    axes.plot(ratio.interval, [place, place], color=colour, linewidth=2, alpha=0.5)
    axes.plot([ratio.share], [place], "o", color=colour, markersize=4)


def _overlap(found: Backtest) -> Figure:
    severity = {rule.code: rule.new.severity for rule in found.rules if rule.new is not None}
    own = {code: row[place] for place, (code, row) in enumerate(_rows(found))}
    codes = [code for code in own if severity[code] is not Severity.SCORE]
    codes.sort(key=lambda code: (severity[code] not in _HOLDING, -own[code]))
    places = [found.overlap.codes.index(code) for code in codes[:_MOST_RULES]]
    counts = np.array(found.overlap.orders).reshape(len(own), len(own))[np.ix_(places, places)]
    share = counts / np.maximum(1, np.diag(counts))[:, None]
    figure = Figure(figsize=(8.6, 7.6), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    names = codes[:_MOST_RULES]
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=6)
    axes.set_yticks(range(len(names)), names, fontsize=6)
    figure.colorbar(image, ax=axes, shrink=0.6, label="share of the row's orders")
    _label(axes, "… on which this rule fires, too", "of this rule's orders", "Overlap, new setting")
    return figure


def _rows(found: Backtest) -> list[tuple[str, tuple[int, ...]]]:
    return list(zip(found.overlap.codes, found.overlap.orders, strict=True))


def _is_holding(rule: RuleFigures) -> bool:
    sides = [side for side in (rule.old, rule.new) if side is not None]
    return any(side.severity in _HOLDING and side.caught.orders for side in sides)


def _hits(rule: RuleFigures) -> int:
    return max(side.caught.orders for side in (rule.old, rule.new) if side is not None)


def _caught(rule: RuleFigures, name: str) -> Caught | None:
    side = rule.old if name == "old" else rule.new
    return None if side is None or side.severity not in _HOLDING else side.caught


def _name(rule: RuleFigures) -> str:
    return rule.code if rule.status == "same" else f"{rule.code} ({rule.status})"


def _label(axes: Axes, x: str, y: str, title: str) -> None:
    axes.set_xlabel(x, fontsize=8)
    axes.set_ylabel(y, fontsize=8)
    axes.set_title(title, fontsize=10)


_PICTURES: dict[str, Callable[[Backtest], Figure]] = {
    "matrix": _matrix,
    "moved": _moved,
    "days": _days,
    "worth": _worth,
    "overlap": _overlap,
}
