"""Calibrated probabilities for one order, from a bundle's folder and nothing else."""

from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from features.kinds import Value
from models.bundle import Bundle, read_bundle
from models.lightgbm_lib import Booster


class BundleScorer:
    """Answers one probability per head; safe for several threads, which take turns."""

    def __init__(self, bundle: Bundle) -> None:
        manifest = bundle.manifest
        self.version = manifest.version
        self.schema_hash = manifest.schema_hash
        self.heads = tuple(head.name for head in manifest.heads)
        self._encoding = manifest.encoding
        width = len(manifest.features)
        self._models = tuple(
            (head.name, Booster(bundle.heads[head.name], width), head.calibration)
            for head in manifest.heads
        )
        self._turn = Lock()

    def probabilities(self, features: Mapping[str, Value]) -> dict[str, float]:
        """Give P(head) in [0, 1] for each head; a feature that is missing is absent."""
        row = self._encoding.row(features)
        with self._turn:
            margins = [booster.margin(row) for _, booster, _ in self._models]
        return {
            name: calibration.probability(margin)
            for (name, _, calibration), margin in zip(self._models, margins, strict=True)
        }


def load_scorer(folder: Path) -> BundleScorer:
    """Load a bundle for scoring; raises BundleError when it is absent, broken or was changed."""
    return BundleScorer(read_bundle(folder))
