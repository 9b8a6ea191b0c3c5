"""A script of bad times: when the channel is down, silent, slow or careless with callbacks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rules.yaml_file import read_yaml
from training.simulate.channel.kinds import Trouble

Share = Annotated[float, Meta(ge=0, le=1)]
What = Literal[
    "down",
    "refuse",
    "timeout_paid",
    "timeout_lost",
    "never_settled",
    "late_callback",
    "duplicate_callback",
    "out_of_order_callback",
    "lost_callback",
]


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bad time: seconds on the channel's clock since it started, and whom it hits."""

    from_s: Annotated[float, Meta(ge=0)]
    until_s: Annotated[float, Meta(gt=0)]
    what: What
    share: Share = 1.0

    def hits(self, seconds: float, drawn: float) -> bool:
        """Tell whether a submission at that time, with that luck, is hit."""
        return self.from_s <= seconds < self.until_s and drawn < self.share


class Script(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All bad times, the first that hits counts."""

    steps: tuple[Step, ...] = ()

    def at(self, seconds: float, drawn: float) -> What | None:
        """Say what goes wrong with a submission, or None."""
        return next((step.what for step in self.steps if step.hits(seconds, drawn)), None)


_ROUGH: Sequence[tuple[Trouble, float]] = (
    (Trouble.TIMEOUT_PAID, 0.006),
    (Trouble.TIMEOUT_LOST, 0.002),
    (Trouble.LATE_CALLBACK, 0.02),
    (Trouble.DUPLICATE_CALLBACK, 0.02),
    (Trouble.OUT_OF_ORDER_CALLBACK, 0.01),
    (Trouble.LOST_CALLBACK, 0.005),
)
"""What everyday life adds, as shares of all submissions (assumed)."""


def rough(drawn: float) -> Trouble | None:
    """Say what goes wrong on an ordinary day of a rough channel.

    >>> rough(0.001), rough(0.9)
    (<Trouble.TIMEOUT_PAID: 'timeout_paid'>, None)
    """
    for trouble, share in _ROUGH:
        if drawn < share:
            return trouble
        drawn -= share
    return None


def read_script(path: Path) -> Script:
    """Read a script; raises RuleError with the line of every bad entry."""
    return read_yaml(path, Script)[0]
