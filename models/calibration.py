"""From a margin to a probability: two numbers, strictly increasing, so no ranking is lost."""

from dataclasses import dataclass
from math import exp


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's scaling: probability = 1 / (1 + exp(-(slope * margin + intercept))), slope > 0.

    Isotonic steps would tie the rare, highest margins, which are the ones that matter
    (docs/experiment.md has the comparison). J. Platt, Probabilistic outputs for support vector
    machines, 1999.

    >>> Calibration(slope=1.0, intercept=0.0).probability(0.0)
    0.5
    """

    slope: float
    intercept: float

    def probability(self, margin: float) -> float:
        """Give the calibrated probability, in [0, 1]."""
        z = self.slope * margin + self.intercept
        if z >= 0:
            return 1.0 / (1.0 + exp(-z))
        odds = exp(max(z, -700.0))
        return odds / (1.0 + odds)
