"""Prints what the advice was worth, for people or as JSON."""

import sys
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from training.simulate.load.circle import CircleReport
from training.simulate.load.conduct import Reviewer
from training.simulate.load.contrast import Contrast
from training.simulate.load.estimate import Estimate
from training.simulate.load.pace import LATE_S, Pace
from training.simulate.load.worth import Worth


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
    for told, name, part in _SUMS:
        sums = (_part(getattr(run, name), part) for run in runs)
        table.add_row(told, *(_estimate(one, 100) for one in sums))
    for name in _RATES:
        table.add_row(name.replace("_", " "), *(_estimate(getattr(run, name)) for run in runs))
    for name in ("refused_by_cause", "held_for_nothing_by_group", "actions"):
        table.add_row(name.replace("_", " "), *(_several(getattr(run, name)) for run in runs))
    return table


_COUNTS = (
    "orders", "submitted", "accepted", "refused", "cancelled", "unresolved", "fixed",
    "fixed_and_accepted", "stopped", "reviewed", "held_after_review", "waiting",
    "queried_first", "waited", "waited_and_accepted", "rerouted", "rerouted_and_accepted",
    "held_for_nothing", "paid_wrong", "timeouts", "queries", "sent_again",
    "payments", "double_payments",
)  # fmt: skip
_MONEY = ("held_for_nothing_minor", "paid_wrong_minor", "cost_minor")
_SUMS = (
    ("accepted, yuan", "accepted_money", None),
    ("refused, yuan", "refused_money", None),
    ("delayed by waiting, yuan × hours", "delayed_minor_hours", "wait"),
    ("delayed by reviews, yuan × hours", "delayed_minor_hours", "review"),
    ("never sent: stopped, yuan", "withheld_money", "stopped"),
    ("never sent: after a review, yuan", "withheld_money", "reviewed"),
    ("never sent: still waiting, yuan", "withheld_money", "waiting"),
)
"""What it is called, where it stands in a Worth, and under which name there."""
_RATES = ("refused_per_1000", "refused_of_1000_submitted", "held_for_nothing_per_1000")


_ONLY_HERE = (
    "“only here” among the causes: the history's channel took the order, and this run's refused "
    "it, for what it was sent in this run (its policy's memory, congestion) or for what an advice "
    "changed. The class of the answer follows."
)


def _in_words(contrast: Contrast) -> str:
    return (
        f"Refused: {contrast.refused_ignoring:,} when ignored, {contrast.refused_obeying:,} when "
        f"obeyed. Avoided {contrast.avoided:,} ({_named(contrast.avoided_by)}; "
        f"{contrast.avoided_and_sold:,} were sold), new {contrast.new_refusals:,}; net per 1,000 "
        f"orders {_estimate(contrast.avoided_per_1000)}.\n"
        f"Price: {contrast.sales_lost:,} orders that the channel took when ignored were held, "
        f"{contrast.sales_lost_minor / 100:,.2f} yuan; per 1,000 orders "
        f"{_estimate(contrast.sales_lost_per_1000)}.\n"
        f"Money of the same orders, obeying less ignoring, in yuan: accepted "
        f"{_estimate(contrast.accepted_money_change, 100)}, refused "
        f"{_estimate(contrast.refused_money_change, 100)}.\n"
        f"Accepted only when obeyed: {_named(contrast.sold_by)}. Only when ignored, by what was "
        f"advised: {'; '.join(_lost(contrast)) or 'none'}.\n"
    )


def _lost(contrast: Contrast) -> Iterator[str]:
    for reason, lost in contrast.lost_by.items():
        yield (
            f"{reason}: {lost.orders:,} orders, {lost.minor / 100:,.0f} yuan, "
            f"{lost.for_nothing:,} of them for nothing"
        )


def _part(estimates: Estimate | dict[str, Estimate], part: str | None) -> Estimate:
    if isinstance(estimates, Estimate):
        return estimates
    return estimates[str(part)]


def _estimate(estimate: Estimate, of: int = 1) -> str:
    """Write a figure with its interval; money is given in minor units and written in major."""
    value, low, high = (one / of for one in (estimate.value, estimate.low, estimate.high))
    digits = 1 if of == 1 else 0
    return f"{value:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def _named(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "none"


def _several(counts: dict[str, int]) -> str:
    return "\n".join(f"{count:,} {name}" for name, count in counts.items()) or "none"


def _print_assumption(console: Console, reviewer: Reviewer) -> None:
    console.print(
        f"Reviews were decided by the truth with these errors (assumed): of orders that are wrong "
        f"or were refused in the history, {reviewer.catches:.0%} are held; of others, "
        f"and where only the channel was down, "
        f"{reviewer.wrongly_holds:.0%}. Each takes {reviewer.takes_us / 60e6:.0f} minutes, counted "
        f"as a delay, not played. A reviewer who holds changes nothing else; a buyer is "
        f"taken to agree to a certain fix. Intervals: 95 %, drawn over buyers and payees."
    )
