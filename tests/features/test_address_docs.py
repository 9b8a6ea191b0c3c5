"""What the page of addresses shows is what the code does."""

import re
from pathlib import Path

import pytest

from features.addresses import read_address
from features.fact_groups import FACT_GROUPS

PAGE = (Path(__file__).parents[2] / "docs" / "addresses.md").read_text(encoding="utf-8")


def rows() -> list[list[str]]:
    table = PAGE.split("is read as |\n")[1].split("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[-1])
def test_an_address_on_the_page_is_read_as_the_page_says(row: list[str]) -> None:
    country, province, city, district, line = (cell or None for cell in row[:5])
    address = read_address(country, province, city, district, line)
    assert address is not None
    assert " ".join(part or "-" for part in address[:4]) == row[5]


def test_the_doors_that_the_page_calls_one_have_one_key() -> None:
    first = [read_address(*(cell or None for cell in row[:5])) for row in rows()[:3]]
    assert len({address.key for address in first if address is not None}) == 1


def test_the_page_names_every_fact_of_places() -> None:
    named = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", PAGE))
    facts = {name for group in FACT_GROUPS for name in group.kinds}
    assert {name for name in facts if not name.startswith("payee.")} <= named


def test_the_page_counts_the_hard_addresses_right() -> None:
    lines = (Path(__file__).with_name("hard_addresses.txt")).read_text("utf-8").splitlines()
    count = sum(bool(line) and not line.startswith("#") for line in lines)
    assert f"holds {count} hard addresses" in PAGE
