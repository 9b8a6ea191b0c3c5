"""What differs between two versions, field by field."""

from pathlib import Path
from typing import Any

import pytest

from features.errors import RuleError
from rules.releases.drafts import begin
from rules.releases.history import diff
from rules.releases.kinds import BOOK, COSTS, PACKS


def test_rules_that_are_added_removed_and_changed(desk: Any, seed: Any, book_folder: Path) -> None:
    seed(BOOK, BOOK.files(book_folder))
    draft = begin(desk(), BOOK, "less")
    text = (draft.folder / "amounts.yaml").read_text("utf-8")
    changed = text.replace("50000", "40000").replace("severity: warn", "severity: info")
    (draft.folder / "amounts.yaml").write_text(changed, "utf-8")
    new = (draft.folder / "states.yaml").read_text("utf-8").replace("CLOSED_ORDER", "SHUT_ORDER")
    (draft.folder / "states.yaml").write_text(new, "utf-8")
    found = diff(desk(), BOOK, "current", "less")
    assert (found.added, found.removed) == (("SHUT_ORDER",), ("CLOSED_ORDER",))
    (part,) = found.changed
    assert part.name == "LARGE_ORDER"
    changes = {one.field: (one.before, one.after) for one in part.fields}
    assert changes["thresholds.amount_minor.value"] == (500_000.0, 400_000.0)
    assert changes["severity"] == ("warn", "info")
    assert set(changes) == {
        "severity", "thresholds.amount_minor.value", "examples.fires", "examples.passes"
    }  # fmt: skip


def test_other_comments_are_another_version_but_no_difference(
    desk: Any, seed: Any, book_folder: Path
) -> None:
    version = seed(BOOK, BOOK.files(book_folder))
    with (book_folder / "amounts.yaml").open("a") as file:
        file.write("# less\n")
    draft = begin(desk(), BOOK, "same", str(book_folder))
    assert draft.content() != version
    assert diff(desk(), BOOK, version, "same").is_empty
    assert diff(desk(), BOOK, version[:6], str(book_folder)).is_empty


def test_costs_and_packs_differ_by_field_too(desk: Any, seed: Any) -> None:
    seed(COSTS, {"costs.yaml": b"review_minor: 7"})
    (part,) = diff(desk(), COSTS, "shipped", "current").changed
    assert [(one.field, one.before, one.after) for one in part.fields] == [
        ("review_minor", 300.0, 7.0)
    ]
    draft = begin(desk(), PACKS, "limits")
    (draft.folder / "channels" / "alipay.yaml").write_text(
        "channel: alipay\nextends: alipay\ntitle: {zh: 支付宝, en: Alipay}\nkinds: [order]\n"
        "checked_on: 2026-11-22\n"
        "facts: {max_amount_minor: {value: 9, source: our contract, grade: A}}\n",
        "utf-8",
    )
    found = diff(desk(), PACKS, "shipped", "limits")
    assert [part.name for part in found.changed] == ["alipay"]
    assert ("facts.max_amount_minor.value", 9) in [
        (one.field, one.after) for one in found.changed[0].fields
    ]


def test_a_name_that_stands_for_nothing_is_told(desk: Any) -> None:
    with pytest.raises(RuleError, match="no version that ever ran begins with 'wat'"):
        diff(desk(), BOOK, "wat", "current")
