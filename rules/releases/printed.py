"""What the steps of an edit say to a person."""

from collections.abc import Iterator
from typing import Any

import msgspec

from rules.releases.audit import Recorded, Verb
from rules.releases.checking import CheckReport
from rules.releases.differences import VersionDiff
from rules.releases.drafts import Draft
from rules.releases.history import HistoryReport, Step
from rules.releases.opinion import Opinion, Status
from rules.releases.publishing import Published

_WIDEST = 90


def draft_row(draft: Draft) -> dict[str, Any]:
    """Give a draft as it is told to a script; `content` is None where its files are gone."""
    content = draft.content() if draft.is_there() else None
    return {
        "draft": draft.name,
        "kind": draft.kind.name,
        "folder": str(draft.folder),
        "author": draft.author,
        "base": draft.base,
        "content": content,
        "checked": bool(_done(draft, Verb.CHECK, content)),
        "backtested": bool(_done(draft, Verb.BACKTEST, content)),
        "approved_by": [one.line.by for one in _done(draft, Verb.APPROVE, content)],
        "why": draft.why,
    }


def draft_lines(draft: Draft) -> Iterator[str]:
    """Say where a draft lies, and what was done with what it holds."""
    row = draft_row(draft)
    content = row["content"] or "its files are gone; discard it"
    yield f"{draft.name}: {content}, by {draft.author}, begun on {draft.base}"
    yield f"  edit {', '.join(draft.kind.patterns)} in {draft.folder}"
    done = [word for word in ("checked", "backtested") if row[word]]
    done += [f"approved by {by}" for by in row["approved_by"]]
    yield f"  as it stands: {', '.join(done) or 'nothing was done with it yet'}"


def check_lines(report: CheckReport) -> Iterator[str]:
    """Say what a check found."""
    yield f"{report.draft}: {report.content} may run; decisions will call it {report.fingerprint}"
    if report.rules:
        yield f"  {report.rules} rules, {report.examples} examples, all as they should be"
    for claim in report.claims:
        yield f"  lint: {claim}"
    if report.undecided:
        yield f"  lint: {report.undecided} not decided"
    for note in report.notes:
        yield f"  note: {note}"


def opinion_lines(opinion: Opinion) -> Iterator[str]:
    """Say what the second opinion is, on what, and where the engines differ."""
    hearing = opinion.hearing
    if hearing is None:
        yield f"{opinion.draft}: no second opinion ({opinion.status}): {opinion.told}"
        return
    word = "agrees" if opinion.status is Status.AGREES else f"DIFFERS on {hearing.differing} rows"
    yield (
        f"{opinion.draft}: {hearing.engine} {word}: {hearing.examples} examples, {hearing.orders} "
        f"recent orders ({opinion.source}), {hearing.unreadable} not readable"
    )
    for one in hearing.differences:
        yield f"  {one.source} {one.name} on {one.channel}: {', '.join(one.codes)}"
        yield f"    compiled: {_verdict(one.compiled_hits, one.compiled_missing)}"
        yield f"    {hearing.engine}: {_verdict(one.other_hits, one.other_missing)}"
        yield f"    facts: {msgspec.json.encode(one.facts).decode()}"
    yield f"  report {opinion.report}"


def published_lines(published: Published, seconds: float) -> Iterator[str]:
    """Say what runs now."""
    yield (
        f"{published.kind} {published.version} runs since now, before it {published.before} "
        f"({seconds:.2f} s)"
    )
    yield f"  decisions call it {published.fingerprint}"
    if published.approved_by:
        yield (
            f"  approved by {published.approved_by}; second opinion: "
            f"{published.second_opinion or 'does not apply'}; backtest: "
            f"{published.backtest or 'none of this content'}"
        )


def history_lines(report: HistoryReport) -> Iterator[str]:
    """Say every step, one a line; `*` marks what runs."""
    for step in report.steps:
        mark = "*" if step.is_current else "x" if step.cut_off else " "
        yield f"{mark} {step.at:%Y-%m-%d %H:%M:%S}Z  {step.verb:8} {_step(step)}".rstrip()
    yield f"{report.current} runs"


def diff_lines(found: VersionDiff) -> Iterator[str]:
    """Say what differs, part by part and field by field."""
    yield f"{found.kind}: {found.before} → {found.after}"
    if found.is_empty:
        yield "  nothing differs but perhaps comments, or how it is spread over files"
    for name in found.added:
        yield f"  + {name}"
    for name in found.removed:
        yield f"  - {name}"
    for part in found.changed:
        yield f"  ~ {part.name}"
        for change in part.fields:
            yield f"      {change.field}: {_short(change.before)} → {_short(change.after)}"


def _done(draft: Draft, verb: Verb, content: str | None) -> tuple[Recorded, ...]:
    return () if content is None else draft.said(verb, content)


def _step(step: Step) -> str:
    if step.verb in (Verb.PUBLISH, Verb.ROLLBACK, Verb.ADOPT):
        what = f"{step.before or 'shipped'} → {step.after or 'shipped'}"
    else:
        what = f"{step.draft or ''} {step.content or ''}".strip()
    without = "  WITHOUT SECOND OPINION" if step.evidence.get("without_second_opinion") else ""
    status = step.evidence.get("status") or ""
    return f"{what}  by {step.by}  {status}{step.why}{without}"


def _verdict(hits: tuple[str, ...], missing: tuple[str, ...]) -> str:
    open_ = f", open: {', '.join(missing)}" if missing else ""
    return f"fires: {', '.join(hits) or 'none'}{open_}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else msgspec.json.encode(value).decode()
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"
