"""What the API answers, as frozen structs: the schema in /docs is made from these."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict

from features.kinds import Value
from rules.decision import (
    Action,
    Decision,
    Exempted,
    ExpectedCosts,
    Fix,
    MissingInput,
    Mode,
    Paused,
    Reason,
    Reroute,
    Retry,
    Wait,
)
from serving.state import Later


class AnswerVersions(Struct, frozen=True, kw_only=True):
    """Fingerprints of everything that the decision was computed from."""

    book: str
    pack: str
    model: str | None
    schema: str | None
    catalog: str
    engine: str
    code: str
    lists: dict[str, str] = {}
    """The version of each list that was asked; `absent` where there was none."""
    routes: str = ""
    """Of the merchant's routing list."""
    holds: str = ""
    """Of what was switched off."""


class Superseding(Struct, frozen=True, kw_only=True):
    """The earlier decision about the same order id, and which values have changed since."""

    decision_id: str
    differs: tuple[str, ...]


class ScoreAnswer(Struct, frozen=True, kw_only=True):
    """One decision, as the caller gets it; the same request gets the same bytes again."""

    decision_id: str
    order_id: str
    action: Action
    mode: Mode
    probabilities: dict[str, float]
    reasons: tuple[Reason, ...]
    missing: tuple[MissingInput, ...]
    exempted: tuple[Exempted, ...] = ()
    """Heuristics that fired and that an exempt list silences; they are no reasons."""
    paused: tuple[Paused, ...] = ()
    """Rules that fired and that are paused; they are no reasons either."""
    fix: Fix | None
    fix_candidates: tuple[Fix, ...]
    wait: Wait | None
    reroute: Reroute | None
    retry: Retry | None
    expected_costs: ExpectedCosts | None
    superseding: Superseding | None
    versions: AnswerVersions
    as_of: datetime


class DecisionRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the ledger keeps beside the answer, so that a decision can be computed again.

    `state` is what the state store said; None when it could not be read. `later` is what it was
    asked besides, in the order of the questions: as of a later instant, or in another channel.
    `past_us` is the newest instant of what was on record of the order; None where nothing was.
    """

    decision: Decision
    state: dict[str, Value] | None
    later: tuple[Later, ...] = ()
    past_us: int | None = None


class OrderDecisions(Struct, frozen=True, kw_only=True):
    """Every decision about one order, oldest first."""

    order_id: str
    decisions: tuple[ScoreAnswer, ...]


def answer_of(
    decision: Decision,
    decision_id: str,
    *,
    catalog: str,
    code: str,
    superseding: Superseding | None,
) -> ScoreAnswer:
    """Put a decision into the form that a caller gets."""
    versions = AnswerVersions(
        book=decision.versions.book,
        pack=decision.versions.pack,
        model=decision.versions.model,
        schema=decision.versions.schema_hash,
        catalog=catalog,
        engine=decision.versions.engine,
        code=code,
        lists=decision.versions.lists,
        routes=decision.versions.routes,
        holds=decision.versions.holds,
    )
    shared = {n: v for n, v in asdict(decision).items() if n in _SHARED}
    return ScoreAnswer(
        **shared, decision_id=decision_id, superseding=superseding, versions=versions
    )


_SHARED = frozenset(ScoreAnswer.__struct_fields__) - {"decision_id", "superseding", "versions"}
