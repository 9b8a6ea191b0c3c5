"""Publishes a draft and rolls back: hot, in one atomic step, each written down before it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct

from features.errors import RuleError
from features.progress import Progress, silent
from rules.lists.store import store_of as list_store_of
from rules.releases.approval import approval, known
from rules.releases.audit import Recorded, Verb
from rules.releases.checking import CheckReport, examine
from rules.releases.desk import Desk
from rules.releases.drafts import Draft
from rules.releases.fitting import check_fit
from rules.releases.kinds import BOOK, Kind
from rules.releases.opinion import (
    Opinion,
    Status,
    agreed,
    context_of,
    refused,
    second_opinion,
)
from rules.releases.sample import SampleSource
from rules.releases.store import SHIPPED, effective, version_of

Evidence = Mapping[str, str | int | float | bool | None]


class Published(Struct, frozen=True, kw_only=True):
    """What runs now, and what ran before."""

    kind: str
    version: str
    before: str
    fingerprint: str
    """What decisions call it."""
    by: str
    second_opinion: str = ""
    approved_by: str = ""
    backtest: str = ""
    """The report of the backtest of this content; empty where there was none."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under which conditions a draft is published."""

    why: str = ""
    over: str | None = None
    """The version that may be replaced though the draft was not drawn from it."""
    without_second_opinion: bool = False
    """Publish where no second opinion can be had; never where it differs."""
    sample: SampleSource = field(default_factory=SampleSource)


def publish(
    desk: Desk, draft: Draft, conditions: Conditions, progress: Progress = silent
) -> Published:
    """Make what an approved draft holds run; raises RuleError, and then nothing has changed."""
    files = draft.files()
    content = version_of(draft.kind.name, files)
    why = _why(conditions.why or draft.why, "publish")
    _check_log(desk)
    _check_base(desk, draft, conditions.over)
    if content == desk.current(draft.kind):
        raise RuleError(f"draft {draft.name} holds version {content}, which runs already")
    approved = approval(draft, content)
    beside = _beside(desk, draft.kind)
    report = examine(desk, draft, files, progress)
    opinion = _opinion(desk, draft, content, conditions)
    with desk.store.writing():
        _check_base(desk, draft, conditions.over)
        if _beside(desk, draft.kind) != beside:
            told = f"draft {draft.name}: something else was published meanwhile"
            raise RuleError(f"{told}; publish it again, to be checked beside that")
        _adopt(desk, draft.kind)
        version = desk.store.write(draft.kind.name, files)
        before = desk.current(draft.kind)
        evidence = {**_evidence(draft, report, approved, opinion), "read_by": desk.reader}
        line = desk.line(
            Verb.PUBLISH, draft.kind, draft=draft.name, content=content, why=why,
            before=_stored(before), after=version, evidence=evidence,
        )  # fmt: skip
        desk.store.point(line)
    return Published(
        kind=draft.kind.name,
        version=version,
        before=before,
        fingerprint=report.fingerprint,
        by=line.by,
        second_opinion=str(opinion.get("second_opinion", "")),
        approved_by=approved.line.by,
        backtest=str(evidence.get("backtest") or ""),
    )


def roll_back(desk: Desk, kind: Kind, to: str | None, why: str) -> Published:
    """Make an earlier version run again, the one before the current if none is named.

    Raises RuleError where it is damaged or does not fit what runs beside it; then nothing has
    changed.
    """
    said = _why(why, "rollback")
    with desk.store.writing():
        before = desk.current(kind)
        wanted = _earlier(desk, kind, before) if to is None else desk.named(kind, to)
        if wanted == before:
            raise RuleError(f"{kind.name} {wanted} runs already; name another version by --to")
        if wanted == SHIPPED and kind.adopts:
            wanted = desk.store.write(kind.name, {})  # own files beside it stay out
        fingerprint = _read_before(desk, kind, wanted) or _read(desk, kind, wanted)
        line = desk.line(
            Verb.ROLLBACK,
            kind,
            content=_stored(wanted),
            before=_stored(before),
            after=_stored(wanted),
            why=said,
            evidence={"fingerprint": fingerprint, "read_by": desk.reader},
        )
        desk.store.point(line)
    return Published(
        kind=kind.name, version=wanted, before=before, fingerprint=fingerprint, by=line.by
    )


def _read(desk: Desk, kind: Kind, version: str) -> str:
    """Load a version, hold it to what runs beside it, and give what decisions call it."""
    catalog = desk.load_catalog()
    loaded = desk.loaded(kind, version, catalog)
    check_fit(desk, kind, loaded, catalog)
    return kind.fingerprint(loaded)


