"""Prints what the advice was worth, for people or as JSON."""

import sys
from collections.abc import Sequence

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from training.simulate.load.circle import CircleReport
from training.simulate.load.conduct import Reviewer
from training.simulate.load.pace import LATE_S, Pace
from training.simulate.load.worth import Contrast, Estimate, Worth


class LoadReport(Struct, frozen=True, kw_only=True):
    """What `preflight simulate load --json` prints."""

    worth: Worth
    pace: Pace | None


def print_json(report: object) -> None:
    """Print a report as one line of JSON."""
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")


def print_load(worth: Worth, pace: Pace | None, reviewer: Reviewer) -> None:
    """Print one run: what the advice was worth and, where it was measured, how fast it went."""
    console = Console()
    console.print(_table("obeying" if worth.obeyed else "ignoring", [worth]))
    if worth.refused_only_here:
        console.print(_ONLY_HERE)
    if pace is not None:
        console.print(_pace_table(pace))
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
    console.print(_ONLY_HERE)
    _print_assumption(console, reviewer)


def _pace_table(pace: Pace) -> Table:
    table = Table(title=f"{pace.orders:,} orders, {pace.asked_rate:g} a second asked for")
    table.add_column("")
    table.add_column("", justify="right")
    table.add_row("begun, a second", f"{pace.begun_rate:.1f}")
    table.add_row("done, a second", f"{pace.done_rate:.1f}")
    table.add_row("most in flight", f"{pace.most_in_flight:,}")
    late = f"{pace.behind:,}, at most {pace.most_behind_ms:,.0f} ms"
    table.add_row(f"began more than {LATE_S * 1_000:.0f} ms late", late)
    for name, quantiles in (
        ("advice, since the order was due", pace.score_since_due),
        ("advice, since it was asked for", pace.score),
        ("channel, since the advice", pace.channel),
    ):
        cell = f"{quantiles.p50_ms:,.1f} / {quantiles.p99_ms:,.1f} / {quantiles.most_ms:,.0f}"
        table.add_row(f"{name}: p50 / p99 / most, ms", cell)
    return table


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


_ONLY_HERE = (
    "“only here” among the causes: the history's channel took the order, and this run's refused "
    "it, for what it was sent in this run (its policy's memory, congestion) or for what an advice "
    "changed. The class of the answer follows."
)


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
