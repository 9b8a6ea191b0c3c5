"""From a history to the champion's bundle: train, register in MLflow, export."""

from dataclasses import asdict, dataclass
from pathlib import Path

from features.progress import Progress, silent
from training.fit import Choice, Learner
from training.train import Trained, train


@dataclass(frozen=True, slots=True)
class Promoted:
    """A version of the registry, and the fingerprint of its bundle."""

    version: str
    bundle: str


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What `preflight train` reports; `metrics` and `skipped` are by head."""

    version: str
    bundle: str
    champion: bool
    simulated: bool
    rows: int
    embargo_hours: float
    metrics: dict[str, dict[str, float]]
    skipped: dict[str, str]


def train_and_register(
    history: Path,
    catalog: Path | None,
    home: Path,
    *,
    seed: int = 1,
    promote: bool = True,
    progress: Progress = silent,
) -> TrainingResult:
    """Train on a history, register the model, and unless told otherwise make it champion."""
    trained = train(history, catalog, seed, progress)
    progress(0, 1, "registering in MLflow")
    from training.registry import Registry

    registry = Registry(home)
    version = registry.register(trained.bundle, _parameters(trained, seed), _metrics(trained))
    if promote:
        registry.promote(version)
    facts = trained.bundle.manifest.training
    return TrainingResult(
        version=version,
        bundle=trained.bundle.manifest.version,
        champion=promote,
        simulated=facts.simulated,
        rows=facts.rows,
        embargo_hours=trained.embargo_us / 3.6e9,
        metrics=facts.metrics,
        skipped=trained.skipped,
    )


def promote_version(home: Path, version: str) -> Promoted:
    """Make a version the champion; `champion` exports the one that is."""
    from training.registry import CHAMPION, Registry

    registry = Registry(home)
    bundle = registry.export_champion() if version == CHAMPION else registry.promote(version)
    return Promoted(version, bundle)


def _parameters(trained: Trained, seed: int) -> dict[str, str]:
    facts = trained.bundle.manifest
    chosen = {f"{head.name}.chosen": _chosen(head.fitted.choice) for head in trained.heads}
    learner = {f"learner.{name}": str(value) for name, value in asdict(Learner()).items()}
    return {
        "seed": str(seed),
        "source": facts.training.source,
        "simulated": str(facts.training.simulated),
        "schema_hash": facts.schema_hash,
        "features": str(len(facts.features)),
        **chosen,
        **learner,
    }


def _chosen(choice: Choice) -> str:
    return f"{'+'.join(choice.families)} x {choice.rounds}"


def _metrics(trained: Trained) -> dict[str, float]:
    return {
        f"{head}.{name}": value
        for head, figures in trained.bundle.manifest.training.metrics.items()
        for name, value in figures.items()
    }
