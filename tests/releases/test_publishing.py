"""Approval, publication and rollback: by two people, on what was checked, and never half."""

from pathlib import Path
from typing import Any

import pytest

from features.catalog import load_catalog
from features.errors import RuleError
from rules.engines.compiled import CompiledEngine
from rules.engines.engine import Verdict
from rules.releases.approval import approve
from rules.releases.audit import Verb
from rules.releases.checking import check
from rules.releases.child import Answer, answer
from rules.releases.drafts import Draft, begin, find
from rules.releases.hearing import Docket
from rules.releases.history import history
from rules.releases.kinds import BOOK, COSTS, PACKS, Kind
from rules.releases.loading import book_in_force, packs_in_force, released
from rules.releases.opinion import second_opinion
from rules.releases.publishing import Conditions, Published, publish, roll_back
from rules.releases.sample import SampleSource

CATALOG = load_catalog()
BOOK_TEXT = (
    "rules:\n  - {code: CLOSED, title: {zh: 关, en: Closed}, when: 'state == \"closed\"', "
    "outcome_class: risk_block, severity: warn, basis: heuristic, source: ours, grade: H, "
    "reason: {zh: 关, en: Closed}, examples: {fires: [{state: closed}], passes: [{state: new}]}}"
)
WHY = Conditions(why="the new contract")
DIFFERS = """
    from rules.engines.compiled import CompiledEngine
    from rules.engines.engine import Verdict
    from rules.releases.child import main

    class Planted(CompiledEngine):
        name = "planted"

        def evaluate(self, row):
            verdict = super().evaluate(row)
            return Verdict(verdict.hits - {"CLOSED_ORDER"}, verdict.missing)

    main(Planted)
"""
NOT_THERE = """
    import sys
    sys.modules["durable_rules_engine"] = None  # as on Python 3.13, where it cannot be built
    from rules.releases.child import main
    main()
"""
CRASHES = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"


def edit(draft: Draft, old: str = "500000", new: str = "400000") -> None:
    """Another threshold, with its examples."""
    path = draft.folder / "amounts.yaml"
    text = path.read_text("utf-8")
    edge = text.replace(str(int(old) + 1), str(int(new) + 1)).replace(old, new)
    path.write_text(edge, "utf-8")


@pytest.fixture
def draft(desk: Any, book_folder: Path) -> Draft:
    return begin(desk("ana"), BOOK, "two", str(book_folder), why="less")


def again(desk: Any, draft: Draft) -> Draft:
    return find(desk(), draft.kind, draft.name)


def approved(desk: Any, draft: Draft) -> Draft:
    check(desk("ana"), draft)
    approve(desk("bo"), again(desk, draft))
    return again(desk, draft)


def published(desk: Any, draft: Draft, conditions: Conditions = WHY) -> Published:
    return publish(desk("ana"), approved(desk, draft), conditions)


def running(home: Path) -> list[str]:
    return [rule.code for rule in book_in_force(home)]


@pytest.mark.parametrize("name", ["ana", " ANA ", "Ａｎａ"])
def test_an_author_does_not_approve_an_own_draft(desk: Any, draft: Draft, name: str) -> None:
    check(desk("ana"), draft)
    with pytest.raises(RuleError, match=r"is its author \(ana\)"):
        approve(desk(name), again(desk, draft))
    with pytest.raises(RuleError, match="draft two is not approved"):
        publish(desk("ana"), again(desk, draft), WHY)


def test_nobody_approves_what_was_not_checked(desk: Any, draft: Draft) -> None:
    with pytest.raises(RuleError, match="was not checked as it stands"):
        approve(desk("bo"), draft)


def test_nobody_approves_what_they_may_have_edited_themselves(desk: Any, draft: Draft) -> None:
    edit(draft)
    check(desk("bo"), draft)
    with pytest.raises(RuleError, match=r"nobody but bo has put a name to it"):
        approve(desk("bo"), again(desk, draft))
    check(desk("ana"), again(desk, draft))
    assert approve(desk("bo"), again(desk, draft)).line.by == "bo"


def test_an_edit_after_the_approval_voids_it(desk: Any, draft: Draft, home: Path) -> None:
    edit(approved(desk, draft))
    with pytest.raises(RuleError, match="was edited after bo approved it"):
        publish(desk("ana"), again(desk, draft), WHY)
    assert desk().current(BOOK) == "shipped"


def test_a_published_book_runs_and_the_audit_says_all_of_it(
    desk: Any, draft: Draft, home: Path
) -> None:
    done = published(desk, draft)
    assert running(home) == ["LARGE_ORDER", "CLOSED_ORDER"]
    assert (done.before, done.approved_by, done.second_opinion) == ("shipped", "bo", "agrees")
    line = desk().store.log.read()[-1].line
    assert (line.verb, line.by, line.why) == (Verb.PUBLISH, "ana", "the new contract")
    assert (line.before, line.after, line.content) == (None, done.version, done.version)
    assert line.evidence["approved_by"] == "bo"
    assert line.evidence["fingerprint"] == book_in_force(home).version
    assert history(desk(), BOOK).faults == ()


