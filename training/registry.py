"""The one door to MLflow: runs, versions, and the alias that says who is champion.

Importing MLflow takes seconds, so only commands do it. Everything is kept in PREFLIGHT_HOME:
`mlflow.db` (SQLite) and `mlartifacts/`. Nothing is sent anywhere.
"""

import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"

from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException

from models.bundle import Bundle, point_champion, read_bundle, write_bundle
from training.errors import TrainingError

MODEL = "preflight"
CHAMPION = "champion"
_ARTIFACT = "bundle"


class Registry:
    """Versions of the model "preflight"; `champion` is the alias of the one that answers."""

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()
        self._home.mkdir(parents=True, exist_ok=True)
        _be_quiet()
        uri = f"sqlite:///{self._home / 'mlflow.db'}"
        self._client = MlflowClient(tracking_uri=uri, registry_uri=uri)

    def register(
        self, bundle: Bundle, parameters: Mapping[str, str], metrics: Mapping[str, float]
    ) -> str:
        """Log a run with the bundle's folder and model card, and give the new version's number."""
        run = self._client.create_run(self._experiment())
        run_id = run.info.run_id
        at = run.info.start_time
        self._client.log_batch(
            run_id,
            metrics=[Metric(name, value, at, 0) for name, value in metrics.items()],
            params=[Param(name, value) for name, value in parameters.items()],
        )
        with tempfile.TemporaryDirectory() as scratch:
            folder = write_bundle(bundle, Path(scratch))
            self._client.log_artifacts(run_id, str(folder), _ARTIFACT)
        self._client.set_terminated(run_id)
        self._ensure_model()
        version = self._client.create_model_version(
            MODEL,
            source=f"{run.info.artifact_uri}/{_ARTIFACT}",
            run_id=run_id,
            tags={"bundle": bundle.manifest.version},
            description=bundle.card,
        )
        return str(version.version)

    def promote(self, version: str) -> str:
        """Make a version the champion and export it; gives the bundle's fingerprint."""
        self._version(version)
        self._client.set_registered_model_alias(MODEL, CHAMPION, version)
        return self.export_champion()

    def export_champion(self) -> str:
        """Write the champion's bundle to `bundles/<fingerprint>/` and swap the pointer to it."""
        try:
            champion = self._client.get_model_version_by_alias(MODEL, CHAMPION)
        except MlflowException as error:
            raise TrainingError(
                f"{self._home} has no champion yet; run: preflight train --history DIR"
            ) from error
        with tempfile.TemporaryDirectory() as scratch:
            folder = self._client.download_artifacts(champion.run_id, _ARTIFACT, scratch)
            bundle = read_bundle(Path(folder))
        written = write_bundle(bundle, self._home / "bundles")
        point_champion(self._home, written.name)
        return written.name

    def _version(self, version: str) -> None:
        found = self._client.search_model_versions(f"name = '{MODEL}'")
        known = sorted(int(entry.version) for entry in found)
        if version not in map(str, known):
            shown = ", ".join(map(str, known)) or "none; run: preflight train --history DIR"
            raise TrainingError(f"no version {version!r} of the model exists. Known: {shown}")

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(MODEL)
        if found is not None:
            return str(found.experiment_id)
        place = (self._home / "mlartifacts").as_uri()
        return str(self._client.create_experiment(MODEL, artifact_location=place))

    def _ensure_model(self) -> None:
        if not self._client.search_registered_models(f"name = '{MODEL}'"):
            self._client.create_registered_model(MODEL)


def export_champion(home: Path) -> str:
    """Export the version that the alias `champion` names; gives the bundle's fingerprint."""
    return Registry(home).export_champion()


def _be_quiet() -> None:
    """MLflow and alembic report each step of a new database; only warnings matter to a user."""
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
