"""The import accepts exactly the rows that the canonical order accepts."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.edge import order_from_dict
from features.errors import InvalidOrder
from features.history_schema import column_type
from features.leaves import Leaf, LeafKind, order_leaves
from features.masking import Masker

LISTS = (LeafKind.LINES, LeafKind.WORDS)
LEAVES = {path: leaf for path, leaf in order_leaves().items() if leaf.kind not in LISTS}
SAMPLED = st.sampled_from(sorted(set(LEAVES) - {"order_id"}))
GOOD = {
    "order_id": "1",
    "merchant_id": "m",
    "channel": "generic",
    "placed_at": datetime(2026, 3, 1, tzinfo=UTC),
    "amount_minor": 1,
    "currency": "EUR",
}
Row = dict[str, Any]


def values(leaf: Leaf) -> st.SearchStrategy[Any]:
    """Values inside, at and outside the limits of a leaf."""
    match leaf.kind:
        case LeafKind.TEXT:
            return st.none() | texts(leaf)
        case LeafKind.WHOLE:
            bounds = [int(bound) for bound in (leaf.lowest, leaf.highest) if bound is not None]
            near = [bound + step for bound in bounds for step in (-1, 0, 1)]
            return st.none() | st.sampled_from([*near, -5, 7, 10**13])
        case LeafKind.DECIMAL:
            return st.none() | st.sampled_from([0.0, -90.0, 90.5, 180.0, -181.0, float("inf")])
        case LeafKind.BOOLEAN:
            return st.none() | st.booleans()
        case _:
            return st.none() | st.just(datetime(2026, 3, 2, tzinfo=UTC))


def texts(leaf: Leaf) -> st.SearchStrategy[str]:
    sizes = [size for size in (leaf.longest, leaf.shortest) if size]
    sized = [letter * (size + step) for letter in "a汉" for size in sizes for step in (0, 1)]
    usual = ["x", "EUR", "EURO", "eur", "CN", "a" * 32, "A" * 32, "622202", "62220", "1"]
    return st.sampled_from([*usual, *sized, *leaf.choices])


rows = st.lists(
    st.dictionaries(SAMPLED, st.none(), max_size=6).flatmap(
        lambda names: st.fixed_dictionaries({name: values(LEAVES[name]) for name in names})
    ),
    min_size=1,
    max_size=12,
)


def is_accepted(row: Row, masker: Masker) -> bool:
    """Ask the canonical model itself."""
    nested: Row = {}
    for path, value in row.items():
        if value is None:
            continue
        block = nested
        *parents, last = path.split(".")
        for parent in parents:
            block = block.setdefault(parent, {})
        block[last] = value.isoformat() if isinstance(value, datetime) else value
    if "payout" in nested:
        nested["payout"].setdefault("payee", {})
    try:
        order_from_dict(nested, masker)
    except InvalidOrder:
        return False
    return True


@given(drawn=rows)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_import_accepts_what_the_order_accepts(
    drawn: list[Row], make_bench: Callable[[], Any], masker: Masker
) -> None:
    bench = make_bench()
    table = [{**GOOD, **row, "order_id": str(n)} for n, row in enumerate(drawn)]
    table.append({**GOOD, "order_id": "good"})
    used = {path for row in table for path in row}
    used |= {f"{LEAVES[path].block}.hash" for path in used} & set(LEAVES)
    schema = {path: column_type(LEAVES[path]) for path in sorted(used)}
    frame = pl.DataFrame([{path: row.get(path) for path in schema} for row in table], schema)
    report = bench.run(frame, {"mapping": "all", "order": {path: path for path in schema}})
    expected = {str(row["order_id"]) for row in table if is_accepted(row, masker)}
    assert set(bench.column("order_id")) == expected
    assert report.read == report.orders + report.rejected == len(table)