def test_a_publication_says_why(desk: Any, book_folder: Path) -> None:
    silent = approved(desk, begin(desk("ana"), BOOK, "two", str(book_folder)))
    with pytest.raises(RuleError, match="say why with --why"):
        publish(desk("ana"), silent, Conditions())


class Forgets(CompiledEngine):
    """An engine that never says that an input is missing."""

    name = "forgets"

    def evaluate(self, row: Any) -> Verdict:
        return Verdict(super().evaluate(row).hits, frozenset())


@pytest.mark.parametrize("without", [False, True])
def test_a_book_on_which_the_engines_differ_is_not_published(
    desk: Any, draft: Draft, child: Any, without: bool
) -> None:
    sure = approved(desk, draft)
    conditions = Conditions("so", without_second_opinion=without)  # no option hides a difference
    with pytest.raises(RuleError, match=r"differs on 1 rows, such as example .*facts"):
        publish(desk("ana", child(DIFFERS)), sure, conditions)
    assert desk().current(BOOK) == "shipped"
    assert again(desk, draft).said(Verb.OPINION)[-1].line.evidence["status"] == "differs"


def test_a_book_on_which_only_missing_inputs_differ_is_not_published(
    desk: Any, draft: Draft
) -> None:
    def ask(docket: Docket) -> Answer:
        return answer(docket, Forgets)

    with pytest.raises(RuleError, match=r"differs on \d rows"):
        publish(desk("ana", ask), approved(desk, draft), WHY)


def test_a_differing_row_is_shown_with_its_facts(desk: Any, draft: Draft, child: Any) -> None:
    found = second_opinion(desk("ana", child(DIFFERS)), draft, SampleSource()).hearing
    assert found is not None
    (row,) = found.differences
    assert (found.examples, found.differing) == (4, 1)
    assert (row.source, row.name) == ("example", "CLOSED_ORDER, example 1")
    assert (row.compiled_hits, row.other_hits) == (("CLOSED_ORDER",), ())
    assert row.facts["state"] == "closed"


@pytest.mark.parametrize(
    ("code", "told"),
    [(NOT_THERE, "is not available: There is no second opinion"), (CRASHES, "could not be had")],
)
def test_without_a_second_opinion_only_who_says_so_publishes_and_it_is_recorded(
    desk: Any, draft: Draft, child: Any, home: Path, code: str, told: str
) -> None:
    sure = approved(desk, draft)
    with pytest.raises(RuleError, match=told):
        publish(desk("ana", child(code)), sure, WHY)
    without = Conditions("so", without_second_opinion=True)
    done = publish(desk("ana", child(code)), again(desk, draft), without)
    assert done.second_opinion in ("unavailable", "failed")
    assert running(home) == ["LARGE_ORDER", "CLOSED_ORDER"]
    assert desk().store.log.read()[-1].line.evidence["without_second_opinion"] is True


def test_an_opinion_on_record_is_taken_for_the_same_content_only(
    desk: Any, draft: Draft, child: Any
) -> None:
    second_opinion(desk("ana"), draft, SampleSource())
    assert published(desk, again(desk, draft)).second_opinion == "agrees"
    opinions = len(again(desk, draft).said(Verb.OPINION))
    assert opinions == 1
    edit(draft)
    with pytest.raises(RuleError, match="could not be had"):
        publish(desk("ana", child(CRASHES)), approved(desk, again(desk, draft)), WHY)


def test_what_somebody_published_meanwhile_is_not_undone_unseen(
    desk: Any, draft: Draft, book_folder: Path
) -> None:
    other = begin(desk("cy"), BOOK, "other", str(book_folder), why="more")
    edit(other, new="600000")
    check(desk("cy"), other)
    approve(desk("bo"), again(desk, other))
    version = publish(desk("cy"), again(desk, other), WHY).version
    sure = approved(desk, draft)
    with pytest.raises(RuleError, match=rf"begun on shipped, but {version} runs since"):
        publish(desk("ana"), sure, WHY)
    done = publish(desk("ana"), sure, Conditions("so", over=version))
    assert done.before == version


def test_a_draft_is_mended_and_published_after_its_version_was_rolled_back(
    desk: Any, draft: Draft
) -> None:
    published(desk, draft)
    roll_back(desk("dee"), BOOK, None, "too many stops")
    edit(draft)
    assert published(desk, again(desk, draft)).before == "shipped"


def test_a_draft_is_published_again_after_its_own_version(desk: Any, draft: Draft) -> None:
    first = published(desk, draft)
    with pytest.raises(RuleError, match="which runs already"):
        publish(desk("ana"), again(desk, draft), WHY)
    edit(draft)
    assert published(desk, again(desk, draft)).before == first.version


