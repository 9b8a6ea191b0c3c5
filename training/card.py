"""The model card: what a model is, what it was fitted on, what it is worth, where it ends."""

from models.bundle import Training

_LIMITS = """\
## What to know before you trust it

- It learned only from orders that were submitted. What a merchant held back has no outcome, so
  orders like those are judged by analogy.
- The figures are of a twin, fitted on the earlier part and measured on the last fifth of the
  history after an embargo as long as outcomes take to arrive. The model itself was then fitted
  anew on everything, with the twin's settings and calibration.
- A probability is calibrated for the mix of orders in this history; drift in that mix shows
  first in the calibration.
"""


def write_card(training: Training, skipped: dict[str, str]) -> str:
    """Write the card as Markdown; `skipped` says why a head is absent."""
    kind = "SIMULATED data" if training.simulated else "orders as imported"
    lines = [
        "# Model card",
        "",
        f"One LightGBM model per head, fitted on {kind} ({training.source or 'no source named'}).",
        f"{training.rows:,} orders, {training.train_from} to {training.train_until};"
        f" seed {training.seed}.",
        "",
        "| Head | Orders | Positives | AUC | Average precision | ECE |",
        "|---|---|---|---|---|---|",
        *(_row(name, figures) for name, figures in training.metrics.items()),
        "",
        *(f"No head `{name}`: {reason}." for name, reason in skipped.items()),
        "",
        _LIMITS,
    ]
    return "\n".join(lines)


def _row(name: str, figures: dict[str, float]) -> str:
    measured = (figures.get(key) for key in ("auc", "average_precision", "ece"))
    cells = ["not measured" if value is None else f"{value:.3f}" for value in measured]
    counts = [f"{figures['rows']:,.0f}", f"{figures['positives']:,.0f}"]
    return f"| {' | '.join([name, *counts, *cells])} |"
