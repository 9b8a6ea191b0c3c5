"""What a backtest refuses, in the one tree of errors."""

from features.errors import PreflightError


class BacktestError(PreflightError):
    """A replay that would compare nothing, or that has nothing to compare with."""
