"""All proposers, and the slots that they give for one order."""

from collections.abc import Collection

from rules.repairs.diagnosed import diagnosed
from rules.repairs.expiry import expiry
from rules.repairs.fields import account_type, discount_parts, missing_fields
from rules.repairs.network import ip, notify_url
from rules.repairs.order_ids import order_ids
from rules.repairs.part import Propose, Scene, Slot
from rules.repairs.texts import texts

PROPOSERS: tuple[Propose, ...] = (
    diagnosed,
    texts,
    order_ids,
    account_type,
    missing_fields,
    discount_parts,
    expiry,
    ip,
    notify_url,
)


def slots_of(scene: Scene, wanted: Collection[str]) -> tuple[Slot, ...]:
    """Propose the wanted repairs: a slot for each mistake, its alternatives likeliest first."""
    return tuple(slot for propose in PROPOSERS for slot in propose(scene, wanted))
