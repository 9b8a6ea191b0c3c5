"""The answer: what we advise about one order, why, and from which versions."""

from datetime import datetime
from enum import Enum, StrEnum
from functools import total_ordering
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from features.kinds import Value
from rules.costs import Costs


@total_ordering
class Action(Enum):
    """What we advise, ordered by severity: the strictest is `max(...)`.

    >>> max(Action.REVIEW, Action.SUBMIT, Action.FIX).value
    'REVIEW'
    """

    SUBMIT = "SUBMIT"
    WAIT = "WAIT"
    REROUTE = "REROUTE"
    FIX = "FIX"
    REVIEW = "REVIEW"
    STOP = "STOP"

    def __lt__(self, other: "Action") -> bool:
        return _SEVERITY_OF_ACTION[self] < _SEVERITY_OF_ACTION[other]


_SEVERITY_OF_ACTION = {action: position for position, action in enumerate(Action)}


class Severity(StrEnum):
    """What a hit of a rule asks for."""

    BLOCK = "block"
    """STOP, or FIX where it can be repaired."""
    CONFIRM = "confirm"
    """REVIEW."""
    WARN = "warn"
    INFO = "info"
    SCORE = "score"
    """A feature only: no reason, no action."""


class Basis(StrEnum):
    """What a rule stands on; a heuristic alone never stops an order."""

    CHANNEL_RULE = "channel_rule"
    REGULATION = "regulation"
    HEURISTIC = "heuristic"
    MERCHANT = "merchant"
    """The merchant's own switch; no rule of a book stands on it."""


class Status(StrEnum):
    """What became of a rule that is worth saying."""

    HIT = "hit"
    MISSING_INPUT = "missing_input"


class Mode(StrEnum):
    """What the decision could draw on."""

    FULL = "full"
    RULES_ONLY = "rules_only"
    """No model."""
    STATELESS = "stateless"
    """No history of the buyer, device and so on."""
    STATELESS_RULES_ONLY = "stateless_rules_only"


class Advice(StrEnum):
    """How to send again, if at all."""

    SAME_ID = "same_id"
    NEW_ID = "new_id"
    QUERY_FIRST = "query_first"
    NEVER = "never"


class Text(Struct, frozen=True, forbid_unknown_fields=True):
    """One text in the languages that we answer in."""

    zh: str
    en: str


class Reason(Struct, frozen=True, kw_only=True):
    """Why: one rule that fired; `text` is for the analyst, `buyer_text` may reach the buyer."""

    code: str
    severity: Severity
    status: Status
    outcome_class: str
    title: Text
    text: Text
    buyer_text: Text | None
    advice: Text | None
    basis: Basis
    source: str
    grade: str


class MissingInput(Struct, frozen=True, kw_only=True):
    """A rule that could not be answered, and the inputs that it lacked."""

    code: str
    names: tuple[str, ...]


class Exempted(Struct, frozen=True, kw_only=True):
    """A heuristic that fired and was silenced, by which version of which exempt list."""

    code: str
    list: str
    version: str


class Paused(Struct, frozen=True, kw_only=True):
    """A rule that fired and that is paused for the moment: since and until when, and why."""

    code: str
    since: datetime
    until: datetime | None
    why: str


PatchValue = bool | int | float | str | dict[str, Any] | list[Any] | None
"""Any JSON value."""


class PatchOperation(Struct, frozen=True, kw_only=True):
    """One operation of a JSON Patch (RFC 6902) on the order as it was sent to us."""

    op: Literal["test", "replace", "add", "remove"]
    path: str
    value: PatchValue | UnsetType = UNSET
    """What is tested, put or added; `remove` has none."""


class Fix(Struct, frozen=True, kw_only=True):
    """A repair of the order after which no rule blocks it: it was evaluated again."""

    repair: str
    """The names of the repairs in it, of `rules.entries.REPAIRS`, a plus sign between two."""
    patch: tuple[PatchOperation, ...]
    """On the order as it was sent: tests of the values seen, then the changes."""
    equation: str
    """What proves it: each field with the word that it follows, and the sums with it put in."""
    text: Text
    changes_what_buyer_pays: bool
    """The amount, its currency or the instalments; of a payout, what the payee gets."""
    certain: bool
    """False where the truth is ambiguous: a person chooses, nothing is applied silently."""


