"""From when an order can be sent that only time holds: found in the state, and judged again then.

Time clears a rule honestly where the book says so (`waits`): the channel's own trouble, our own
pace, a daily limit, a maintenance, an attempt whose result is not known yet; and a stopped channel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from features.calendar import DAY_US, HOUR_US
from features.expression import walk
from features.live_changes import Changes
from features.order import Order
from features.times import from_us, to_us
from rules.court import Case, Court, Row, StateView, court_of
from rules.decision import Severity, Wait
from rules.entries import RuleEntry
from rules.holds import Hold
from rules.stopping import stop_wait
from rules.waiting_moments import moments
from rules.waiting_search import first_passing
from rules.waiting_slots import span_us, turn_us
from rules.waiting_texts import QUERY_TEXT, text_of
from rules.waits import HOLDING

_PACK = "channel."
FORESEEN_US = DAY_US + HOUR_US
"""How far ahead is looked, unless a stop lasts longer: to the same hour of tomorrow."""


def waiting(case: Case, court: Court, state: StateView | None, stop: Hold | None) -> Wait | None:
    """Say from when the order may be sent, where time alone holds it; None where it does not.

    `stop` is what stops the order's channel. The rules of `codes` are those that time clears.
    """
    hits = tuple(hit for hit in case.findings.hits if hit.waits is not None)
    codes = tuple(hit.code for hit in hits)
    if not hits and stop is None:
        return None
    told = None if stop is None else stop_wait(stop, case.order.expires_at)
    if _needs_a_person(case, codes):
        return told
    if any(hit.waits == "query" for hit in hits):
        stopped = () if told is None else told.codes
        return Wait(until=None, codes=(*stopped, *codes), text=QUERY_TEXT)
    later = _Later(case, court, state, hits)
    found = None if stop is not None and stop.until is None else _found(later, stop)
    return told if found is None else found


def _needs_a_person(case: Case, codes: Sequence[str]) -> bool:
    """Tell whether something blocks that time does not clear, or says more exactly why not to."""
    others = (hit for hit in case.findings.hits if hit.waits is None)
    return any(
        hit.severity is Severity.BLOCK or (hit.special_case_of in codes and hit.severity in HOLDING)
        for hit in others
    )


def _found(later: "_Later", stop: Hold | None) -> Wait | None:
    clears_us = _clears_us(later, _end_us(later, stop))
    if clears_us is None:
        return None
    codes = tuple(hit.code for hit in later.hits)
    features = later.case.features
    own_us = clears_us + turn_us(later.case.order, span_us(codes, later.court, features))
    until_us = own_us if later.passes(own_us) else clears_us
    stopped = () if stop is None else stop_wait(stop).codes
    return Wait(
        until=from_us(until_us),
        codes=(*stopped, *codes),
        text=text_of(later.hits, stop),
        clears_at=from_us(clears_us),
        checked=not later.is_assumed(until_us),
    )


def _clears_us(later: "_Later", end_us: int) -> int | None:
    """Find the first instant at which the order passes.

    None before the first at which the rules that wait are silent can be it; so these are looked
    at alone, which is cheap, and all is judged at the instant that is found.
    """
    as_of_us = later.court.as_of_us
    if not later.is_of_windows:
        return first_passing(later.passes, later.changes, as_of_us, end_us)
    silent_us = first_passing(later.is_silent, later.changes, as_of_us, end_us)
    if silent_us is None or later.passes(silent_us):
        return silent_us
    return first_passing(later.passes, later.changes, silent_us, end_us)


def _end_us(later: "_Later", stop: Hold | None) -> int:
    """Give the last instant that is tried: before the order expires, after a stop has ended."""
    ends = [later.court.as_of_us + FORESEEN_US]
    if stop is not None and stop.until is not None:
        ends.append(to_us(stop.until))
    expires_at = later.case.order.expires_at
    return max(ends) if expires_at is None else min(max(ends), to_us(expires_at) - 1)


@dataclass(frozen=True)
class _Later:
    """The same order at other instants: what `decide` would find then if nothing else arrived."""

    case: Case
    court: Court
    state: StateView | None
    hits: tuple[RuleEntry, ...]
    """The rules that fired and that time clears."""

    @cached_property
    def others(self) -> frozenset[str]:
        """What fired besides: it may go on to, but nothing new may."""
        return frozenset(hit.code for hit in self.case.findings.hits if hit.waits is None)

    @cached_property
    def names(self) -> frozenset[str]:
        """What the rules that wait read."""
        names = self.court.judge.book.names
        return frozenset(name for hit in self.hits for name in names[hit.code])

    @cached_property
    def windows(self) -> frozenset[str]:
        """The window features that the rules that wait read."""
        catalog = self.court.terms.book.catalog
        return self.names.intersection(window.name for window in catalog.windows)

    @cached_property
    def is_of_windows(self) -> bool:
        """Tell whether the rules that wait read nothing but windows and what the order states."""
        others = self.names - self.windows
        stated = all(name in self.case.facts or name.startswith(_PACK) for name in others)
        return bool(self.windows) and stated and self.state is not None

    def is_silent(self, at_us: int) -> bool:
        """Tell whether none of the rules that wait fires then, and the channel is not stopped."""
        terms, channel = self.court.terms, self.case.order.channel
        if self._is_too_late(at_us) or terms.holds.stopped(channel, at_us) is not None:
            return False
        assert self.state is not None
        seen = self.state.read_windows(self.case.facts, self.windows, at_us)
        row = {**self.case.facts, **seen}
        conditions = court_of(terms, channel, at_us, is_stateless=False).judge.book.conditions
        return not any(walk(conditions[hit.code], row) is True for hit in self.hits)

    def passes(self, at_us: int) -> bool:
        """Tell whether nothing holds the order then that does not hold it now, nor time clears."""
        terms, channel = self.court.terms, self.case.order.channel
        if self._is_too_late(at_us) or terms.holds.stopped(channel, at_us) is not None:
            return False
        order, facts = self._renewed if self.is_assumed(at_us) else self._same
        court = court_of(terms, channel, at_us, is_stateless=self.state is None)
        features = {} if self.state is None else self.state.read(facts, at_us)
        found = court.hear(order, features, facts).findings.hits
        return all(hit.severity not in HOLDING or hit.code in self.others for hit in found)

    def changes(self, after_us: int, until_us: int) -> Changes:
        """Give when anything changes that may clear a rule."""
        windows = Changes((), is_whole=True)
        if self.state is not None and self.names:
            windows = self.state.changes_after(self.case.facts, self.names, after_us, until_us)
        own = {us for us in self._moments if after_us < us <= until_us}
        return Changes(tuple(sorted(own.union(windows.instants))), windows.is_whole)

    def is_assumed(self, at_us: int) -> bool:
        """Tell whether the account's use of the day is assumed to have begun again by then."""
        if not any(hit.waits == "day" for hit in self.hits):
            return False
        now, then = (from_us(us).astimezone(self._zone) for us in (self.court.as_of_us, at_us))
        return then.date() > now.date()

    def _is_too_late(self, at_us: int) -> bool:
        expires_at = self.case.order.expires_at
        return expires_at is not None and to_us(expires_at) <= at_us

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(
            self.court.pack.text("time_zone") or self.court.terms.book.catalog.time_zone
        )

    @cached_property
    def _moments(self) -> tuple[int, ...]:
        return tuple(moments(self.court, self.hits, self._zone))

    @cached_property
    def _same(self) -> tuple[Order, Row]:
        return self.case.order, self.case.facts

    @cached_property
    def _renewed(self) -> tuple[Order, Row]:
        """The order as it is stated on a new day: what is used of the daily limits is nothing."""
        account = self.case.order.account
        if account is None:
            return self._same
        fresh = replace(account, used_today_minor=0, used_today_count=0)
        order = replace(self.case.order, account=fresh)
        return order, self.court.facts(order)
