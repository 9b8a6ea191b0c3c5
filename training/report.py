"""What a person, or another program, reads of a training or an experiment."""

import sys
from dataclasses import asdict, is_dataclass
from typing import Any

import msgspec
import numpy as np

from training.evaluate import Metrics
from training.experiment import Report, SeedResult
from training.promote import TrainingResult

_NAMES = ("auc", "average_precision", "precision_at_100", "ece")


def experiment_json(report: Report) -> dict[str, Any]:
    """Give the figures of the first seed at the top, then the rows, intervals and each seed."""
    headline = _figures(report.seeds[0].metrics)
    counted = asdict(report)
    return {
        "target": report.target,
        "late_labels": report.late_labels,
        **headline,
        **{key: counted[key] for key in counted if key.startswith(("train_", "test_"))},
        "features": len(report.features),
        "seconds": counted["seconds"],
        "intervals": {name: [at.low, at.high] for name, at in report.intervals.items()},
        "per_seed": [_seed(result) for result in report.seeds],
        "mean_of_seeds": {name: _mean(report, name) for name in headline},
    }


def _figures(metrics: Metrics) -> dict[str, float]:
    return {name: value for name in _NAMES if (value := getattr(metrics, name)) is not None}


def _seed(result: SeedResult) -> dict[str, Any]:
    return {"seed": result.seed, **_figures(result.metrics), "chosen": asdict(result.choice)}


def _mean(report: Report, name: str) -> float:
    return float(np.mean([_figures(result.metrics)[name] for result in report.seeds]))


def print_json(value: Any) -> None:
    """Print one line of JSON."""
    plain = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    sys.stdout.buffer.write(msgspec.json.encode(plain) + b"\n")
    sys.stdout.buffer.flush()


def print_experiment(report: Report) -> None:
    """Print an experiment as a person reads it."""
    for side in ("train", "test"):
        rows, positives, censored = (
            getattr(report, f"{side}_{what}") for what in ("rows", "positives", "censored")
        )
        _line(f"{side:<6}{rows:>10,} orders, {positives:,} positive, {censored:,} without a label")
    if report.late_labels:
        _line("learned also from outcomes that arrived after the test began")
    for name, value in _figures(report.seeds[0].metrics).items():
        _line(f"{name:<18}{value:.4f}{_spread(report, name)}")
    _line(
        f"seconds: features {report.seconds.features:.1f}, training {report.seconds.training:.1f};"
        f" {len(report.features)} features"
    )


def _spread(report: Report, name: str) -> str:
    at = report.intervals.get(name)
    interval = f"  95 % [{at.low:.4f}, {at.high:.4f}]" if at else ""
    values = [_figures(result.metrics)[name] for result in report.seeds]
    if len(values) == 1:
        return interval
    return f"{interval}  {len(values)} seeds {min(values):.4f} to {max(values):.4f}"


def print_training(result: TrainingResult) -> None:
    """Print what was trained as a person reads it."""
    role = "the champion" if result.champion else "not the champion"
    data = " on SIMULATED data" if result.simulated else ""
    _line(f"Version {result.version}, {role}: bundle {result.bundle}, {result.rows:,} orders{data}")
    for head, figures in result.metrics.items():
        measured = "  ".join(f"{name} {figures[name]:.3f}" for name in _NAMES if name in figures)
        _line(f"  {head:<14}{figures['positives']:>8,.0f} positives  {measured}")
    for head, reason in result.skipped.items():
        _line(f"  {head:<14}not trained: {reason}")


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
