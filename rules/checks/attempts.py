"""Checks of what became of the last attempt, and of when this is."""

from collections.abc import Callable
from functools import lru_cache

from features.kinds import Kind, Value
from features.times import US_PER_SECOND
from rules.checks.check import Check, Prepared, when_known
from rules.codes import MappedOutcome
from rules.pack import Pack

_LAST = (
    "attempts.count",
    "attempts.last_raw_code",
    "attempts.last_raw_sub_code",
    "attempts.last_raw_message",
)


def _of_last(read: Callable[[MappedOutcome], Value | None]) -> Callable[[Pack], Prepared]:
    def prepare(pack: Pack) -> Prepared:
        @lru_cache(maxsize=1024)
        def meaning(code: str | None, sub_code: str | None, message: str | None) -> MappedOutcome:
            return pack.map_outcome(None, code, sub_code, message)

        def answer(
            count: int, code: str | None, sub_code: str | None, message: str | None
        ) -> Value | None:
            told = message if pack.own.rows else None
            return read(meaning(code, sub_code, told)) if count else None

        return when_known(_LAST, answer)

    return prepare


def _age(sent_at_us: int, as_of_us: int | None) -> float | None:
    return None if as_of_us is None else (as_of_us - sent_at_us) / US_PER_SECOND


def _conflict(count: int, now: Value | None, before: Value | None) -> bool | None:
    if not count or now is None or before is None:
        return None
    return str(now) != str(before)


_AS_OF = when_known(("as_of",), lambda as_of_us: as_of_us)
_AGE = when_known(("attempts.last_sent_at", "as_of"), _age)
_CONFLICT = when_known(
    ("attempts.count", "attributes.payload_hash", "attributes.last_payload_hash"), _conflict
)

ATTEMPT_CHECKS = (
    Check("check.as_of", "the instant of the decision", Kind.INSTANT, lambda _: _AS_OF),
    Check(
        "check.last_attempt_class",
        "class of the last attempt's answer",
        Kind.TEXT,
        _of_last(lambda mapped: mapped.outcome_class.value),
    ),
    Check(
        "check.last_attempt_final",
        "the last attempt's answer is final",
        Kind.BOOLEAN,
        _of_last(lambda mapped: mapped.final),
    ),
    Check(
        "check.last_attempt_subclass",
        "sub-class of the last attempt's answer",
        Kind.TEXT,
        _of_last(lambda mapped: mapped.subclass),
    ),
    Check(
        "check.last_attempt_age_seconds",
        "time since the last attempt was sent",
        Kind.NUMBER,
        lambda _: _AGE,
        "SECONDS",
    ),
    Check(
        "check.payload_conflict",
        "the same number was sent before with other content",
        Kind.BOOLEAN,
        lambda _: _CONFLICT,
    ),
)
