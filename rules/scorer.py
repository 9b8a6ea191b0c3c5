"""What the rules ask of a model; `models.scorer.BundleScorer` satisfies it, and so do fakes."""

from collections.abc import Mapping
from typing import Protocol

from features.kinds import Value


class Scorer(Protocol):
    """Calibrated probabilities by head for one row of features."""

    @property
    def version(self) -> str:
        """The bundle's fingerprint, kept with every decision."""
        ...

    @property
    def schema_hash(self) -> str:
        """The fingerprint of the feature catalog that the model was fitted on."""
        ...

    @property
    def heads(self) -> tuple[str, ...]:
        """The heads that `probabilities` answers."""
        ...

    def probabilities(self, features: Mapping[str, Value]) -> dict[str, float]:
        """Answer one calibrated probability in [0, 1] per head; a missing feature is absent."""
        ...
