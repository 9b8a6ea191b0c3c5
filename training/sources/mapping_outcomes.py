"""The `outcome` section: what each raw value of a table means, and when it became known."""

from collections.abc import Mapping

from features.outcome import OutcomeClass
from features.times import parse_duration_us
from training.sources.mapping import OutcomeClassRule, OutcomeRule
from training.sources.mapping_fields import parse_field
from training.sources.mapping_targets import AS_OF, OUTCOME_DETAILS, OUTCOME_VALUE, RECEIVED_AT
from training.sources.mapping_tree import Entry

UNKNOWN, REJECT, NONE = "unknown", "reject", "none"
_CLASSES = tuple(kind.value for kind in OutcomeClass)
_PLACED_AT = "placed_at"


def parse_outcomes(section: Entry | None, zone: str | None) -> tuple[OutcomeRule, ...]:
    """Read the outcome section: one source of outcomes, or a list of them."""
    if section is None:
        return ()
    entries = section.value if isinstance(section.value, tuple) else (section,)
    return tuple(_outcome(entry, zone) for entry in entries)


def _outcome(section: Entry, zone: str | None) -> OutcomeRule:
    entries = section.section(("value", "classes", "unmapped", "received_at", *OUTCOME_DETAILS))
    for name in ("value", "classes", "received_at"):
        if name not in entries:
            raise section.refuse(f"an outcome needs {name}")
    unmapped = entries.get("unmapped")
    after, delay_us = _after(entries["received_at"])
    return OutcomeRule(
        section.place,
        parse_field(entries["value"], OUTCOME_VALUE, zone),
        _classes(entries["classes"]),
        unmapped.choice((UNKNOWN, REJECT, NONE)) if unmapped else UNKNOWN,
        None if after else parse_field(entries["received_at"], RECEIVED_AT, zone),
        after,
        delay_us,
        tuple(
            parse_field(entries[name], target, zone)
            for name, target in OUTCOME_DETAILS.items()
            if name in entries
        ),
    )


def _classes(section: Entry) -> Mapping[str, OutcomeClassRule]:
    return {raw: _class(entry) for raw, entry in section.mapping().items()}


def _class(entry: Entry) -> OutcomeClassRule:
    if isinstance(entry.value, str):
        name = entry.choice(_CLASSES)
        return OutcomeClassRule(name, name != OutcomeClass.UNKNOWN)
    options = entry.section(("class", "final", "subclass", "next_action"))
    if "class" not in options:
        raise entry.refuse(f"needs class: one of {', '.join(_CLASSES)}")
    name = options["class"].choice(_CLASSES)
    return OutcomeClassRule(
        name,
        options["final"].flag() if "final" in options else name != OutcomeClass.UNKNOWN,
        options["subclass"].text() if "subclass" in options else None,
        options["next_action"].text() if "next_action" in options else None,
    )


def _after(entry: Entry) -> tuple[str, int]:
    """Read `{after: placed_at, delay: 7d}`; anything else is a field of its own."""
    if not isinstance(entry.value, Mapping) or "after" not in entry.value:
        return "", 0
    options = entry.section(("after", "delay"))
    after = options["after"].choice((_PLACED_AT, AS_OF))
    if "delay" not in options:
        return after, 0
    try:
        return after, parse_duration_us(options["delay"].text())
    except ValueError as error:
        raise options["delay"].refuse(str(error)) from None
