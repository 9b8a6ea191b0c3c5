"""A model's folder: LightGBM text and JSON, named by its content; training writes, serving reads.

Nothing in it is code: no pickle (docs/adr/0004-no-pickle.md).
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from features.errors import BundleError
from features.kinds import Kind
from models.calibration import Calibration
from models.encoding import Encoding

FORMAT = 1
POINTER = "champion"
_MANIFEST = "bundle.json"
_CATALOG = "catalog.yaml"
_CARD = "card.md"
_HASH_LENGTH = 16


class FeatureEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One input of the model; `categories` is the vocabulary of a text feature."""

    name: str
    kind: Kind
    categories: tuple[str, ...] = ()


class HeadEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One head: where its trees are, and how its margin becomes a probability."""

    name: str
    file: str
    calibration: Calibration


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """Where a model comes from; instants as ISO text, UTC. `metrics` is by head."""

    source: str
    simulated: bool
    train_from: str
    train_until: str
    rows: int
    seed: int
    metrics: dict[str, dict[str, float]]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The content of bundle.json; `files` holds the SHA-256 of every other file."""

    format: int
    schema_hash: str
    features: tuple[FeatureEntry, ...]
    heads: tuple[HeadEntry, ...]
    training: Training
    files: dict[str, str]

    @property
    def version(self) -> str:
        """The bundle's fingerprint: 16 hex digits over all of its content."""
        content = msgspec.json.encode(self, order="deterministic")
        return sha256(content).hexdigest()[:_HASH_LENGTH]

    @property
    def encoding(self) -> Encoding:
        """How features become the model's row."""
        return Encoding(
            names=tuple(entry.name for entry in self.features),
            kinds=tuple(entry.kind for entry in self.features),
            categories={
                entry.name: entry.categories for entry in self.features if entry.kind is Kind.TEXT
            },
        )


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle in memory: its manifest, and the text of each head by name."""

    manifest: Manifest
    heads: dict[str, str]
    catalog_text: str
    card: str


def make_bundle(
    *,
    schema_hash: str,
    encoding: Encoding,
    heads: Mapping[str, tuple[str, Calibration]],
    catalog_text: str,
    card: str,
    training: Training,
) -> Bundle:
    """Put a bundle together; `heads` gives each head's LightGBM text and calibration."""
    texts = {name: text for name, (text, _) in heads.items()}
    return Bundle(
        manifest=Manifest(
            format=FORMAT,
            schema_hash=schema_hash,
            features=tuple(
                FeatureEntry(name=name, kind=kind, categories=encoding.categories.get(name, ()))
                for name, kind in zip(encoding.names, encoding.kinds, strict=True)
            ),
            heads=tuple(
                HeadEntry(name=name, file=_head_file(name), calibration=calibration)
                for name, (_, calibration) in heads.items()
            ),
            training=training,
            files={
                path: _fingerprint(text) for path, text in _files(texts, catalog_text, card).items()
            },
        ),
        heads=texts,
        catalog_text=catalog_text,
        card=card,
    )


def write_bundle(bundle: Bundle, parent: Path) -> Path:
    """Write `parent/<version>/`, whole or not at all, and give its path; there already: no-op."""
    target = parent / bundle.manifest.version
    if target.is_dir():
        return target
    parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".bundle.", dir=parent))
    try:
        files = _files(bundle.heads, bundle.catalog_text, bundle.card)
        manifest = msgspec.json.format(msgspec.json.encode(bundle.manifest)).decode() + "\n"
        for path, text in {**files, _MANIFEST: manifest}.items():
            place = scratch / path
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="")
        scratch.chmod(0o755)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle; raises BundleError when it is absent, of another format, or was changed."""
    manifest = _read_manifest(folder)
    texts = {path: _read(folder / path) for path in manifest.files}
    for path, text in texts.items():
        if _fingerprint(text) != manifest.files[path]:
            raise BundleError(f"{folder / path} was changed after it was written; export it again")
    absent = {_CATALOG, _CARD, *(head.file for head in manifest.heads)} - set(texts)
    if absent:
        raise BundleError(f"{folder} lists no {', '.join(sorted(absent))}; export it again")
    return Bundle(
        manifest=manifest,
        heads={head.name: texts[head.file] for head in manifest.heads},
        catalog_text=texts[_CATALOG],
        card=texts[_CARD],
    )


def champion_folder(home: Path) -> Path:
    """Give the folder of the model that answers; raises BundleError when there is none yet."""
    pointer = home / "bundles" / POINTER
    if not pointer.is_file():
        raise BundleError(f"{home} has no champion yet; run: preflight train --history DIR")
    return home / "bundles" / pointer.read_text(encoding="utf-8").strip()


def point_champion(home: Path, version: str) -> None:
    """Make a bundle in `home/bundles` the one that answers, in one atomic step."""
    bundles = home / "bundles"
    if not (bundles / version / _MANIFEST).is_file():
        raise BundleError(f"{bundles} holds no bundle {version!r}; export it first")
    scratch = bundles / f".{POINTER}.{os.getpid()}"
    scratch.write_text(version + "\n", encoding="utf-8")
    scratch.replace(bundles / POINTER)


def _read_manifest(folder: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode(_read(folder / _MANIFEST), type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BundleError(
            f"{folder / _MANIFEST} cannot be read ({error}); train again with this version"
        ) from error
    if manifest.format != FORMAT:
        raise BundleError(
            f"{folder} is of format {manifest.format}, this version reads {FORMAT}; train again"
        )
    return manifest


def _head_file(name: str) -> str:
    return f"heads/{name}.txt"


def _files(heads: Mapping[str, str], catalog_text: str, card: str) -> dict[str, str]:
    texts = {_head_file(name): text for name, text in heads.items()}
    return {**texts, _CATALOG: catalog_text, _CARD: card}


def _fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{path} cannot be read ({error}); export the bundle again") from error
