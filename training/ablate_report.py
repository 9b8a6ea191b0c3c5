"""Writes an ablation down: JSON for programs, a Markdown table and a picture for people."""

from pathlib import Path

import msgspec
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.ablate_result import BASE, CHOSEN, Ablation, Arm, Gains, Share
from training.bootstrap import AUC, AVERAGE_PRECISION, METRICS
from training.dataset import ALL
from training.evaluate import Metrics

_TITLES = {AVERAGE_PRECISION: "average precision", AUC: "AUC"}
_LAST, _FIRST = "#e76f51", "#457b9d"


def write_ablation(ablation: Ablation, folder: Path) -> list[Path]:
    """Write `ablation.json`, `.md` and `.png` into a folder; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"ablation.{ending}" for ending in ("json", "md", "png")]
    paths[0].write_bytes(msgspec.json.format(msgspec.json.encode(ablation)))
    paths[1].write_text(markdown(ablation), encoding="utf-8")
    draw(ablation).savefig(paths[2], dpi=110, metadata={"Software": None})
    return paths


def markdown(ablation: Ablation) -> str:
    """Give the tables, one for each metric, as they stand in the docs."""
    head = (
        f"{ablation.source}, `{ablation.target}`: learned from {ablation.train_rows:,} orders "
        f"({ablation.train_positives:,} positive) of [{ablation.train_from}, "
        f"{ablation.train_until}), embargo {ablation.embargo}; measured on "
        f"{ablation.test_rows:,} ({ablation.test_positives:,}) of [{ablation.test_from}, "
        f"{ablation.test_until}); seed {ablation.seed}, {ablation.draws} draws"
        f"{', late labels learned' if ablation.late_labels else ''}."
    )
    return "\n\n".join([head, *(_table(ablation, metric) for metric in METRICS)]) + "\n"


def _table(ablation: Ablation, metric: str) -> str:
    rows = [
        f"| {_TITLES[metric]} | features | without it | it adds to the rest "
        f"| beside `{BASE}` alone | it adds to `{BASE}` |",
        "|---|---|---|---|---|---|",
        *(_row(share, ablation, metric) for share in ablation.shares),
        _whole(ablation, metric),
        _picked(ablation, metric),
    ]
    return "\n".join(rows)


def _row(share: Share, ablation: Ablation, metric: str) -> str:
    last = _gain(_difference(ablation.all, share.without, metric), share.last, metric)
    cells = [share.family, str(len(share.features)), _value(share.without.metrics, metric), last]
    if share.family == BASE:
        cells += ["" if ablation.base is None else _value(ablation.base.metrics, metric), ""]
    elif share.alone is None or ablation.base is None:
        cells += ["", ""]
    else:
        first = _difference(share.alone, ablation.base, metric)
        cells += [_value(share.alone.metrics, metric), _gain(first, share.first, metric)]
    return f"| {' | '.join(cells)} |"


def _whole(ablation: Ablation, metric: str) -> str:
    at = ablation.intervals.get(metric)
    spread = f" [{at.low:.4f}, {at.high:.4f}]" if at else ""
    value = f"**{_value(ablation.all.metrics, metric)}**{spread}"
    return f"| `{ALL}` | {ablation.all.inputs} | | | {value} | |"


def _picked(ablation: Ablation, metric: str) -> str:
    """Compare the choice among sets of inputs with all of them."""
    chosen = ablation.chosen
    more = {name: at.turned() for name, at in chosen.less_than_all.items()}
    gain = _gain(_difference(chosen, ablation.all, metric), more, metric)
    value = _value(chosen.metrics, metric)
    return f"| `{CHOSEN}`, against `{ALL}` | {chosen.inputs} | | | {value} | {gain} |"


def _difference(more: Arm, less: Arm, metric: str) -> float:
    return float(getattr(more.metrics, metric) - getattr(less.metrics, metric))


def _value(metrics: Metrics, metric: str) -> str:
    return f"{getattr(metrics, metric):.4f}"


def _gain(value: float, gains: Gains, metric: str) -> str:
    at = gains.get(metric)
    return f"{value:+.4f}" + (f" [{at.low:+.4f}, {at.high:+.4f}]" if at else "")


def draw(ablation: Ablation) -> Figure:
    """Draw what each family adds to average precision and AUC, with its interval."""
    figure = Figure(figsize=(9, 1.2 + 0.5 * len(ablation.shares)), layout="constrained")
    figure.suptitle(f"{ablation.source}: what each family of features adds ({ablation.target})")
    for axes, metric in zip(figure.subplots(1, len(METRICS), sharey=True), METRICS, strict=True):
        _draw_metric(axes, ablation, metric)
    return figure


def _draw_metric(axes: Axes, ablation: Ablation, metric: str) -> None:
    for place, share in enumerate(ablation.shares):
        last = _difference(ablation.all, share.without, metric)
        _draw_gain(axes, place - 0.12, last, share.last, metric, _LAST)
        if share.alone is not None and ablation.base is not None:
            first = _difference(share.alone, ablation.base, metric)
            _draw_gain(axes, place + 0.12, first, share.first, metric, _FIRST)
    axes.axvline(0, color="#8a8f98", linewidth=0.8)
    axes.set_yticks(range(len(ablation.shares)), [share.family for share in ablation.shares])
    axes.set_ylim(len(ablation.shares) - 0.5, -0.5)
    axes.set_title(_TITLES[metric])
    axes.plot([], [], "o", color=_LAST, label="added to the rest")
    axes.plot([], [], "o", color=_FIRST, label=f"added to {BASE} alone")
    axes.legend(fontsize=7)


def _draw_gain(
    axes: Axes, place: float, value: float, gains: Gains, metric: str, colour: str
) -> None:
    at = gains.get(metric)
    if at is not None:
        axes.plot([at.low, at.high], [place, place], color=colour, linewidth=2, alpha=0.6)
    axes.plot([value], [place], "o", color=colour, markersize=5)
