"""A draft's backtest: a process of its own, whose report is kept by its fingerprint."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from rules.releases.approval import approve
from rules.releases.audit import Verb
from rules.releases.backtests import BacktestFailed, backtest
from rules.releases.checking import check
from rules.releases.desk import Desk
from rules.releases.drafts import begin, find
from rules.releases.kinds import BOOK, COSTS, PACKS, ROUTES

FAKE = """
    import json, sys
    if "nowhere" in sys.argv:
        sys.exit("no such history")
    print("{" if "broken" in sys.argv else json.dumps({"asked": sys.argv[1:]}))
"""


@pytest.fixture
def fake(desk: Any, tmp_path: Path) -> Desk:
    """A desk whose command line prints how it was called."""
    (tmp_path / "fake.py").write_text(dedent(FAKE), "utf-8")
    made: Desk = replace(desk("ana"), command_line=(sys.executable, str(tmp_path / "fake.py")))
    return made


def asked(fake: Desk, *sides: str) -> list[str]:
    out = ["--out", "PAGE", "--home", str(fake.home), "--json"]
    return ["backtest", "--history", "old", *sides, *out]


def told(fake: Desk, kind: Any, **sides: str) -> list[str]:
    """Run a backtest of a first draft; folders that differ from run to run are named by a word."""
    found = backtest(fake, begin(fake, kind, "mine"), Path("old"))
    words = json.loads(bytes(found.summary))["asked"]
    names = {found.page: "PAGE", **sides}
    return [names.get(word, "DRAFT" if "preflight-draft-" in word else word) for word in words]


def test_a_draft_is_held_to_what_is_shipped_where_nothing_was_published(fake: Desk) -> None:
    assert told(fake, BOOK) == asked(fake, "--book", "DRAFT")


def test_both_sides_are_named_whole_where_things_were_published(fake: Desk, seed: Any) -> None:
    book = seed(BOOK, {"a.yaml": b"rules: []"})
    packs, costs = seed(PACKS, {}), seed(COSTS, {"costs.yaml": b""})
    place = {
        name: str(fake.home / "releases" / name / version)
        for name, version in (("book", book), ("packs", packs), ("costs", costs))
    }
    words = told(fake, COSTS)
    packs_folder, costs_file = f"{place['packs']}/channels", f"{place['costs']}/costs.yaml"
    assert words == asked(
        fake, "--book", place["book"], "--against", place["book"], "--packs", packs_folder,
        "--against-packs", packs_folder, "--costs", "DRAFT", "--against-costs", costs_file,
    )  # fmt: skip


def test_the_report_is_kept_and_an_approval_names_it(fake: Desk, desk: Any) -> None:
    found = backtest(fake, begin(fake, COSTS, "mine"), ledger="home")
    assert Path(found.path).read_bytes() == bytes(found.summary)
    draft = find(fake, COSTS, "mine")
    (line,) = draft.said(Verb.BACKTEST, draft.content())
    assert (line.line.evidence["report"], line.line.evidence["orders"]) == (found.report, "home")
    check(fake, draft)
    approval = approve(desk("bo"), find(fake, COSTS, "mine")).line
    assert approval.evidence == {"backtest": found.report, "opinion": None}


@pytest.mark.parametrize(
    ("history", "problem"),
    [("nowhere", "the backtest ended with 1"), ("broken", "printed no JSON")],
)
def test_a_backtest_that_fails_is_not_recorded(fake: Desk, history: str, problem: str) -> None:
    draft = begin(fake, COSTS, "mine")
    with pytest.raises(BacktestFailed, match=problem):
        backtest(fake, draft, Path(history))
    with pytest.raises(BacktestFailed, match="either --history or --ledger"):
        backtest(fake, draft)
    assert find(fake, COSTS, "mine").said(Verb.BACKTEST) == ()


def test_what_routes_change_no_backtest_can_tell(fake: Desk) -> None:
    with pytest.raises(BacktestFailed, match="a backtest cannot tell what routes change"):
        backtest(fake, begin(fake, ROUTES, "mine"), Path("old"))
