"""Commands that switch off in an emergency, and back on: rules, channels."""

from collections.abc import Collection
from datetime import datetime
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from features.errors import PreflightError, RuleError
from features.times import now_us
from rules.cli_printing import AsJson, print_json
from rules.holds import Hold, Holds
from rules.holds_store import (
    IS_OFF,
    Change,
    HoldLine,
    Switch,
    hold_store_of,
    switch_off,
    switch_on,
)
from rules.in_force import channel_names, rule_codes

Home = Annotated[
    Path, typer.Option("--home", envvar="PREFLIGHT_HOME", help="The data folder of the service.")
]
By = Annotated[
    str | None,
    typer.Option("--by", envvar="PREFLIGHT_BY", help="Who switches; your login if none."),
]
Why = Annotated[str, typer.Option("--why", help="The reason; it is in every answer concerned.")]
WhyOn = Annotated[str, typer.Option("--why", help="The reason, for the audit.")]
Until = Annotated[
    str | None,
    typer.Option("--until", help="When it ends by itself: ISO 8601 with zone. Default: not."),
]
Code = Annotated[str, typer.Argument(help="The rule's code.")]
Channel = Annotated[str, typer.Argument(help="The channel's name.")]
_HOME = Path(".preflight")
_SEEN = "a running service sees it within a fifth of a second"


def pause(
    code: Code,
    why: Why,
    by: By = None,
    until: Until = None,
    home: Home = _HOME,
    as_json: AsJson = False,
) -> None:
    """Pause a rule at once: it fires for nobody until it is resumed; answers say so."""
    change = _change(Switch.RULE, code, by, why, until)
    _off(home, change, _known(rule_codes, home), as_json)


def resume(
    code: Code, by: By = None, why: WhyOn = "", home: Home = _HOME, as_json: AsJson = False
) -> None:
    """Let a paused rule act again, at once."""
    _on(home, _change(Switch.RULE, code, by, why), as_json)


def stop(
    channel: Channel,
    why: Why,
    by: By = None,
    until: Until = None,
    home: Home = _HOME,
    as_json: AsJson = False,
) -> None:
    """Stop a channel at once: its orders are told to wait, or to go by another channel."""
    change = _change(Switch.CHANNEL, channel, by, why, until)
    _off(home, change, _known(channel_names, home), as_json)


def start(
    channel: Channel, by: By = None, why: WhyOn = "", home: Home = _HOME, as_json: AsJson = False
) -> None:
    """Let a stopped channel take orders again, at once."""
    _on(home, _change(Switch.CHANNEL, channel, by, why), as_json)


def holds(
    home: Home = _HOME,
    log: Annotated[bool, typer.Option("--log", help="Who switched what, oldest first.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is switched off: paused rules and stopped channels, by whom and why."""
    store = hold_store_of(home)
    if log:
        lines = store.audit()
        print_json(lines) if as_json else print("\n".join(map(_logged, lines)) or _NOTHING)
        return
    found = store.current()
    if as_json:
        print_json(_as_json(found))
    else:
        print("\n".join(_lines(found)) or _NOTHING)


_NOTHING = "nothing is switched off"


def _off(home: Path, change: Change, known: Collection[str] | None, as_json: bool) -> None:
    held = switch_off(hold_store_of(home), change, known)
    _report(held, f"{change.switch} {change.name} is {IS_OFF[change.switch]}", as_json)


def _on(home: Path, change: Change, as_json: bool) -> None:
    held = switch_on(hold_store_of(home), change)
    _report(held, f"{change.switch} {change.name} acts again", as_json)


def _report(held: Holds, done: str, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(held))
        return
    print(f"{done}; {_SEEN}")
    print("\n".join(_lines(held)) or _NOTHING)


def _known(read: Any, home: Path) -> Collection[str] | None:
    """Name what there is; where that cannot be read, an emergency goes on without the check."""
    try:
        names: Collection[str] = read(home)
    except PreflightError as error:
        typer.echo(f"the name is taken as it stands: {error}", err=True)
        return None
    return names


def _change(
    switch: Switch, name: str, by: str | None, why: str, until: str | None = None
) -> Change:
    end = None if until is None else _instant(until)
    return Change(switch, name, by=by or getuser(), at_us=now_us(), why=why, until=end)


def _instant(text: str) -> datetime:
    try:
        instant: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise RuleError(f"--until is {text!r}; write an instant such as 2026-11-11T02:00:00+08:00")
    return instant


def _as_json(found: Holds) -> dict[str, Any]:
    return {"version": found.version, **msgspec.to_builtins(found)}


def _lines(found: Holds) -> list[str]:
    rules = [_line(f"rule {code}", hold) for code, hold in found.rules.items()]
    return rules + [_line(f"channel {name}", hold) for name, hold in found.channels.items()]


def _line(what: str, hold: Hold) -> str:
    since = f"{hold.since:%Y-%m-%d %H:%M:%S} UTC"
    end = "" if hold.until is None else f" until {hold.until.isoformat()}"
    return f"  {what:32} off since {since}{end}, by {hold.by}: {hold.why}"


def _logged(line: HoldLine) -> str:
    end = "" if line.until is None else f" until {line.until.isoformat()}"
    return (
        f"{line.at:%Y-%m-%d %H:%M:%S} UTC  {line.by:12} {line.verb:6} {line.name}{end}"
        f"  {line.why}  ({line.before} → {line.after})"
    )
