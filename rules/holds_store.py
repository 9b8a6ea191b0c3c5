"""Keeps on the disk what is switched off: a file for each state of it, and a pointer to the last.

A state is named by its content and never changed, so that a decision of then can be computed
again. The change is written to the audit before the pointer moves: none goes unwritten.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from features.errors import RuleError, suggest
from features.times import from_us, to_us
from rules.durable_files import append_line, locked, replace_file, whole_lines
from rules.holds import NO_HOLDS, Hold, Holds

HOLDS_FOLDER = "holds"
_POINTER, _AUDIT = "current", "audit.jsonl"


class Switch(StrEnum):
    """What can be switched off."""

    RULE = "rule"
    CHANNEL = "channel"


OFF = {Switch.RULE: "pause", Switch.CHANNEL: "stop"}
ON = {Switch.RULE: "resume", Switch.CHANNEL: "start"}
IS_OFF = {Switch.RULE: "paused", Switch.CHANNEL: "stopped"}


class HoldLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change, as the audit has it."""

    at: datetime
    by: str
    verb: str
    name: str
    why: str
    until: datetime | None
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """Who switches what, when and why."""

    switch: Switch
    name: str
    by: str
    at_us: int
    why: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HoldStore:
    """What is switched off in one data folder."""

    folder: Path

    def pointer(self) -> str | None:
        """Tell the version that holds; None where nothing was ever switched off."""
        try:
            return (self.folder / _POINTER).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def current(self) -> Holds:
        """Read what is switched off now; raises RuleError where it cannot be read."""
        version = self.pointer()
        return NO_HOLDS if version is None else self.at(version)

    def at(self, version: str) -> Holds:
        """Read a state by its fingerprint; raises RuleError where it is absent or was changed."""
        if version == NO_HOLDS.version:
            return NO_HOLDS
        path = self._file(version)
        try:
            holds = msgspec.json.decode(path.read_bytes(), type=Holds)
        except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
            raise RuleError(f"{path} cannot be read ({error}); {_WAY_OUT}") from None
        if holds.version != version:
            raise RuleError(f"{path} was changed after it was written; {_WAY_OUT}")
        return holds

    def audit(self) -> tuple[HoldLine, ...]:
        """Read who switched what, oldest first; raises RuleError naming a line it cannot read."""
        path = self.folder / _AUDIT
        lines = []
        for number, one in enumerate(whole_lines(path), 1):
            try:
                lines.append(msgspec.json.decode(one, type=HoldLine))
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise RuleError(f"{path}, line {number}: {error}") from None
        return tuple(lines)

    def change(self, asked: Change, verb: str, apply: Callable[[Holds], Holds]) -> Holds:
        """Make what `apply` gives of the current state the one that holds."""
        with locked(self.folder):
            before = self.current()
            after = apply(_without_ended(before, asked.at_us))
            self.folder.mkdir(parents=True, exist_ok=True)
            replace_file(self._file(after.version), msgspec.json.encode(after))
            line = HoldLine(
                at=from_us(asked.at_us),
                by=asked.by,
                verb=verb,
                name=asked.name,
                why=asked.why,
                until=asked.until,
                before=before.version,
                after=after.version,
            )
            append_line(self.folder / _AUDIT, msgspec.json.encode(line))
            replace_file(self.folder / _POINTER, f"{after.version}\n".encode("ascii"))
        return after

    def _file(self, version: str) -> Path:
        return self.folder / f"{Path(version).name}.json"


_WAY_OUT = "remove `current` beside it to let everything act, then switch off what must be"


def hold_store_of(home: Path) -> HoldStore:
    """Give what is switched off in a data folder."""
    return HoldStore(home / HOLDS_FOLDER)


def switch_off(store: HoldStore, asked: Change, known: Collection[str] | None) -> Holds:
    """Pause a rule or stop a channel; again gives it another reason or end.

    `known` names what there is; None takes the name as it stands. Raises RuleError for a name
    that is not there, an end that has passed, or without a who and a why.
    """
    _check_said(by=asked.by, why=asked.why)
    if known is not None and asked.name not in known:
        raise RuleError(f"there is no {asked.switch} {asked.name!r}.{suggest(asked.name, known)}")
    if asked.until is not None and to_us(asked.until) <= asked.at_us:
        raise RuleError(
            f"until is {asked.until.isoformat()}, which has passed; name a later instant or none"
        )
    hold = Hold(by=asked.by, since=from_us(asked.at_us), why=asked.why, until=asked.until)
    return store.change(
        asked,
        OFF[asked.switch],
        lambda now: _with(now, asked.switch, {**_held(now, asked.switch), asked.name: hold}),
    )


def switch_on(store: HoldStore, asked: Change) -> Holds:
    """Resume a rule or start a channel; raises RuleError where it is not switched off."""
    _check_said(by=asked.by)

    def without(now: Holds) -> Holds:
        held = _held(now, asked.switch)
        if asked.name not in held:
            raise RuleError(
                f"{asked.switch} {asked.name!r} is not {IS_OFF[asked.switch]}."
                f"{suggest(asked.name, held)} `preflight holds` lists what is"
            )
        kept = {name: hold for name, hold in held.items() if name != asked.name}
        return _with(now, asked.switch, kept)

    return store.change(asked, ON[asked.switch], without)


def _check_said(**said: str) -> None:
    for name, value in said.items():
        if not value.strip():
            raise RuleError(f"{name} is {value!r}; say who it is that asks, and why")


def _held(holds: Holds, switch: Switch) -> dict[str, Hold]:
    return holds.rules if switch is Switch.RULE else holds.channels


def _with(holds: Holds, switch: Switch, held: dict[str, Hold]) -> Holds:
    return replace(holds, rules=held) if switch is Switch.RULE else replace(holds, channels=held)


def _without_ended(holds: Holds, at_us: int) -> Holds:
    return Holds(
        rules=dict(holds.paused(at_us)),
        channels={n: h for n, h in holds.channels.items() if not h.is_over(at_us)},
    )
