"""Which repairs are offered: those after which no rule blocks, and nothing got worse."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from features.kinds import Value
from features.order import Order
from rules.decision import Fix, Severity
from rules.entries import RuleEntry
from rules.judge import Findings
from rules.repairs.combining import combinations, fix_of
from rules.repairs.honesty import dishonesty
from rules.repairs.part import Part, Scene
from rules.repairs.patching import patched
from rules.repairs.proposing import slots_of

_MOST_OFFERED = 5
_HOLDS = frozenset({Severity.BLOCK, Severity.CONFIRM})


class Heard(Protocol):
    """An order as it was judged."""

    @property
    def order(self) -> Order:
        """The order."""
        ...

    @property
    def facts(self) -> Mapping[str, Value]:
        """What the order says."""
        ...

    @property
    def features(self) -> Mapping[str, Value]:
        """What the state says."""
        ...

    @property
    def findings(self) -> Findings:
        """What the rules say."""
        ...


T = TypeVar("T", bound=Heard)


@dataclass(frozen=True, slots=True)
class Offers(Generic[T]):
    """The repairs of one order, the likeliest first, each with the case that it makes."""

    tried: tuple[tuple[Fix, T], ...] = ()
    holds: bool = False
    """Whether one of them puts right what held the order: a block or a confirm."""

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """All of them."""
        return tuple(fix for fix, _ in self.tried)

    @property
    def certain(self) -> tuple[Fix, T] | None:
        """The only one, where it is certain and puts right what held; else a person chooses."""
        only = self.tried[0] if len(self.tried) == 1 and self.holds else None
        return only if only is not None and only[0].certain else None


def offers_of(scene: Scene, sent: T, hear: Callable[[Order], T]) -> Offers[T]:
    """Propose what the rules that fired name, and offer what stands up to being judged again.

    Where no rule that fired names a repair it costs nothing.
    """
    repairable = [hit for hit in sent.findings.hits if hit.fix is not None and hit.fix.repairs]
    if not repairable:
        return Offers()
    held = [hit for hit in repairable if hit.severity in _HOLDS]
    needed = slots_of(scene, _named(held or repairable))
    also = slots_of(scene, _named(repairable) - _named(held)) if held else ()
    bench = _Bench(scene, sent, hear)
    tried: list[tuple[Fix, T]] = []
    for parts in combinations(needed, also):
        offer = bench.offer(parts)
        if offer is not None and _adds(offer, tried):
            tried.append(offer)
        if len(tried) == _MOST_OFFERED:
            break
    codes = {hit.code for hit in held}
    return Offers(tuple(tried), any(codes - _hits(case) for _, case in tried))


@dataclass(frozen=True, slots=True)
class _Bench(Generic[T]):
    """Tries repairs of one order."""

    scene: Scene
    sent: T
    hear: Callable[[Order], T]

    def offer(self, parts: tuple[Part, ...]) -> tuple[Fix, T] | None:
        """Give what can be offered of some parts: no more of them than it takes."""
        made = self._tried(parts)
        if made is None:
            return None
        for part in parts:
            fewer = tuple(one for one in parts if one is not part)
            less = self._tried(fewer) if fewer else None
            if less is not None and _hits(less[1]) <= _hits(made[1]):
                parts, made = fewer, less
        return made

    def _tried(self, parts: tuple[Part, ...]) -> tuple[Fix, T] | None:
        fix = fix_of(self.scene, parts)
        order = patched(self.scene.order, fix.patch)
        if order is None or dishonesty(self.scene.order, order) is not None:
            return None
        case = self.hear(order)
        return (fix, case) if is_better(self.sent, case) else None


def is_better(sent: Heard, repaired: Heard) -> bool:
    """Tell whether no rule blocks, some mistake is gone, and nothing is worse or left unknown."""
    before, after = sent.findings, repaired.findings
    was, now = _mistakes(before), _mistakes(after)
    cured = any(hit.fix.repairs for hit in before.hits if hit.fix and hit.code in was - now)
    return not after.blocks and now <= was and cured and not _is_silenced(sent, after, was)


def _is_silenced(sent: Heard, after: Findings, was: Collection[str]) -> bool:
    """Tell whether a rule fell silent only because it lacks now what it knew before."""
    lacking = {name for one in after.missing if one.code in was for name in one.names}
    return any(name in sent.facts or name in sent.features for name in lacking)


def _hits(case: Heard) -> frozenset[str]:
    return frozenset(hit.code for hit in case.findings.hits)


def _mistakes(findings: Findings) -> frozenset[str]:
    return frozenset(hit.code for hit in findings.hits if _counts(hit))


def _counts(hit: RuleEntry) -> bool:
    """Tell whether a hit holds the order, or is about a mistake in it."""
    is_mistake = hit.fix is not None and bool(hit.fix.repairs)
    return hit.severity in _HOLDS or (hit.severity is Severity.WARN and is_mistake)


def _named(hits: Sequence[RuleEntry]) -> frozenset[str]:
    return frozenset(name for hit in hits if hit.fix is not None for name in hit.fix.repairs)


def _adds(offer: tuple[Fix, T], tried: Sequence[tuple[Fix, T]]) -> bool:
    """Tell whether no earlier offer holds this patch, or leaves less than it does."""
    patch, left = offer[0].patch, _mistakes(offer[1].findings)
    return not any(
        all(one in earlier.patch for one in patch) or _mistakes(case.findings) < left
        for earlier, case in tried
    )
