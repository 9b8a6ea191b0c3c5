"""What training and measuring refuse, in the one tree of errors."""

from features.errors import PreflightError


class TrainingError(PreflightError):
    """A model cannot be fitted, registered or promoted as asked."""


class ExperimentError(PreflightError):
    """Periods, filters or a target that measure nothing."""
