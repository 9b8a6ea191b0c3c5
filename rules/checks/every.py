"""Every check, and the plan of those that one pack can make."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from features.kinds import Kind
from rules.channel_facts import UnitName
from rules.checks.attempts import ATTEMPT_CHECKS
from rules.checks.check import Check, Prepared
from rules.checks.inputs import ORDER_INPUTS
from rules.checks.lengths import LENGTH_CHECKS
from rules.checks.maintenance import MAINTENANCE_CHECKS
from rules.checks.network import NETWORK_CHECKS
from rules.checks.payouts import PAYOUT_CHECKS
from rules.checks.presence import PRESENCE_CHECKS
from rules.checks.texts import TEXT_CHECKS
from rules.pack import Pack

CHECKS: tuple[Check, ...] = (
    *LENGTH_CHECKS,
    *TEXT_CHECKS,
    *NETWORK_CHECKS,
    *PRESENCE_CHECKS,
    *PAYOUT_CHECKS,
    *ATTEMPT_CHECKS,
    *MAINTENANCE_CHECKS,
)
CHECK_KINDS: Mapping[str, Kind] = {check.name: check.kind for check in CHECKS}
CHECK_UNITS: Mapping[str, UnitName] = {check.name: check.unit for check in CHECKS}


@dataclass(frozen=True, slots=True)
class Plan:
    """The checks that one pack can make, and what they read beyond the facts."""

    prepared: tuple[tuple[str, Prepared], ...]
    extras: tuple[str, ...]


@lru_cache(maxsize=128)
def plan_of(pack: Pack) -> Plan:
    """Prepare a pack's checks, once."""
    made = [(check.name, check.prepare(pack)) for check in CHECKS]
    prepared = tuple((name, one) for name, one in made if one is not None)
    read = dict.fromkeys(name for _, one in prepared for name in one.inputs)
    return Plan(prepared, tuple(name for name in read if name in ORDER_INPUTS))
