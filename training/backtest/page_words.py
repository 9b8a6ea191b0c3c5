"""Figures and tables as a page shows them."""

from collections.abc import Mapping, Sequence
from html import escape

from features.kinds import Value
from training.backtest.result import MinorByCurrency, Ratio


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table; the cells are HTML already, the head is not."""
    heads = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{heads}</tr>{body}</table></div>'


def money(minor: MinorByCurrency) -> str:
    """Write money in minor units, by currency.

    >>> money({"CNY": 1234500})
    'CNY 1,234,500 minor'
    """
    return ", ".join(f"{escape(name)} {amount:,} minor" for name, amount in minor.items())


def percent(ratio: Ratio) -> str:
    """Write a share with its interval."""
    if ratio.share is None or ratio.interval is None:
        return "of none"
    low, high = ratio.interval
    return f"{ratio.share:.2%} ({low:.2%} to {high:.2%})"


def short_percent(ratio: Ratio) -> str:
    """Write a share with its interval in the room of a table's cell."""
    if ratio.share is None or ratio.interval is None:
        return "–"
    low, high = ratio.interval
    return f'{ratio.share:.1%} <span class="open">{100 * low:.1f}–{100 * high:.1f}</span>'


def cells(facts: Mapping[str, Value | None]) -> str:
    """Write what a rule read, one fact a line."""
    return "<br>".join(
        f"<code>{escape(name)}</code> = {'missing' if value is None else escape(str(value))}"
        for name, value in facts.items()
    )
