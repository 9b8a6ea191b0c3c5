"""Every error of the API as an RFC 9457 problem; the one place that knows HTTP status codes."""

from collections.abc import Sequence

import msgspec

from features.errors import (
    Conflict,
    Fault,
    InvalidOrder,
    LedgerError,
    PreflightError,
    RuleError,
    UnknownChannel,
)

PROBLEM_TYPE = "application/problem+json"


class BodyTooLarge(PreflightError):
    """A request body over the limit."""


class MalformedJson(PreflightError):
    """A request body that is not JSON at all."""


class NotRecorded(PreflightError):
    """A decision or order that the ledger does not hold."""


class EditRefused(PreflightError):
    """A step of an edit that was not taken: what runs has not changed."""


class FaultView(msgspec.Struct, frozen=True):
    """One bad field: where it is, what was there, what belongs there."""

    path: str
    value: str
    expected: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error as RFC 9457 describes it; `faults` lists every bad field of an order at once."""

    type: str
    title: str
    status: int
    detail: str
    faults: tuple[FaultView, ...] = ()


_KINDS: Sequence[tuple[type[PreflightError], int, str, str]] = (
    (MalformedJson, 400, "malformed-json", "The body is not JSON"),
    (NotRecorded, 404, "not-recorded", "The ledger does not hold it"),
    (Conflict, 409, "conflict", "The request contradicts what is recorded"),
    (BodyTooLarge, 413, "body-too-large", "The body is too large"),
    (EditRefused, 422, "edit-refused", "The step was not taken; what runs has not changed"),
    (UnknownChannel, 422, "unknown-channel", "No such channel is loaded"),
    (InvalidOrder, 422, "invalid-content", "The content cannot be read"),
    (RuleError, 422, "unfit-content", "A value is of another kind than the rules expect"),
    (LedgerError, 503, "ledger-unavailable", "The ledger cannot be used; nothing was recorded"),
    (PreflightError, 500, "internal", "The service cannot answer"),
)


def problem_of(error: PreflightError) -> Problem:
    """Describe an error of ours as a problem.

    >>> problem_of(UnknownChannel("no channel 'JDPYA'")).status
    422
    """
    status, slug, title = next(
        (status, slug, title) for kind, status, slug, title in _KINDS if isinstance(error, kind)
    )
    return Problem(
        type=f"urn:preflight:problem:{slug}",
        title=title,
        status=status,
        detail=str(error),
        faults=tuple(map(_view, error.faults)) if isinstance(error, InvalidOrder) else (),
    )


def plain_problem(status: int, detail: str) -> Problem:
    """Describe an error of HTTP itself, such as a path that does not exist."""
    return Problem(type="about:blank", title=detail, status=status, detail=detail)


def _view(fault: Fault) -> FaultView:
    return FaultView(path=fault.path, value=fault.value, expected=fault.expected)
