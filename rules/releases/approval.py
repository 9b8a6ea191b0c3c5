"""Approval by another person than the author; it is bound to the very content."""

from features.errors import RuleError
from rules.releases.audit import Recorded, Verb
from rules.releases.desk import Desk
from rules.releases.drafts import Draft
from rules.releases.people import person, same_person

_VOUCHED = (Verb.DRAFT, Verb.CHECK)


def approve(desk: Desk, draft: Draft, why: str = "") -> Recorded:
    """Approve what a draft holds at this moment; any later edit voids it.

    Raises RuleError where it was not checked as it stands, or where nobody but the approver has
    put a name to it: neither its author nor whoever edited it last may approve it.
    """
    content, by = draft.content(), person(desk.by)
    word, name = draft.kind.word, draft.name
    if same_person(by, draft.author):
        raise RuleError(
            f"draft {name}: {by} is its author ({draft.author}); another person approves it: "
            f"preflight {word} approve {name} --by PERSON"
        )
    if not draft.said(Verb.CHECK, content):
        raise RuleError(
            f"draft {name} was not checked as it stands ({content}); its author runs: "
            f"preflight {word} check {name}"
        )
    vouched = [one for verb in _VOUCHED for one in draft.said(verb, content)]
    if all(same_person(by, one.line.by) for one in vouched):
        raise RuleError(
            f"draft {name}: nobody but {by} has put a name to it as it stands ({content}), so it "
            f"may be {by}'s own edit; {draft.author} runs: preflight {word} check {name}"
        )
    line = desk.line(
        Verb.APPROVE,
        draft.kind,
        draft=name,
        content=content,
        why=why,
        evidence=known(draft, content),
    )
    return desk.record(line)


def approval(draft: Draft, content: str) -> Recorded:
    """Find the approval of a content; raises RuleError where there is none, or it is stale."""
    valid = draft.said(Verb.APPROVE, content)
    if valid:
        return valid[-1]
    word, name = draft.kind.word, draft.name
    earlier = draft.said(Verb.APPROVE)
    if earlier:
        line = earlier[-1].line
        raise RuleError(
            f"draft {name} was edited after {line.by} approved it: approved is {line.content}, it "
            f"now holds {content}; check it and have it approved again"
        )
    raise RuleError(
        f"draft {name} is not approved; another person than {draft.author} runs: "
        f"preflight {word} approve {name} --by PERSON"
    )


def known(draft: Draft, content: str) -> dict[str, str | int | float | bool | None]:
    """Say which reports about a content are there: of the backtest and of the second opinion."""
    reports = {}
    for verb in (Verb.BACKTEST, Verb.OPINION):
        lines = draft.said(verb, content)
        reports[verb.value] = lines[-1].line.evidence.get("report") if lines else None
    return {**reports}
