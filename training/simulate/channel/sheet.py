"""The answer sheet: which of a pack's own raw codes says what. No code is ever invented."""

from collections.abc import Iterator, Mapping

from features.outcome import OutcomeClass
from rules.code_names import expanded
from rules.packs import Pack
from training.simulate.channel.kinds import Kind

_Wanted = tuple[str, ...]
_WANTED: Mapping[Kind, _Wanted] = {
    Kind.PAID: ("accepted/captured", "accepted/credited", "accepted"),
    Kind.RISK: ("risk_block/risk_rule", "risk_block"),
    Kind.AMOUNT: ("validation/amount", "validation/data_mismatch", "validation"),
    Kind.CONTENT: ("validation/data_mismatch", "validation"),
    Kind.BAD_FIELD: ("validation/bad_param", "validation"),
    Kind.FUNDS: ("account_state/funds", "account_state/payer_funds"),
    Kind.ORDER_LIMIT: ("limit/single", "limit"),
    Kind.DAY_LIMIT: ("limit/daily_amount", "limit"),
    Kind.CLOSED: ("cancelled/order_closed", "cancelled"),
    Kind.ALREADY_PAID: ("accepted/duplicate_paid", "unknown/duplicate"),
    Kind.PAYEE: ("account_state/card_number", "account_state/payee"),
    Kind.RESTRICTED: ("account_state/merchant_disabled", "integration/merchant_id", "integration"),
    Kind.SIGNATURE: ("integration/signature", "integration"),
    Kind.OUTAGE: ("channel/bank_down", "channel/network", "channel"),
    Kind.GENERIC: ("unclassified/generic_fail", "unclassified"),
    Kind.DUPLICATE: ("unknown/duplicate", "unknown"),
    Kind.IN_FLIGHT: ("unknown/in_flight", "unknown/processing", "unknown"),
    Kind.RATE_LIMITED: ("channel/rate_limited",),
}
"""Class and subclass of the code table, the best first; `integration` alone is any of it."""
_OPEN = frozenset({Kind.DUPLICATE, Kind.IN_FLIGHT})
_NOT_PAYMENTS = frozenset({"refund"})


class AnswerSheet:
    """Finds a pack's code for a kind of answer."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._codes = {kind: self._choose(kind) for kind in Kind}

    def code_of(self, kind: Kind) -> str | None:
        """Give the raw code; None where the channel has no code to say so."""
        return self._codes[kind]

    def _choose(self, kind: Kind) -> str | None:
        found = next((code for one in _WANTED[kind] for code in self._candidates(kind, one)), None)
        if found is not None or kind in _OPEN or kind in (Kind.RATE_LIMITED, Kind.GENERIC):
            return found
        return self._choose(Kind.GENERIC)

    def _candidates(self, kind: Kind, wanted: str) -> Iterator[str]:
        outcome_class, _, subclass = wanted.partition("/")
        if self._pack.file.class_names_are_codes:
            yield outcome_class
        for row in self._pack.codes.rows:
            fits = row.mapped.outcome_class == outcome_class and (
                not subclass or row.mapped.subclass == subclass
            )
            if fits and row.table in self._pack.file.code_tables and row.api not in _NOT_PAYMENTS:
                yield from self._saying(kind, OutcomeClass(outcome_class), row.code)

    def _saying(self, kind: Kind, outcome_class: OutcomeClass, written: str) -> Iterator[str]:
        """Yield the spellings that the pack itself reads as this class, final where it must be."""
        for code in expanded(written):
            meaning = self._pack.map_outcome(None, code)
            is_open = kind in _OPEN or kind is Kind.OUTAGE or outcome_class is OutcomeClass.UNKNOWN
            if meaning.outcome_class is outcome_class and (is_open or meaning.final):
                yield code
