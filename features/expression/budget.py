"""The step budget: what one evaluation can cost at most is known before the first order.

The language has no loops, no recursion and no calls but four functions, so a tree of n nodes
takes n steps, whatever the order holds. A tree that is too large or too deep is refused at load.
"""

from features.expression.syntax import In, Members, Node, children

MAX_DEPTH = 60
"""Deepest nesting that is read; keeps every visitor far from Python's recursion limit."""
MAX_NODES = 500
"""Most nodes of one expression: steps that one evaluation takes at most."""
MAX_MEMBERS = 1_000
"""Most members of one set; anything longer is a list."""

_WAY_OUT = "make a part of it a feature"


def nodes_of(node: Node) -> int:
    """Count the nodes of a tree: the steps of one evaluation. Without recursion."""
    count, pending = 0, [node]
    while pending:
        current = pending.pop()
        count += 1
        pending.extend(children(current))
    return count


def depth_of(node: Node) -> int:
    """Measure the nesting; without recursion, so that any depth can be refused."""
    deepest, pending = 0, [(node, 1)]
    while pending:
        current, depth = pending.pop()
        deepest = max(deepest, depth)
        pending.extend((child, depth + 1) for child in children(current))
    return deepest


def too_deep() -> str:
    """Say that an expression is nested too deeply, and the way out."""
    return f"nested deeper than {MAX_DEPTH} levels; {_WAY_OUT}"


def excess(node: Node) -> str | None:
    """Say by how much a tree is over the budget, and the way out; None where it is within."""
    if depth_of(node) > MAX_DEPTH:
        return too_deep()
    count = nodes_of(node)
    if count > MAX_NODES:
        return f"has {count} nodes, at most {MAX_NODES} are evaluated; {_WAY_OUT}"
    return None


def excess_members(node: In) -> str | None:
    """Say by how much a set is over the budget, and the way out; None where it is within."""
    members = node.members
    if not isinstance(members, Members) or len(members.values) <= MAX_MEMBERS:
        return None
    return f"the set has {len(members.values)} members, at most {MAX_MEMBERS} are read; use a list"
