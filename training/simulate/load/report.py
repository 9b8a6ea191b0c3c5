"""Prints what the advice was worth, for people or as JSON."""

import sys
from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from training.simulate.load.circle import CircleReport
from training.simulate.load.conduct import Reviewer
from training.simulate.load.worth import Contrast, Estimate, Worth


def print_json(report: object) -> None:
    """Print a report as one line of JSON."""
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")


def print_worth(worth: Worth, reviewer: Reviewer) -> None:
    """Print one run."""
    console = Console()
    console.print(_table("obeying" if worth.obeyed else "ignoring", [worth]))
    _print_assumption(console, reviewer)


def print_circle(reports: Sequence[CircleReport], reviewer: Reviewer) -> None:
    """Print each scenario's two runs, and how they compare."""
    console = Console()
    for report in reports:
        title = (
            f"{report.scenario}, seed {report.seed}: learned from {report.learned_from:,} orders"
        )
        console.print(_table(title, [report.ignoring, report.obeying]))
        console.print(_in_words(report.contrast))
    _print_assumption(console, reviewer)


def _table(title: str, runs: Sequence[Worth]) -> Table:
    table = Table(title=title)
    table.add_column("")
    for run in runs:
        table.add_column("obeying" if run.obeyed else "ignoring", justify="right")
    for name in _COUNTS:
        table.add_row(name.replace("_", " "), *(f"{getattr(run, name):,}" for run in runs))
    for name in _MONEY:
        cells = (f"{getattr(run, name) / 100:,.2f}" for run in runs)
        table.add_row(name.removesuffix("_minor").replace("_", " ") + ", yuan", *cells)
    for name in _RATES:
        table.add_row(name.replace("_", " "), *(_estimate(getattr(run, name)) for run in runs))
    for name in ("refused_by_cause", "held_for_nothing_by_group", "actions"):
        table.add_row(name.replace("_", " "), *(_several(getattr(run, name)) for run in runs))
    return table


_COUNTS = (
    "orders", "submitted", "accepted", "refused", "cancelled", "unresolved", "fixed",
    "fixed_and_accepted", "stopped", "reviewed", "held_after_review", "held_for_nothing",
    "paid_wrong", "timeouts", "queries", "sent_again", "payments", "double_payments",
)  # fmt: skip
_MONEY = (
    "accepted_minor", "refused_minor", "held_for_nothing_minor", "paid_wrong_minor", "cost_minor",
)  # fmt: skip
_RATES = ("refused_per_1000", "refused_of_1000_submitted", "held_for_nothing_per_1000")


def _in_words(contrast: Contrast) -> str:
    ways = ", ".join(f"{count:,} {way}" for way, count in contrast.avoided_by.items()) or "none"
    return (
        f"Refused: {contrast.refused_ignoring:,} when ignored, {contrast.refused_obeying:,} when "
        f"obeyed. Avoided {contrast.avoided:,} ({ways}; {contrast.avoided_and_sold:,} were sold), "
        f"new {contrast.new_refusals:,}; net per 1,000 orders "
        f"{_estimate(contrast.avoided_per_1000)}.\n"
        f"Price: {contrast.sales_lost:,} orders that the channel took when ignored were held, "
        f"{contrast.sales_lost_minor / 100:,.2f} yuan; per 1,000 orders "
        f"{_estimate(contrast.sales_lost_per_1000)}.\n"
    )


def _estimate(estimate: Estimate) -> str:
    return f"{estimate.value:.1f} ({estimate.low:.1f} to {estimate.high:.1f})"


def _several(counts: dict[str, int]) -> str:
    return "\n".join(f"{count:,} {name}" for name, count in counts.items()) or "none"


def _print_assumption(console: Console, reviewer: Reviewer) -> None:
    console.print(
        f"Reviews were decided by the truth with these errors (assumed): of orders that are wrong "
        f"or were refused in the history, {reviewer.catches:.0%} are held; of clean ones "
        f"{reviewer.wrongly_holds:.0%}. A reviewer who holds changes nothing else; a buyer is "
        f"taken to agree to a certain fix. Intervals: 95 %, drawn over buyers and payees."
    )
