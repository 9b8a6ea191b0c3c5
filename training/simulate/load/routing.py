"""The simulated merchant's routing list, published as a merchant publishes one."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import msgspec
import polars as pl

from training.simulate.load.processes import Children

_DRAFT, _AUTHOR, _SECOND = "own-channels", "merchant", "second merchant"
_WHY = "every channel that the merchant sends this kind of order by"


def publish_routes(orders: pl.DataFrame, home: Path, folder: Path, children: Children) -> None:
    """Let the channels stand in for one another that the merchant has contracts with.

    Fees are not stated: nobody knows the simulated merchant's. Where it sends each kind of order
    by one channel alone, nothing is published.
    """
    routes = alternatives(orders)
    if not routes:
        return
    folder.mkdir()
    # JSON is YAML, so a list that was made here is read like one that a person wrote.
    (folder / "routes.yaml").write_bytes(msgspec.json.encode({"alternatives": routes}))
    for step in (
        ("draft", _DRAFT, "--from", folder, "--by", _AUTHOR, "--why", _WHY),
        ("check", _DRAFT, "--by", _AUTHOR),
        ("approve", _DRAFT, "--by", _SECOND),
        ("publish", _DRAFT, "--by", _AUTHOR),
    ):
        children.run("preflight", "routes", *step, "--home", home)


def alternatives(orders: pl.DataFrame) -> Mapping[str, Sequence[str]]:
    """Give, for each channel, the others by which orders of its kind were sent, most used first."""
    used = orders.group_by("kind", "channel").len().sort(["kind", "len"], descending=[False, True])
    found: dict[str, list[str]] = {}
    for _, rows in groupby(used.iter_rows(), key=lambda row: row[0]):
        names = [str(channel) for _, channel, _ in rows]
        for name in names:
            others = found.setdefault(name, [])
            others += [other for other in names if other != name and other not in others]
    return {name: others for name, others in found.items() if others}
