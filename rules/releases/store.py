"""Keeps releases on the disk: a folder for each version, and one pointer that says what runs.

One pointer names the current version of every kind, so that it is read and replaced in one step. A
version is written aside and renamed into place; then the step is written to the audit, and only
then the pointer is replaced: whoever reads sees what ran before or what runs now, whole.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from features.errors import RuleError, suggest
from rules.durable_files import digest_of_file, locked, replace_file, write_folder
from rules.releases.audit import POINTING, AuditLine, AuditLog, Recorded, Verb, faults_of

RELEASES_FOLDER = "releases"
SHIPPED = "shipped"
"""What a person calls the content that runs where nothing was published."""
FORMAT = 1
_POINTER, _AUDIT, _MANIFEST, _REPORTS = "current.json", "audit.jsonl", "release.json", "reports"
_VERSION_DIGITS = 16
_WAY_OUT = "roll back to another version, or publish it again"
_encoder = msgspec.json.Encoder(order="deterministic")


class Pointer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What runs: the version of each kind that was published, and the audit's line that said so."""

    format: int = FORMAT
    versions: dict[str, str] = {}
    line: str | None = None


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one version is: the SHA-256 of each of its files."""

    format: int
    kind: str
    files: dict[str, str]


def version_of(kind: str, files: Mapping[str, bytes]) -> str:
    """Compute the fingerprint that content is called by: 16 hex digits."""
    return _named(_manifest(kind, files))


@dataclass(frozen=True, slots=True)
class ReleaseStore:
    """The releases of one data folder."""

    folder: Path

    @property
    def log(self) -> AuditLog:
        """The audit of this folder."""
        return AuditLog(self.folder / _AUDIT)

    def stamp(self) -> bytes:
        """Give what the pointer holds, unread: it differs whenever something was changed."""
        try:
            return (self.folder / _POINTER).read_bytes()
        except FileNotFoundError:
            return b""

    def pointer(self, stamp: bytes | None = None) -> Pointer:
        """Read what runs, or ran at a stamp; raises RuleError where the pointer is damaged."""
        raw = self.stamp() if stamp is None else stamp
        if not raw:
            return Pointer()
        try:
            pointer = msgspec.json.decode(raw, type=Pointer)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise RuleError(
                f"{self.folder / _POINTER} cannot be read ({error}); {_RESTORE}"
            ) from None
        if pointer.format != FORMAT:
            raise RuleError(
                f"{self.folder / _POINTER} has format {pointer.format}, this version reads "
                f"{FORMAT}: use the Preflight version that wrote it"
            )
        return pointer

    def current(self, kind: str) -> str | None:
        """Tell which version of a kind runs; None where nothing of it was published."""
        return self.pointer().versions.get(kind)

    def published(self, kind: str) -> tuple[str, ...]:
        """Name the versions of a kind that ever ran, the latest last; each once."""
        ran = [
            one.line.after
            for one in effective(self.log.read(), self.pointer())
            if one.line.kind == kind and one.line.after is not None
        ]
        return tuple(reversed(dict.fromkeys(reversed(ran))))

    def need(self, kind: str, name: str) -> str:
        """Give the version of a kind that ran and begins so; raises RuleError."""
        known = self.published(kind)
        found = [version for version in known if version.startswith(name)] if name else []
        if len(found) == 1:
            return found[0]
        told = "several versions begin" if found else "no version that ever ran begins"
        hint = suggest(name, known)
        raise RuleError(f"{told} with {name!r}.{hint} The history names them: {_listed(known)}")

    def path(self, kind: str, version: str) -> Path:
        """Give a version's folder, every file compared with its fingerprint; raises RuleError."""
        place = self.folder / kind / version
        manifest = self._read_manifest(place)
        if manifest.kind != kind or _named(manifest) != version:
            raise RuleError(f"{place / _MANIFEST} is not what version {version} was; {_WAY_OUT}")
        found = {
            path.relative_to(place).as_posix(): path for path in place.rglob("*") if path.is_file()
        }
        found.pop(_MANIFEST)
        for name in sorted(found.keys() ^ manifest.files.keys()):
            verb = "does not belong to" if name in found else "is missing from"
            raise RuleError(f"{place / name} {verb} version {version}; {_WAY_OUT}")
        for name, path in found.items():
            if _digest(path) != manifest.files[name]:
                raise RuleError(f"{path} was changed after it was published; {_WAY_OUT}")
        return place

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep every other writer out, in this process and others, until the block ends."""
        with locked(self.folder):
            yield

    def write(self, kind: str, files: Mapping[str, bytes]) -> str:
        """Write a version, whole or not at all; it runs from `point` on. Call it while writing."""
        manifest = _manifest(kind, files)
        version = _named(manifest)
        if not self._is_whole(kind, version):
            written = {**files, _MANIFEST: _encoder.encode(manifest)}
            write_folder(self.folder / kind / version, written)
        return version

    def point(self, line: AuditLine) -> Pointer:
        """Write a step down, then make its version the current one; call it while writing."""
        pointer = self.pointer()
        self._settle(pointer, line)
        recorded = self.log.append(line)
        others = {kind: one for kind, one in pointer.versions.items() if kind != line.kind}
        mine = {} if line.after is None else {line.kind: line.after}
        moved = Pointer(versions={**others, **mine}, line=recorded.digest)
        replace_file(self.folder / _POINTER, _encoder.encode(moved))
        return moved

    def faults(self) -> tuple[str, ...]:
        """Say what is wrong with the audit: a broken chain, or lines that are gone."""
        lines, pointer = self.log.read(), self.pointer()
        found = list(faults_of(lines))
        if pointer.line is not None and pointer.line not in {one.digest for one in lines}:
            found.append("the line that made the current versions run is not there any more")
        if len(unfinished(lines, pointer)) > 1:
            found.append("what runs is older than what the lines say")
        return tuple(found)

    def _settle(self, pointer: Pointer, line: AuditLine) -> None:
        """Void the step that a crash cut off; only a rollback mends a pointer that went back."""
        left = unfinished(self.log.read(), pointer)
        if len(left) == 1:
            self.log.append(_void(left[0], line))
        elif left and line.verb is not Verb.ROLLBACK:
            raise RuleError(
                f"{self.folder / _POINTER} is older than {self.log.path}; restore it from a copy, "
                "or say by a rollback what runs"
            )

    def keep_report(self, report: bytes) -> str:
        """Keep a report and give the fingerprint that it is found by."""
        name = sha256(report).hexdigest()[:_VERSION_DIGITS]
        place = self.report_path(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, report)
        return name

    def report_path(self, name: str) -> Path:
        """Tell where a report lies."""
        return self.folder / _REPORTS / f"{name}.json"

    def _is_whole(self, kind: str, version: str) -> bool:
        try:
            self.path(kind, version)
        except RuleError:
            return False
        return True

    def _read_manifest(self, place: Path) -> Manifest:
        try:
            return msgspec.json.decode((place / _MANIFEST).read_bytes(), type=Manifest)
        except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
            raise RuleError(f"{place / _MANIFEST} cannot be read ({error}); {_WAY_OUT}") from None


_RESTORE = "restore it from a copy; the last line of the audit says what it held"


def unfinished(lines: tuple[Recorded, ...], pointer: Pointer) -> tuple[Recorded, ...]:
    """Give the steps that were written down but cut off before the pointer moved."""
    numbers = [one.line.number for one in lines if one.digest == pointer.line]
    last = numbers[-1] if numbers else 0
    voided = {one.line.evidence.get("line") for one in lines if one.line.verb is Verb.VOID}
    return tuple(
        one
        for one in lines
        if one.line.verb in POINTING and one.line.number > last and one.line.number not in voided
    )


def effective(lines: tuple[Recorded, ...], pointer: Pointer) -> tuple[Recorded, ...]:
    """Give the steps that did change what runs, oldest first."""
    voided = {one.line.evidence.get("line") for one in lines if one.line.verb is Verb.VOID}
    cut = {one.line.number for one in unfinished(lines, pointer)} | voided
    return tuple(one for one in lines if one.line.verb in POINTING and one.line.number not in cut)


def store_of(home: Path) -> ReleaseStore:
    """Give the releases of a data folder."""
    return ReleaseStore(home / RELEASES_FOLDER)


def _void(left: Recorded, line: AuditLine) -> AuditLine:
    told = f"line {left.line.number} was cut off before it took effect"
    return AuditLine(
        at=line.at,
        by=line.by,
        verb=Verb.VOID,
        kind=left.line.kind,
        why=told,
        evidence={"line": left.line.number},
    )


def _manifest(kind: str, files: Mapping[str, bytes]) -> Manifest:
    digests = {name: sha256(files[name]).hexdigest() for name in sorted(files)}
    return Manifest(format=FORMAT, kind=kind, files=digests)


def _named(manifest: Manifest) -> str:
    return sha256(_encoder.encode(manifest)).hexdigest()[:_VERSION_DIGITS]


def _digest(path: Path) -> str:
    try:
        return digest_of_file(path)
    except OSError as error:
        raise RuleError(f"{path} cannot be read ({error.strerror}); {_WAY_OUT}") from None


def _listed(versions: tuple[str, ...]) -> str:
    return ", ".join(versions) or "none was published yet"
