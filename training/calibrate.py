"""Fits the two numbers of `models.calibration` to margins that the model was not fitted on."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.calibration import Calibration

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]

IDENTITY = Calibration(slope=1.0, intercept=0.0)
"""What is used when there is too little to calibrate on: LightGBM's own log-odds."""

_BOTH = 2

MIN_SLOPE = 0.1
"""A model that ranks no better than chance still keeps its order."""


def log_loss(margins: Floats, labels: Labels) -> float:
    """Mean negative log-likelihood of 0/1 labels under log-odds `margins`."""
    return float(np.mean(np.logaddexp(0.0, margins) - labels * margins))


def calibrated_loss(margins: Floats, labels: Labels) -> float:
    """Give the log loss that is left after the best slope and intercept.

    What ranks well but is too sure of itself is not worse for it: calibration mends that.
    """
    fitted = fit_calibration(margins, labels)
    return log_loss(fitted.slope * margins + fitted.intercept, labels)


def choose_calibration(margins: Floats, labels: Labels) -> Calibration:
    """Calibrate only where it lasts: what the earlier half says must help on the later half.

    Rows are in the order of time. Otherwise the log-odds stay as they are: a base rate of one
    odd week would shift every probability after it.
    """
    half = len(labels) // 2
    if min(_kinds(labels[:half]), _kinds(labels[half:])) < _BOTH:
        return IDENTITY
    early = fit_calibration(margins[:half], labels[:half])
    later = early.slope * margins[half:] + early.intercept
    if log_loss(later, labels[half:]) >= log_loss(margins[half:], labels[half:]):
        return IDENTITY
    return fit_calibration(margins, labels)


def _kinds(labels: Labels) -> int:
    return len(np.unique(labels))


def fit_calibration(margins: Floats, labels: Labels) -> Calibration:
    """Fit slope and intercept by logistic regression of the labels on the margins (Platt)."""
    fitted = LogisticRegression(C=np.inf).fit(margins.reshape(-1, 1), labels)
    slope, intercept = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    if slope >= MIN_SLOPE:
        return Calibration(slope=slope, intercept=intercept)
    return Calibration(slope=MIN_SLOPE, intercept=_intercept(MIN_SLOPE * margins, labels))


def _intercept(margins: Floats, labels: Labels) -> float:
    """Shift log-odds so that their mean probability is the share of positives."""
    low, high = -50.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = float(np.mean(1.0 / (1.0 + np.exp(-(margins + middle)))))
        low, high = (low, middle) if mean > labels.mean() else (middle, high)
    return (low + high) / 2