def test_a_rollback_goes_back_step_by_step_and_to_any_version(
    desk: Any, draft: Draft, home: Path
) -> None:
    first = published(desk, draft).version
    edit(draft)
    second = published(desk, again(desk, draft)).version
    back = [roll_back(desk("dee"), BOOK, None, "too many stops").version for _ in range(2)]
    assert back == [first, "shipped"]
    assert desk().current(BOOK) == "shipped"
    with pytest.raises(RuleError, match="no book ran before shipped"):
        roll_back(desk("dee"), BOOK, None, "more")
    assert roll_back(desk("dee"), BOOK, second[:6], "again").version == second
    assert book_in_force(home).thresholds == {"LARGE_ORDER.amount_minor": 400_000}
    with pytest.raises(RuleError, match="runs already"):
        roll_back(desk("dee"), BOOK, "current", "again")
    with pytest.raises(RuleError, match="say why"):
        roll_back(desk("dee"), BOOK, "shipped", " ")


def test_a_version_that_this_preflight_has_not_read_is_read_before_it_runs_again(
    desk: Any, draft: Draft, seed: Any, home: Path
) -> None:
    seed(BOOK, {"a.yaml": b"rules: [{code: lower}]"})  # as if by a Preflight that allowed it
    now = desk().current(BOOK)
    published(desk, draft, Conditions("so", over=now))
    with pytest.raises(RuleError, match=r"a\.yaml, line 1"):
        roll_back(desk(), BOOK, None, "back")


def test_a_version_that_was_read_before_is_told_by_the_same_name(
    desk: Any, draft: Draft, home: Path
) -> None:
    first = published(desk, draft)
    edit(draft)
    published(desk, again(desk, draft))
    assert roll_back(desk(), BOOK, None, "back").fingerprint == first.fingerprint
    assert book_in_force(home).version == first.fingerprint


def test_a_damaged_version_is_not_rolled_back_to(desk: Any, draft: Draft, home: Path) -> None:
    first = published(desk, draft).version
    edit(draft)
    second = published(desk, again(desk, draft)).version
    (home / "releases" / "book" / first / "amounts.yaml").write_text("rules: []")
    with pytest.raises(RuleError, match="was changed after it was published"):
        roll_back(desk(), BOOK, None, "back")
    assert desk().current(BOOK) == second


def test_over_a_changed_audit_nothing_is_published_but_a_rollback_works(
    desk: Any, draft: Draft, home: Path
) -> None:
    first = published(desk, draft).version
    edit(draft)
    sure = approved(desk, again(desk, draft))
    log = home / "releases" / "audit.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"by":"bo"', b'"by":"cy"'))
    with pytest.raises(RuleError, match="Approvals stand in it, so nothing is published"):
        publish(desk("ana"), sure, WHY)
    assert roll_back(desk(), BOOK, "shipped", "back").before == first


def begun(desk: Any, kind: Kind, file: str, text: str) -> Draft:
    draft = begin(desk("ana"), kind, "mine", why="ours")
    path = draft.folder / file
    path.write_text(text, "utf-8")
    return draft


def test_costs_go_the_same_way_without_a_second_opinion(desk: Any, seed: Any) -> None:
    seed(BOOK, {"book.yaml": BOOK_TEXT.encode()})
    draft = begun(desk, COSTS, "costs.yaml", "refused_minor: 9\n")
    assert published(desk, draft).second_opinion == ""
    assert desk().in_force(CATALOG).costs.refused_minor == 9
    roll_back(desk(), COSTS, None, "too cheap")
    assert desk().in_force(CATALOG).costs.refused_minor == 2_000


PACK = """
channel: mine
extends: generic
title: {zh: 我方, en: Mine}
kinds: [order]
checked_on: 2026-11-22
"""


def test_own_packs_that_ran_before_are_what_a_rollback_leads_to(
    desk: Any, seed: Any, home: Path
) -> None:
    seed(BOOK, {"book.yaml": BOOK_TEXT.encode()})
    (home / "channels").mkdir(parents=True)
    (home / "channels" / "old.yaml").write_text(PACK.replace("mine", "old"), "utf-8")
    published(desk, begun(desk, PACKS, "channels/mine.yaml", PACK))
    assert own_packs(home) == {"old", "mine"}
    (home / "channels" / "old.yaml").unlink()
    (home / "channels" / "later.yaml").write_text(PACK.replace("mine", "later"), "utf-8")
    assert own_packs(home) == {"old", "mine"}
    assert "channels/later.yaml" in released(home, CATALOG).notes[0]
    roll_back(desk(), PACKS, None, "back")
    assert own_packs(home) == {"old"}
    roll_back(desk(), PACKS, "shipped", "none of ours")
    assert own_packs(home) == set()


def own_packs(home: Path) -> set[str]:
    return set(packs_in_force(home).names) & {"old", "mine", "later"}