class Retry(Struct, frozen=True, kw_only=True):
    """How to send again after the last attempt, such that nothing can be paid twice."""

    advice: Advice
    text: Text
    outcome_class: str
    next_action: str
    not_before: datetime | None = None
    """From when; None means at once, or as soon as the cause is removed."""
    at_most: int | None = None
    """How many more times it may be sent; None where sending again is not the advice."""
    number: str | None = None
    """Which number to query or to send again, or the new one to send with."""


class Wait(Struct, frozen=True, kw_only=True):
    """From when the order may be sent again; ask again then, before sending."""

    until: datetime | None
    """This order's own turn, so that not all that wait are sent at once; None where it cannot be
    foreseen: ask again later."""
    codes: tuple[str, ...]
    """The rules that time alone clears."""
    text: Text
    clears_at: datetime | None = None
    """From when none of them fires any more, by what is known now; `until` is not before it."""
    checked: bool = False
    """Whether this very order was judged again as of `until`, with nothing assumed."""


class Considered(Struct, frozen=True, kw_only=True):
    """One alternative channel, and why it is taken or not."""

    channel: str
    text: Text
    codes: tuple[str, ...] = ()
    """The rules that speak against it."""
    refused: float | None = None
    """The probability of a refusal there; None without a model, or where rules speak against it."""
    expected_minor: float | None = None
    """What sending it there costs on the average, its fee included."""


class Reroute(Struct, frozen=True, kw_only=True):
    """Another channel that takes the order now, beside what becomes of it here."""

    channel: str | None
    """None: none of the alternatives will do; `considered` says why."""
    patch: tuple[PatchOperation, ...] = ()
    """What makes the order as it was sent to us one of that channel; it was judged again so."""
    amount: str | int | None = None
    """The amount as that channel's contract writes it, such as yuan for fen."""
    text: Text
    refused: float | None = None
    """The probability of a refusal there; None without a model."""
    refused_here: float | None = None
    expected_minor: float | None = None
    """What sending it there costs on the average, in minor units; without a model None."""
    expected_here_minor: float | None = None
    """What leaving it here costs: not sent, or sent later."""
    considered: tuple[Considered, ...] = ()
    """Every alternative of the merchant's list, in its order."""


class ExpectedCosts(Struct, frozen=True, kw_only=True):
    """Expected cost of each action in minor units, from the probability of head `head`."""

    head: str
    probability: float
    after_fix: bool
    """Whether this prices the order as repaired by `fix`: FIX means to send that one."""
    submit_minor: float
    review_minor: float
    stop_minor: float


class Versions(Struct, frozen=True, kw_only=True):
    """Fingerprints of everything that the decision was computed from."""

    book: str
    pack: str
    model: str | None
    schema_hash: str | None
    engine: str
    lists: dict[str, str] = {}
    """The version of each list that was asked; `absent` where there is none: it was empty."""
    routes: str = ""
    """Of the merchant's routing list."""
    holds: str = ""
    """Of what was switched off."""


class Decision(Struct, frozen=True, kw_only=True):
    """The whole answer; the same inputs give the same bytes."""

    order_id: str
    action: Action
    mode: Mode
    probabilities: dict[str, float]
    reasons: tuple[Reason, ...]
    missing: tuple[MissingInput, ...]
    exempted: tuple[Exempted, ...] = ()
    """Heuristics that fired but that an exempt list silences; they are no reasons."""
    paused: tuple[Paused, ...] = ()
    """Rules that fired but that are paused; they are no reasons either."""
    fix: Fix | None
    """The one certain repair. Where the truth is ambiguous: None, and `fix_candidates` ranked."""
    fix_candidates: tuple[Fix, ...]
    wait: Wait | None
    reroute: Reroute | None
    retry: Retry | None
    expected_costs: ExpectedCosts | None
    costs: Costs
    thresholds: dict[str, float]
    versions: Versions
    as_of: datetime
    features: dict[str, Value]
