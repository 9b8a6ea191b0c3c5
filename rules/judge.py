"""A book prepared for one channel: facts in, hits and missing inputs out, in the book's order."""

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from features.kinds import Value
from rules.book import Book
from rules.bound import BoundBook, bind
from rules.decision import Exempted, MissingInput, Paused, Reason, Severity, Status
from rules.engines.engine import Engine, EngineMaker
from rules.entries import RuleEntry
from rules.holds import Hold
from rules.lists.lists import NO_LISTS, Lists
from rules.packs import Pack
from rules.stopping import paused_rule

_NOTHING_PAUSED: Mapping[str, Hold] = {}


@dataclass(frozen=True, slots=True)
class Findings:
    """What the book says about one order."""

    hits: tuple[RuleEntry, ...]
    missing: tuple[MissingInput, ...]
    exempted: tuple[Exempted, ...] = ()
    """Heuristics that fired and that an exempt list silences; they are no hits."""
    paused: tuple[Paused, ...] = ()
    """Rules that fired and that are paused; they are no hits either."""

    @property
    def blocks(self) -> tuple[RuleEntry, ...]:
        """The hits that block."""
        return tuple(hit for hit in self.hits if hit.severity is Severity.BLOCK)

    @property
    def asks(self) -> tuple[RuleEntry, ...]:
        """The hits that ask a person."""
        return tuple(hit for hit in self.hits if hit.severity is Severity.CONFIRM)


@dataclass(frozen=True, eq=False)
class Judge:
    """One bound book and the engine that evaluates it."""

    book: BoundBook
    engine: Engine
    reasons: Mapping[str, Reason]

    def find(
        self,
        known: Mapping[str, Value],
        lists: Lists = NO_LISTS,
        as_of_us: int = 0,
        paused: Mapping[str, Hold] = _NOTHING_PAUSED,
    ) -> Findings:
        """Evaluate all rules; what the lists say is asked once, before any engine.

        `paused` gives the rules that are paused as of `as_of_us`, by code: they do not fire.
        Raises RuleError for a fact of the wrong kind.
        """
        row = {**known, **lists.facts(self.book.asked, known, as_of_us)}
        if self.book.counts_words:
            row |= lists.word_facts(known, as_of_us)
        verdict = self.engine.evaluate(row)
        rules = self.book.rules
        fired = verdict.hits.difference(paused)
        bases = {code: rules[code].entry.basis for code in fired} if lists.exempt else {}
        exempted = lists.exempted(bases, row, as_of_us)
        hits = fired.difference(one.code for one in exempted)
        return Findings(
            hits=tuple(rule.entry for code, rule in rules.items() if code in hits),
            exempted=exempted,
            paused=tuple(paused_rule(c, paused[c]) for c in sorted(verdict.hits & paused.keys())),
            missing=tuple(
                MissingInput(code=code, names=self._lacking(code, row))
                for code in rules
                if code in verdict.missing and code not in paused
            ),
        )

    def explain(self, findings: Findings) -> tuple[Reason, ...]:
        """Give the reasons, the most severe first; a `score` is a feature and no reason."""
        told = [hit for hit in findings.hits if hit.severity is not Severity.SCORE]
        told.sort(key=lambda hit: _RANK[hit.severity])
        return tuple(self.reasons[hit.code] for hit in told)

    def _lacking(self, code: str, row: Mapping[str, Value]) -> tuple[str, ...]:
        return tuple(name for name in self.book.names[code] if row.get(name) is None)


_RANK = {severity: position for position, severity in enumerate(Severity)}


_Judges = WeakKeyDictionary[Pack, dict[EngineMaker, Judge]]
_JUDGES: WeakKeyDictionary[Book, _Judges] = WeakKeyDictionary()
"""Judges live as long as their book and their pack: a book that was replaced leaves nothing."""


def judge_of(book: Book, pack: Pack, engine: EngineMaker) -> Judge:
    """Prepare a book for a channel, once."""
    of_book = _JUDGES.get(book)
    of_pack = None if of_book is None else of_book.get(pack)
    found = None if of_pack is None else of_pack.get(engine)
    if found is None:
        found = _prepared(book, pack, engine)
        _JUDGES.setdefault(book, WeakKeyDictionary()).setdefault(pack, {})[engine] = found
    return found


def _prepared(book: Book, pack: Pack, engine: EngineMaker) -> Judge:
    bound = bind(book, pack)
    reasons = {code: _reason(rule.entry) for code, rule in bound.rules.items()}
    return Judge(bound, engine(bound), reasons)


def _reason(entry: RuleEntry) -> Reason:
    return Reason(
        code=entry.code,
        severity=entry.severity,
        status=Status.HIT,
        outcome_class=entry.outcome_class.value,
        title=entry.title,
        text=entry.reason,
        buyer_text=entry.buyer,
        advice=entry.fix.text if entry.fix is not None else None,
        basis=entry.basis,
        source=entry.source,
        grade=entry.grade,
    )
