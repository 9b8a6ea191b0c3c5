"""A merchant's own costs: read strictly, each fault with its field, value and what may stand."""

from pathlib import Path

import pytest

from features.errors import RuleError
from rules.costs import DEFAULT_COSTS, Costs
from rules.releases.costs_file import load_costs, written


def load(tmp_path: Path, text: str) -> Costs:
    path = tmp_path / "costs.yaml"
    path.write_text(text, "utf-8")
    return load_costs(path)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    own = Costs(refused_minor=3_500, review_catches=0.5)
    assert load(tmp_path, written(own).decode()) == own
    assert load(tmp_path, written().decode()) == DEFAULT_COSTS


def test_what_is_left_out_has_the_shipped_value(tmp_path: Path) -> None:
    assert load(tmp_path, "stopped_minor: 1\n") == Costs(stopped_minor=1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("refused_minor: -1", r"line 1: refused_minor is -1; write a number from 0 on"),
        ("refused_minor: 1\nreview_catches: 1.5", r"line 2: review_catches is 1.5; it is a share"),
        ("refused_share: 2", "refused_share is 2; it is a share, from 0 to 1"),
        ("review_minor: .nan", "review_minor is nan"),
        ("review_minor: .inf", "review_minor is inf"),
        ("review_minor: cheap", "review_minor"),
        ("reviev_minor: 1", "Did you mean 'review_minor'"),
    ],
)
def test_a_fault_names_the_field_and_the_value(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RuleError, match=told):
        load(tmp_path, text)


def test_the_ends_of_a_share_are_shares(tmp_path: Path) -> None:
    assert load(tmp_path, "refused_share: 1\nreview_catches: 0").refused_share == 1
