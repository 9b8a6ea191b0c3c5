"""What the doctor says: findings, what is in order, and what could not be checked and why."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from rules.code_names import expanded
from rules.decision import Basis, Text
from rules.entries import Note
from rules.pack import Pack
from rules.yaml_file import read_yaml

FAULTS_FILE = Path(__file__).with_name("faults.yaml")
_NOT_PAYMENTS = frozenset({"refund"})


class Weight(StrEnum):
    """How bad a finding is; a blocking one hits every order alike."""

    BLOCK = "block"
    WARN = "warn"


class FaultEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fault that the doctor knows; the texts are filled from what was found."""

    weight: Weight
    basis: Basis
    text: Text
    advice: Text
    answers: tuple[Annotated[str, Meta(pattern=r"^[a-z_]+/[a-z_]+$")], ...] = ()
    """Class and subclass of the code table: what the channel answers to it."""
    source: Note | None = None


class FaultsFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All faults, by their stable names."""

    faults: dict[str, FaultEntry]


class Finding(Struct, frozen=True, kw_only=True):
    """One fault of the settings; `codes` is what the channel would answer, where that is known."""

    fault: str
    weight: Weight
    field: str
    found: str
    expected: str
    codes: tuple[str, ...]
    text: Text
    advice: Text
    basis: Basis
    source: str | None


class NotChecked(Struct, frozen=True, kw_only=True):
    """What could not be checked, and why."""

    field: str
    why: str


class Report(Struct, frozen=True, kw_only=True):
    """What the doctor found; `passed` names the settings that were checked and are in order."""

    channel: str
    version: str
    findings: tuple[Finding, ...]
    passed: tuple[str, ...]
    not_checked: tuple[NotChecked, ...]

    @property
    def is_blocking(self) -> bool:
        """Tell whether some finding would hit every order."""
        return any(finding.weight is Weight.BLOCK for finding in self.findings)


class Fault(Struct, frozen=True, kw_only=True):
    """A fault as a check sees it: its name, where, what was there, what belongs there."""

    name: str
    field: str
    found: str
    expected: str = ""
    fact: str | None = None
    """The pack's fact that is broken; its source is told."""


class Passed(Struct, frozen=True):
    """A setting that was checked and is in order."""

    field: str


Verdict = Fault | Passed | NotChecked


@cache
def load_faults() -> Mapping[str, FaultEntry]:
    """Read every fault that the doctor knows."""
    file, _ = read_yaml(FAULTS_FILE, FaultsFile)
    return file.faults


def finding_of(fault: Fault, pack: Pack) -> Finding:
    """Put a fault into words, with the codes by which this channel would refuse."""
    entry = load_faults()[fault.name]
    words = {"field": fault.field, "found": fault.found, "expected": fault.expected}
    return Finding(
        fault=fault.name,
        weight=entry.weight,
        field=fault.field,
        found=fault.found,
        expected=fault.expected,
        codes=codes_of(pack, entry.answers),
        text=Text(zh=entry.text.zh.format(**words), en=entry.text.en.format(**words)),
        advice=Text(zh=entry.advice.zh.format(**words), en=entry.advice.en.format(**words)),
        basis=entry.basis,
        source=entry.source or _source_of(pack, fault.fact),
    )


def _source_of(pack: Pack, name: str | None) -> str | None:
    fact = None if name is None else pack.file.facts.get(name)
    return None if fact is None else f"{fact.source}, grade {fact.grade}"


def codes_of(pack: Pack, answers: tuple[str, ...]) -> tuple[str, ...]:
    """List the channel's own codes for classes of answers; none where no code is known."""
    rows = [
        row
        for wanted in answers
        for row in pack.codes.rows
        if row.table in pack.file.code_tables and row.api not in _NOT_PAYMENTS
        if f"{row.mapped.outcome_class}/{row.mapped.subclass}" == wanted
    ]
    return tuple(dict.fromkeys(next(expanded(row.code)) for row in rows))