def _read_before(desk: Desk, kind: Kind, version: str) -> str | None:
    """Give what decisions call a book that this Preflight has read before: it need not again.

    Reading takes most of the time of a rollback. The files are compared with their fingerprints;
    where there are lists, the book is read to hold them to it.
    """
    if kind is not BOOK or version == SHIPPED or list_store_of(desk.home).names():
        return None
    desk.store.path(kind.name, version)
    for one in reversed(effective(desk.store.log.read(), desk.store.pointer())):
        line = one.line
        if (line.kind, line.after) == (kind.name, version):
            known = line.evidence.get("fingerprint")
            return str(known) if known and line.evidence.get("read_by") == desk.reader else None
    return None


def _opinion(desk: Desk, draft: Draft, content: str, conditions: Conditions) -> Evidence:
    """Give the second opinion that is on record, or ask for one; raises RuleError if it differs."""
    if not draft.kind.is_judged:
        return {}
    found = agreed(draft, content, context_of(desk, draft))
    if found is not None:
        report = found.line.evidence.get("report")
        return {"second_opinion": Status.AGREES.value, "opinion": report}
    opinion = second_opinion(desk, draft, conditions.sample)
    if opinion.content != content:
        raise RuleError(f"draft {draft.name} was edited while it was published; start again")
    if opinion.status is Status.DIFFERS:
        raise refused(opinion)
    if opinion.status is not Status.AGREES and not conditions.without_second_opinion:
        raise _not_had(opinion)
    without = opinion.status is not Status.AGREES
    said = {"second_opinion": opinion.status.value, "opinion": opinion.report}
    return {**said, "without_second_opinion": without} if without else said


def _not_had(opinion: Opinion) -> RuleError:
    told = "is not available" if opinion.status is Status.UNAVAILABLE else "could not be had"
    return RuleError(
        f"draft {opinion.draft} is not published: a second opinion {told}: {opinion.told} "
        "To publish without one, which is recorded: --without-second-opinion"
    )


def _evidence(
    draft: Draft, report: CheckReport, approved: Recorded, opinion: Evidence
) -> dict[str, str | int | float | bool | None]:
    return {
        "approved_by": approved.line.by,
        "approval": approved.line.number,
        "fingerprint": report.fingerprint,
        **known(draft, report.content),
        **opinion,
    }


def _adopt(desk: Desk, kind: Kind) -> None:
    """Keep own files that ran unpublished as a version, so that a rollback leads back to them."""
    if not kind.adopts or desk.current(kind) != SHIPPED:
        return
    version = desk.store.write(kind.name, kind.files(desk.home))
    told = f"what lay in {desk.home} when the first version was published"
    line = desk.line(Verb.ADOPT, kind, content=version, after=version, why=told)
    desk.store.point(line)


def _earlier(desk: Desk, kind: Kind, current: str) -> str:
    """Find what ran before the current version was first published after it."""
    steps = effective(desk.store.log.read(), desk.store.pointer())
    for one in reversed([step.line for step in steps if step.line.kind == kind.name]):
        if one.after == _stored(current) and one.verb is Verb.PUBLISH:
            return one.before or SHIPPED
    raise RuleError(f"no {kind.name} ran before {current}; name a version by --to")


def _beside(desk: Desk, kind: Kind) -> Mapping[str, str]:
    """Name what runs of the other kinds: it was checked with these."""
    versions = desk.store.pointer().versions
    return {name: version for name, version in versions.items() if name != kind.name}


def _check_base(desk: Desk, draft: Draft, over: str | None) -> None:
    """Refuse to undo unseen what somebody published since the draft was begun."""
    current = desk.current(draft.kind)
    named = None if over is None else desk.named(draft.kind, over)
    if current in draft.grounds or current == named:
        return
    raise RuleError(
        f"draft {draft.name} was begun on {draft.base}, but {current} runs since; compare them "
        f"(preflight {draft.kind.word} diff {current} {draft.name}), and to replace it: "
        f"--over {current}"
    )


def _check_log(desk: Desk) -> None:
    faults = desk.store.faults()
    if faults:
        raise RuleError(
            f"{desk.store.log.path} does not hold: {'; '.join(faults)}. Approvals stand in it, so "
            "nothing is published; restore it from a copy"
        )


def _why(why: str, verb: str) -> str:
    if not why.strip():
        raise RuleError(f"say why with --why, such as --why 'limits of the new contract' ({verb})")
    return why.strip()


def _stored(version: str) -> str | None:
    return None if version == SHIPPED else version
