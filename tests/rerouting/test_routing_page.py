"""The page about routing runs: its list is read, its order is decided."""

import doctest
import re
from pathlib import Path
from typing import Any

import msgspec

PAGE = Path(__file__).parents[2] / "docs" / "routing.md"
AS_OF_US = 1_773_196_200_000_000


def test_the_page_runs(make_order: Any, tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8")
    found = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert found is not None
    (tmp_path / "routes.yaml").write_text(found[1], "utf-8")
    names = {
        "routes_file": tmp_path / "routes.yaml",
        "order_by_ipv6": make_order(device={"id": "device-1", "ip": "2001:db8::1"}),
        "replace_channel": lambda order, channel: msgspec.structs.replace(order, channel=channel),
        "as_of_us": AS_OF_US,
    }
    test = doctest.DocTestParser().get_doctest(text, names, "routing", str(PAGE), 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0
