"""Which canonical paths a mapping may fill, and by what name a secret is given whole."""

from collections.abc import Mapping
from functools import cache

from features.errors import suggest
from features.leaves import Leaf, LeafKind, order_leaves
from training.sources.mapping import Reduction
from training.sources.mapping_fields import Target
from training.sources.mapping_tree import Entry

AS_OF = "as_of"
LATEST_SEQUENCE = 253_402_300_799
"""The last second of the year 9999: an ordering id stands for seconds since 1970."""

SEQUENCE = Target(
    "sequence",
    Leaf("sequence", LeafKind.WHOLE, required=True, lowest=0, highest=LATEST_SEQUENCE),
)
OUTCOME_VALUE = Target("outcome.value", Leaf("outcome.value", LeafKind.TEXT))
RECEIVED_AT = Target(
    "outcome.received_at", Leaf("outcome.received_at", LeafKind.INSTANT, required=True)
)
OUTCOME_DETAILS: Mapping[str, Target] = {
    name: Target(f"outcome.{name}", Leaf(f"outcome.{name}", kind))
    for name, kind in {
        "occurred_at": LeafKind.INSTANT,
        "subclass": LeafKind.TEXT,
        "raw_code": LeafKind.TEXT,
        "raw_sub_code": LeafKind.TEXT,
        "raw_message": LeafKind.TEXT,
        "next_action": LeafKind.TEXT,
    }.items()
}


@cache
def secrets() -> Mapping[str, Reduction]:
    """The paths at which a whole number or address may stand in a table.

    >>> secrets()["buyer.card"].value, secrets()["buyer.email"].value
    ('account', 'email')
    """
    leaves = order_leaves()
    found: dict[str, Reduction] = {}
    for leaf in leaves.values():
        if leaf.path.endswith(".hash"):
            is_account = f"{leaf.block}.bin" in leaves
            found[leaf.block] = Reduction.ACCOUNT if is_account else Reduction.PHONE
        elif leaf.path.endswith("_hash"):
            name = leaf.path.rpartition(".")[2].removesuffix("_hash")
            found[leaf.path.removesuffix("_hash")] = Reduction(name)
    return found


def order_target(path: str, entry: Entry) -> Target:
    """Find what a path of the `order` section fills. Raises MappingError for an unknown path."""
    if path == AS_OF:
        return Target(AS_OF, Leaf(AS_OF, LeafKind.INSTANT))
    if path in secrets():
        return Target(path, Leaf(path, LeafKind.TEXT), secrets()[path])
    leaf = order_leaves().get(path)
    if leaf is None:
        known = [*order_leaves(), *secrets(), AS_OF]
        raise entry.refuse(
            f"{path!r} is no field of the canonical order.{suggest(path, known)} "
            "Columns that have no such field go under attributes"
        )
    if leaf.kind is LeafKind.LINES:
        raise entry.refuse("lines are no column; line items come from the items section")
    if leaf.kind is LeafKind.WORDS:
        whole = path.rpartition(".")[0]
        raise entry.refuse(f"{path} is no column of a table; map the whole number to {whole}")
    return Target(path, leaf)


def item_target(path: str, entry: Entry) -> Target:
    """Find what a field of a line item fills. Raises MappingError for an unknown one."""
    leaves = {leaf.path: leaf for leaf in order_leaves()["items"].lines}
    if path not in leaves:
        raise entry.refuse(
            f"{path!r} is no field of an item.{suggest(path, leaves)} Known: {', '.join(leaves)}"
        )
    return Target(path, leaves[path])
