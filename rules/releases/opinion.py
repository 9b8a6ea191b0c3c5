"""The second opinion: another engine, in a process of its own, on examples and recent orders."""

import tempfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct

from features.errors import RuleError
from rules.releases.audit import Recorded, Verb
from rules.releases.checking import unpacked
from rules.releases.child import Answer
from rules.releases.desk import Desk
from rules.releases.drafts import Draft
from rules.releases.hearing import Docket, Hearing
from rules.releases.kinds import BOOK, PACKS
from rules.releases.loading import folder_in_force
from rules.releases.sample import Sample, SampleSource, take_sample
from rules.releases.store import version_of


class Status(StrEnum):
    """What came of asking."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNAVAILABLE = "unavailable"
    """The engine is not there: Python 3.13 or later, or no durable-rules."""
    FAILED = "failed"
    """The engine is there, but gave no answer to trust."""


class Opinion(Struct, frozen=True, kw_only=True):
    """The second opinion on one content, with what it was formed on."""

    kind: str
    draft: str
    content: str
    context: dict[str, str]
    """What else ran: an opinion holds for this alone."""
    status: Status
    source: str
    """Where the recent orders come from."""
    sampled: int
    told: str = ""
    hearing: Hearing | None = None
    report: str = ""
    """The fingerprint of the kept report."""


def second_opinion(desk: Desk, draft: Draft, source: SampleSource) -> Opinion:
    """Ask for a second opinion on a draft, keep it whole, and write down what came of it.

    Raises RuleError for a kind by which no rule is evaluated.
    """
    if not draft.kind.is_judged:
        raise RuleError(f"{draft.kind.name} hold no rules: there is nothing to have an opinion on")
    files = draft.files()
    sample = take_sample(source, desk.home, desk.catalog_path)
    answer = _ask(desk, draft, files, sample)
    opinion = Opinion(
        kind=draft.kind.name,
        draft=draft.name,
        content=version_of(draft.kind.name, files),
        context=context_of(desk, draft),
        status=_status(answer),
        source=sample.source,
        sampled=len(sample.orders),
        told=answer.unavailable or answer.failed,
        hearing=answer.hearing,
    )
    with desk.store.writing():
        report = desk.store.keep_report(msgspec.json.encode(opinion))
        kept = msgspec.structs.replace(opinion, report=report)
        line = desk.line(
            Verb.OPINION, draft.kind, draft=draft.name, content=kept.content, evidence=_said(kept)
        )
        desk.store.log.append(line)
    return kept


def context_of(desk: Desk, draft: Draft) -> dict[str, str]:
    """Name what else the rules are evaluated with: the other kinds, and the catalog."""
    others = [kind for kind in (BOOK, PACKS) if kind is not draft.kind]
    versions = {kind.name: desk.current(kind) for kind in others}
    return {**versions, "catalog": desk.load_catalog().schema_hash}


def agreed(draft: Draft, content: str, context: Mapping[str, str]) -> Recorded | None:
    """Find the last opinion on a content in a context, if it agrees."""
    for one in reversed(draft.said(Verb.OPINION, content)):
        evidence = one.line.evidence
        if all(evidence.get(f"with_{name}") == version for name, version in context.items()):
            return one if evidence.get("status") == Status.AGREES else None
    return None


def refused(opinion: Opinion) -> RuleError:
    """Make the error that says which rows the engines answer differently."""
    hearing = opinion.hearing
    rows = hearing.differences if hearing is not None else ()
    count = hearing.differing if hearing is not None else 0
    told = "; ".join(
        f"{row.source} {row.name} ({row.channel}), rules {', '.join(row.codes)}, "
        f"facts {msgspec.json.encode(row.facts).decode()}"
        for row in rows[:3]
    )
    return RuleError(
        f"draft {opinion.draft} is not published: the second opinion differs on {count} rows, "
        f"such as {told}. Report {opinion.report} holds them"
    )


def _ask(desk: Desk, draft: Draft, files: Mapping[str, bytes], sample: Sample) -> Answer:
    with unpacked(files) as folder, tempfile.TemporaryDirectory(prefix="preflight-sample-") as own:
        orders = Path(own, "orders.jsonl")
        orders.write_bytes(msgspec.json.Encoder().encode_lines(sample.orders))
        return desk.second_opinion(_docket(desk, draft, folder, orders))


def _docket(desk: Desk, draft: Draft, folder: Path, orders: Path) -> Docket:
    book = folder if draft.kind is BOOK else folder_in_force(BOOK, desk.store)
    packs = folder if draft.kind is PACKS else folder_in_force(PACKS, desk.store)
    catalog = desk.catalog_path
    return Docket(
        book=None if book is None else str(book),
        packs=str(packs or desk.home),
        catalog=None if catalog is None else str(catalog),
        home=str(desk.home),
        orders=str(orders),
    )


def _status(answer: Answer) -> Status:
    if answer.hearing is not None:
        return Status.DIFFERS if answer.hearing.differing else Status.AGREES
    return Status.UNAVAILABLE if answer.unavailable else Status.FAILED


def _said(opinion: Opinion) -> dict[str, str | int | float | bool | None]:
    hearing = opinion.hearing
    found: dict[str, str | int | float | bool | None] = {
        "status": opinion.status.value,
        "source": opinion.source,
        "sampled": opinion.sampled,
        "report": opinion.report,
        **{f"with_{name}": version for name, version in opinion.context.items()},
    }
    if hearing is None:
        return {**found, "told": opinion.told}
    return found | {
        "engine": hearing.engine,
        "examples": hearing.examples,
        "orders": hearing.orders,
        "unreadable": hearing.unreadable,
        "differing": hearing.differing,
    }
