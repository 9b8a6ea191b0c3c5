"""Compares two settings on a history, from its folder to the figures."""

import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from time import perf_counter

from features.catalog import Catalog
from features.history import read_manifest
from features.history_schema import AS_OF
from features.progress import Progress, silent
from rules.decision import Action
from training.backtest.cache import Features, cached_features
from training.backtest.decided import Court
from training.backtest.errors import BacktestError
from training.backtest.examples import Examples
from training.backtest.judged import NEWLY_RELEASED, NEWLY_STOPPED, judge_slice
from training.backtest.known import reads_of
from training.backtest.lists_then import ListsInTime, OneState
from training.backtest.pricing import Model
from training.backtest.result import Backtest, Side
from training.backtest.setting import Setting
from training.backtest.slices import Cut, Span, cuts, read_slice
from training.backtest.summary import Summary
from training.backtest.tally import RuleTally, Tally
from training.backtest.truth import Truth, truth_of

EXAMPLES = 5
"""Orders to open of each outcome, newly stopped and newly released."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What to compare, and on what; `home` keeps the features."""

    history: Path
    home: Path
    catalog: Catalog
    old: Setting
    new: Setting
    lists: ListsInTime = field(default_factory=OneState)
    model: Model | None = None
    span: Span = field(default_factory=Span)
    examples: int = EXAMPLES
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Sums:
    """What was counted of some slices."""

    tally: Tally
    examples: Examples
    left_out: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    orders: int = 0

    def add(self, later: "Sums") -> None:
        """Add what was counted of later slices."""
        self.tally.add(later.tally)
        self.examples.add(later.examples)
        self.left_out.update(later.left_out)
        self.first = self.first or later.first
        self.last = later.last or self.last
        self.orders += later.orders


def no_sums(plan: Plan) -> Sums:
    """Begin to count."""
    return Sums(
        Tally([RuleTally(plan.old.book), RuleTally(plan.new.book)]), Examples(plan.examples)
    )


class Bench:
    """Judges slices; everything that they share is prepared once."""

    def __init__(self, plan: Plan, kept: Features) -> None:
        self.plan = plan
        self.kept = kept

    @cached_property
    def _court(self) -> Court:
        settings = (self.plan.old, self.plan.new)
        reads = reads_of(settings, self.plan.catalog)
        return Court(settings, self.plan.catalog, reads, self.plan.lists, self.plan.model)

    @cached_property
    def truth(self) -> Truth:
        """What became of the orders."""
        return truth_of(self.plan.history)

    def sums_of(self, cut: Cut) -> Sums:
        """Judge and count a slice; orders of channels that have no pack are only counted."""
        plan, sums = self.plan, no_sums(self.plan)
        orders = read_slice(plan.history, self.kept, plan.catalog, plan.span, cut)
        channels = orders.orders["channel"]
        inside = channels.is_in([name for name in channels.unique() if self._has_packs(name)])
        sums.left_out.update(channels.filter(~inside).to_list())
        judged = orders if inside.all() else orders.where(inside)
        if judged.height:
            found = judge_slice(judged, self._court, self.truth)
            sums.tally.count(found)
            sums.examples.look_at(found, self._court)
            sums.first, sums.last = judged.orders[AS_OF][0], judged.orders[AS_OF][-1]
            sums.orders = judged.height
        return sums

    def _has_packs(self, channel: str) -> bool:
        return all(channel in one.packs.names for one in (self.plan.old, self.plan.new))


SumAll = Callable[[Bench, Sequence[Cut]], Iterable[Sums]]
"""Judges cuts and gives their sums in order."""


def in_this_process(bench: Bench, some: Sequence[Cut]) -> Iterator[Sums]:
    """Judge one slice after the other."""
    return map(bench.sums_of, some)


def run_backtest(
    plan: Plan, progress: Progress = silent, sum_all: SumAll = in_this_process
) -> Backtest:
    """Decide on every order of a history by both settings, and compare.

    Raises BacktestError where no order is left, and what reading history, books, packs, lists and
    bundle raises.
    """
    began = perf_counter()
    manifest = read_manifest(plan.history)
    kept = cached_features(plan.history, plan.catalog, plan.home, progress)
    built = perf_counter()
    bench, run = Bench(plan, kept), no_sums(plan)
    some = cuts(plan.history, plan.span)
    for done, sums in enumerate(sum_all(bench, some), 1):
        run.add(sums)
        progress(done, len(some), "decide")
    if not run.orders:
        raise BacktestError(
            f"no order of {plan.history} lies in the period and has a pack on both sides; widen "
            "--from and --to, or add the channel's pack"
        )
    summary = Summary(run.tally, (plan.old.book, plan.new.book))
    return Backtest(
        history=str(manifest["source"] or plan.history),
        simulated=bool(manifest["simulated"]),
        first=run.first,
        last=run.last,
        orders=run.orders,
        left_out=dict(sorted(run.left_out.items())),
        old=_side(plan.old),
        new=_side(plan.new),
        model=None if plan.model is None else plan.model.version,
        notes=(*plan.notes, *_notes(plan, kept.said)),
        outcomes=summary.outcomes(),
        matrix=summary.matrix(),
        newly_stopped=summary.became(NEWLY_STOPPED),
        newly_released=summary.became(NEWLY_RELEASED),
        held_old=summary.held("old"),
        held_new=summary.held("new"),
        rules=summary.rules(),
        overlap=summary.overlap(),
        dispersion=summary.dispersion(bench.truth.dispersion_said),
        days=tuple(summary.days()),
        examples=tuple(run.examples.all()),
        seconds={"features": built - began, "decide": perf_counter() - built},
        peak_bytes=peak_bytes(),
        features_built=kept.was_built,
    )


def _side(setting: Setting) -> Side:
    return Side(
        name=setting.name,
        book=setting.book.version,
        rules=len(setting.book.rules),
        packs={pack.channel: pack.version for pack in setting.packs},
        costs=setting.costs,
    )


def _notes(plan: Plan, features: str) -> Iterator[str]:
    """Say what the figures rest on."""
    yield features
    yield f"packs as of each order's date; {plan.lists.said}"
    if plan.model is None:
        yield "no model: the rules alone decide, so costs change nothing"
    else:
        yield (
            f"model {plan.model.version} prices every order; where it learned from these very "
            "orders its probabilities are too good"
        )
    yield (
        f"{Action.WAIT.value} is told from the features alone: windows run out, nothing else "
        f"arrives; {Action.REROUTE.value}, paused rules, stopped channels and earlier submissions "
        "that an order does not name itself are not replayed"
    )


def peak_bytes() -> int:
    """Give the most memory that this process, or the largest that it started and ended, held."""
    # Kilobytes on Linux, bytes on macOS.
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    most = max(resource.getrusage(one).ru_maxrss for one in who)
    return most if sys.platform == "darwin" else 1024 * most
