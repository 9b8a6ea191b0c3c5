"""The cheapest action of many orders at once: `rules.policy` by columns, to the same bits."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.catalog import Catalog, parse_catalog
from models.bundle import Bundle, read_bundle
from models.scorer import BundleScorer
from rules.costs import Costs
from rules.decision import Action
from rules.policy import CLASS_HEADS, OVERALL_HEAD

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
CODE_OF: Mapping[Action, int] = {action: place for place, action in enumerate(Action)}
"""Actions as numbers: a stricter one is larger."""
ACTIONS = tuple(Action)


@dataclass(frozen=True)
class Model:
    """A bundle that gives the probability of a refusal for many orders at once."""

    bundle: Bundle

    @property
    def version(self) -> str:
        """Its fingerprint."""
        return self.bundle.manifest.version

    @cached_property
    def catalog(self) -> Catalog:
        """The features that it was trained on."""
        return parse_catalog(self.bundle.catalog_text, f"the catalog of model {self.version}")

    @cached_property
    def scorer(self) -> BundleScorer:
        """The same model, order by order."""
        return BundleScorer(self.bundle)

    def refused(self, features: pl.DataFrame) -> Floats | None:
        """Give the probability that the policy prices; None where no head foresees a refusal."""
        from training.encode import encode
        from training.fit import margins

        manifest = self.bundle.manifest
        names = {head.name for head in manifest.heads}
        wanted = [OVERALL_HEAD] if OVERALL_HEAD in names else CLASS_HEADS
        matrix = encode(features, manifest.encoding)
        found = [
            np.array([head.calibration.probability(m) for m in margins(text, matrix)])
            for head in manifest.heads
            if head.name in wanted and (text := self.bundle.heads[head.name])
        ]
        return np.max(found, axis=0) if found else None


def load_model(folder: Path) -> Model:
    """Read a bundle; raises BundleError when it is absent, broken or was changed."""
    return Model(read_bundle(folder))


def cheapest(costs: Costs, amount_minor: NDArray[np.int64], refused: Floats) -> Codes:
    """Choose the cheapest action of each order; of equally cheap ones the mildest."""
    loss = costs.refused_minor + costs.refused_share * amount_minor
    submit = refused * loss
    review = (
        costs.review_minor
        + costs.review_share * amount_minor
        + refused * (1 - costs.review_catches) * loss
    )
    stop = (1 - refused) * (costs.stopped_minor + costs.stopped_share * amount_minor)
    dear = np.where(review <= stop, CODE_OF[Action.REVIEW], CODE_OF[Action.STOP])
    is_mild = (submit <= review) & (submit <= stop)
    return np.where(is_mild, CODE_OF[Action.SUBMIT], dear).astype(np.int8)
