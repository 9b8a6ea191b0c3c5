"""Facts about one order that only its channel's pack can tell; a condition calls them `check.…`."""

import re
from collections.abc import Mapping
from functools import lru_cache

from features.kinds import Kind, Value
from rules.packs import Pack

CHECK_KINDS: Mapping[str, Kind] = {
    "check.order_id_valid": Kind.BOOLEAN,
    "check.subject_characters": Kind.NUMBER,
    "check.last_attempt_class": Kind.TEXT,
    "check.last_attempt_final": Kind.BOOLEAN,
}


def check_facts(
    facts: Mapping[str, Value], pack: Pack, last_sub_code: str | None = None
) -> dict[str, Value]:
    """Compute what the pack can tell from the order's facts; what it cannot tell is absent."""
    checked: dict[str, Value] = {}
    pattern, order_id = pack.text("order_id_pattern"), facts.get("order_id")
    if pattern is not None and isinstance(order_id, str):
        checked["check.order_id_valid"] = _compiled(pattern).fullmatch(order_id) is not None
    subject = facts.get("subject")
    if isinstance(subject, str):
        checked["check.subject_characters"] = len(subject)
    if facts.get("attempts.count"):
        code = facts.get("attempts.last_raw_code")
        last = pack.map_outcome(None, code if isinstance(code, str) else None, last_sub_code)
        checked["check.last_attempt_class"] = last.outcome_class.value
        checked["check.last_attempt_final"] = last.final
    return checked


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
