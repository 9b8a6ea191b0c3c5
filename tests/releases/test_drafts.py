"""Drafts: where they come from, who began them, what is part of them."""

from pathlib import Path
from typing import Any

import pytest

from features.errors import RuleError
from rules.book import SHIPPED_BOOK
from rules.releases.audit import Verb
from rules.releases.drafts import adopt, begin, discard, drafts, find
from rules.releases.kinds import BOOK, COSTS, PACKS


def test_a_draft_from_what_runs_holds_the_shipped_rules(desk: Any, home: Path) -> None:
    draft = begin(desk("ana"), BOOK, "night", why="less at night")
    assert draft.folder == home / "drafts" / "rules" / "night"
    assert draft.files() == {path.name: path.read_bytes() for path in SHIPPED_BOOK.glob("*.yaml")}
    assert (draft.author, draft.base, draft.why) == ("ana", "shipped", "less at night")
    (line,) = desk().store.log.read()
    assert (line.line.verb, line.line.content) == (Verb.DRAFT, draft.content())


def test_a_draft_from_a_folder_is_a_copy(desk: Any, book_folder: Path) -> None:
    draft = begin(desk(), BOOK, "two", str(book_folder))
    (book_folder / "amounts.yaml").write_text("rules: []")
    assert sorted(draft.files()) == ["amounts.yaml", "states.yaml"]
    assert b"LARGE_ORDER" in draft.files()["amounts.yaml"]


def test_an_adopted_folder_is_edited_where_it_lies_and_outlives_the_draft(
    desk: Any, book_folder: Path
) -> None:
    draft = adopt(desk(), BOOK, "mine", book_folder)
    before = draft.content()
    (book_folder / "states.yaml").unlink()
    assert draft.content() != before
    discard(desk(), draft)
    assert book_folder.is_dir()
    assert drafts(desk(), BOOK) == ()


def test_what_is_no_part_of_a_draft_is_named(desk: Any, book_folder: Path) -> None:
    (book_folder / "extra.yml").write_text("rules: []")
    (book_folder / ".git").mkdir()
    (book_folder / ".git" / "config").write_text("")
    assert adopt(desk(), BOOK, "mine", book_folder).left_out() == ("extra.yml",)


def test_a_name_that_is_taken_or_is_none_is_refused(desk: Any, book_folder: Path) -> None:
    begin(desk(), BOOK, "two", str(book_folder))
    with pytest.raises(RuleError, match="draft two of rules is open"):
        begin(desk(), BOOK, "two")
    for name in ("", "../two", "a/b", "current", "shipped", "-x"):
        with pytest.raises(RuleError, match="is no name of a draft"):
            begin(desk(), BOOK, name)
    begin(desk(), COSTS, "two")  # another kind's drafts are others


def test_a_closed_name_is_free_again_and_carries_nothing_over(desk: Any, book_folder: Path) -> None:
    discard(desk(), begin(desk("ana"), BOOK, "two", str(book_folder)))
    again = begin(desk("bo"), BOOK, "two", str(book_folder))
    assert (again.author, len(again.lines)) == ("bo", 1)


def test_an_unknown_draft_is_told_with_the_nearest(desk: Any, book_folder: Path) -> None:
    begin(desk(), BOOK, "night", str(book_folder))
    with pytest.raises(RuleError, match="Did you mean 'night'"):
        find(desk(), BOOK, "nigth")


def test_a_folder_without_rules_is_no_source(desk: Any, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"holds none of \*\.yaml"):
        begin(desk(), BOOK, "x", str(tmp_path))
    with pytest.raises(RuleError, match=r"holds none of \*\.yaml"):
        adopt(desk(), BOOK, "x", tmp_path)


def test_own_packs_beside_the_data_are_where_a_draft_of_packs_begins(desk: Any, home: Path) -> None:
    (home / "channels").mkdir(parents=True)
    (home / "channels" / "mine.yaml").write_text("channel: mine")
    (home / "codes.tsv").write_text("channel")
    draft = begin(desk(), PACKS, "limits")
    assert sorted(draft.files()) == ["channels/mine.yaml", "codes.tsv"]
    assert (draft.folder / "channels").is_dir()


def test_a_folder_of_packs_becomes_the_channels_of_a_draft(desk: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("channel: mine")
    assert list(begin(desk(), PACKS, "limits", str(tmp_path)).files()) == ["channels/mine.yaml"]


def test_a_first_draft_of_packs_may_be_empty_and_of_costs_holds_the_shipped(desk: Any) -> None:
    assert begin(desk(), PACKS, "limits").files() == {}
    assert b"refused_minor: 2000.0" in begin(desk(), COSTS, "mine").files()["costs.yaml"]
