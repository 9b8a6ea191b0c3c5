"""What the documentation says of orders and features is what the code does."""

import re
from pathlib import Path

from typer.testing import CliRunner

from features.catalog import parse_catalog
from features.cli import app
from features.edge import parse_order
from features.masking import Masker

DOCS = Path(__file__).parents[2] / "docs"


def _block(page: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_page_of_orders_lists_every_field() -> None:
    table = CliRunner().invoke(app, ["fields", "--markdown"]).stdout
    assert table in (DOCS / "orders.md").read_text("utf-8")


def test_the_example_order_can_be_read(masker: Masker) -> None:
    assert parse_order(_block("orders.md", "json").encode(), masker).amount_minor == 12_900


def test_the_example_catalog_resolves() -> None:
    catalog = parse_catalog(_block("features.md", "yaml"))
    named = {"buyer_orders_10m", "twin_gap", "buyer_reach_7d", "payee_near_180d", "night"}
    assert named <= set(catalog.names)
