"""What is switched off is kept whole, by name and reason, and an end is an end."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import RuleError
from features.times import to_us
from rules.holds import NO_HOLDS, Hold, Holds
from rules.holds_store import Change, HoldStore, Switch, hold_store_of, switch_off, switch_on

NOW = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)
NOW_US = to_us(NOW)
CODES = ("AMOUNT_NOT_RECORD", "BUYER_VELOCITY")
Ask = Callable[..., Change]


@pytest.fixture
def store(tmp_path: Path) -> HoldStore:
    return hold_store_of(tmp_path)


def pause(name: str = CODES[0], **said: object) -> Change:
    return Change(Switch.RULE, name, **({"by": "ana", "at_us": NOW_US, "why": "w"} | said))  # type: ignore[arg-type] # fields by name


def test_where_nothing_was_ever_switched_off_everything_acts(store: HoldStore) -> None:
    assert store.current() == NO_HOLDS
    assert store.pointer() is None
    assert store.at(NO_HOLDS.version) == NO_HOLDS


def test_a_pause_and_its_end_leave_the_first_state_and_two_lines(store: HoldStore) -> None:
    paused = switch_off(store, pause(), CODES)
    assert store.current() == paused
    assert paused.rules[CODES[0]].by == "ana"
    assert switch_on(store, pause(by="bo", why="")) == NO_HOLDS
    first, second = store.audit()
    assert (first.verb, first.by, first.before, first.after) == (
        "pause", "ana", NO_HOLDS.version, paused.version
    )  # fmt: skip
    assert (second.verb, second.by, second.after) == ("resume", "bo", NO_HOLDS.version)
    assert store.at(paused.version) == paused, "a decision of then can be computed again"


def test_a_code_that_is_not_there_suggests_the_nearest(store: HoldStore) -> None:
    with pytest.raises(RuleError, match=r"'AMOUNT_NOT_RECRD'\. Did you mean 'AMOUNT_NOT_RECORD'"):
        switch_off(store, pause("AMOUNT_NOT_RECRD"), CODES)
    assert store.audit() == ()


def test_what_is_not_paused_cannot_be_resumed(store: HoldStore) -> None:
    switch_off(store, pause(), CODES)
    with pytest.raises(RuleError, match=r"'AMOUNT_NOT_RECRD' is not paused\. Did you mean"):
        switch_on(store, pause("AMOUNT_NOT_RECRD"))


@pytest.mark.parametrize("field", ["by", "why"])
def test_nobody_and_no_reason_are_refused(store: HoldStore, field: str) -> None:
    with pytest.raises(RuleError, match=f"^{field} is ' '"):
        switch_off(store, pause(**{field: " "}), CODES)


def test_an_end_that_has_passed_is_refused(store: HoldStore) -> None:
    with pytest.raises(RuleError, match="which has passed"):
        switch_off(store, pause(until=NOW), CODES)


def test_a_hold_ends_by_itself_and_is_gone_at_the_next_change(store: HoldStore) -> None:
    until = NOW + timedelta(hours=1)
    held = switch_off(store, pause(until=until), CODES)
    assert held.paused(to_us(until) - 1)
    assert not held.paused(to_us(until))
    later = switch_off(store, pause(CODES[1], at_us=to_us(until)), CODES)
    assert list(later.rules) == [CODES[1]]


def test_a_damaged_state_is_named_with_a_way_out(store: HoldStore) -> None:
    held = switch_off(store, pause(), CODES)
    path = store.folder / f"{held.version}.json"
    path.write_bytes(path.read_bytes().replace(b"ana", b"eve"))
    with pytest.raises(RuleError, match="was changed after it was written; remove `current`"):
        store.current()
    (store.folder / "current").write_text("nonsense")
    with pytest.raises(RuleError, match=r"nonsense\.json cannot be read"):
        store.current()


names = st.dictionaries(
    st.sampled_from(["A", "B"]),
    st.builds(
        Hold,
        by=st.just("ana"),
        since=st.just(NOW),
        why=st.text(max_size=3),
        until=st.none() | st.integers(-2, 2).map(lambda n: NOW + timedelta(microseconds=n)),
    ),
)


@given(names, names, st.integers(-3, 3))
def test_what_holds_is_what_has_not_ended(
    rules: dict[str, Hold], channels: dict[str, Hold], at: int
) -> None:
    as_of_us = NOW_US + at
    holds = Holds(rules=rules, channels=channels)

    def acts(held: dict[str, Hold]) -> set[str]:
        return {n for n, h in held.items() if h.until is None or as_of_us < to_us(h.until)}

    assert set(holds.paused(as_of_us)) == acts(rules)
    assert {name for name in "AB" if holds.stopped(name, as_of_us)} == acts(channels)


KILLED = """
import os, signal, sys
from pathlib import Path
from rules import durable_files, holds_store
from rules.holds_store import Change, Switch, hold_store_of, switch_off
watched = {durable_files.__file__, holds_store.__file__}

def killed_at(step):
    left = step
    def look(frame, event, argument):
        nonlocal left
        if event.startswith("c_") and frame.f_code.co_filename in watched:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    return look

for step in range(400):
    child = os.fork()
    if child == 0:
        store = hold_store_of(Path(sys.argv[1]))
        sys.setprofile(killed_at(step))
        switch_off(store, Change(Switch.RULE, f"CODE_{step}", "ana", 1, "why"), None)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    held = hold_store_of(Path(sys.argv[1])).current()
    print(step, len(held.rules), os.WIFSIGNALED(status), flush=True)
    if not os.WIFSIGNALED(status):
        break
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no fork there")
def test_a_kill_at_any_step_leaves_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    steps = [line.split() for line in ended.stdout.splitlines()]
    assert len(steps) > 20
    assert steps[-1][2] == "False", "the last one was not killed"
    known = 0
    for _, rules, _ in steps:
        assert int(rules) in (known, known + 1)
        known = int(rules)
    store = hold_store_of(tmp_path)
    noted = {line.name for line in store.audit()}
    assert set(store.current().rules) <= noted, "no change goes unwritten"
