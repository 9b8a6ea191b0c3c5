"""Changes as a JSON Patch (RFC 6902), and the order that a patch makes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import jsonpatch
import msgspec

from features.edge import encode_order
from features.mismatch.equation import Change, Proposal
from features.order import Item, Order
from rules.decision import PatchOperation

_PAID = ("/amount_minor", "/currency", "/credit/")
"""What a buyer pays at once or in instalments, or what a payee gets."""
_DEFAULT_0 = frozenset({"/discount_minor", "/freight_minor", "/tax_minor"})


def patch_of(order: Order, changes: Sequence[Change]) -> tuple[PatchOperation, ...]:
    """Write changes as a patch: first a test of every value that was seen, then the changes.

    A caller may spell an instant in any zone and leave out what is 0. So an instant is not
    tested, the order's number is instead; and what may be left out is added, which replaces.
    """
    tests = dict.fromkeys(one for change in changes for one in _tests(order, change))
    return (*tests, *(_operation(change) for change in changes))


def patched(order: Order, patch: Iterable[PatchOperation]) -> Order | None:
    """Apply a patch and read the result as strictly as any order; None where it is none."""
    document = msgspec.json.decode(encode_order(order))
    try:
        return msgspec.convert(
            jsonpatch.apply_patch(document, msgspec.to_builtins(tuple(patch))), Order
        )
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, msgspec.ValidationError):
        return None


def changes_what_buyer_pays(patch: Iterable[PatchOperation]) -> bool:
    """Tell whether a patch changes the amount, its currency or the instalments."""
    return any(one.op != "test" and one.path.startswith(_PAID) for one in patch)


def _tests(order: Order, change: Change) -> Iterator[PatchOperation]:
    present = change.present
    if isinstance(present, Item):
        line = change.pointer
        yield _test(f"{line}/quantity", present.quantity)
        yield _test(f"{line}/unit_price_minor", present.unit_price_minor)
    elif _may_be_left_out(change) or isinstance(present, datetime):
        yield _test("/order_id", order.order_id)
    else:
        yield _test(change.pointer, present)


def _test(pointer: str, value: Proposal) -> PatchOperation:
    return PatchOperation(op="test", path=pointer, value=_plain(value))


def _may_be_left_out(change: Change) -> bool:
    return change.present is None or (change.present == 0 and change.pointer in _DEFAULT_0)


def _operation(change: Change) -> PatchOperation:
    if change.op == "remove":
        return PatchOperation(op="remove", path=change.pointer)
    op: Literal["add", "replace"] = "add" if _may_be_left_out(change) else "replace"
    return PatchOperation(op=op, path=change.pointer, value=_plain(change.proposed))


def _plain(value: Proposal) -> Any:
    return msgspec.to_builtins(value)
