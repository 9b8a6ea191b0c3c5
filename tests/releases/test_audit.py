"""The audit: every step in a chain, so that a changed line is noticed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rules.durable_files import append_line
from rules.releases.audit import FIRST, AuditLine, AuditLog, Verb, faults_of

AT = datetime(2026, 11, 22, tzinfo=UTC)


def line(why: str, verb: Verb = Verb.CHECK) -> AuditLine:
    return AuditLine(at=AT, by="ana", verb=verb, kind="book", why=why)


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    found = AuditLog(tmp_path / "audit.jsonl")
    for why in ("one", "two", "three"):
        found.append(line(why))
    return found


def test_lines_are_numbered_and_name_the_one_before(log: AuditLog) -> None:
    lines = log.read()
    assert [one.line.number for one in lines] == [1, 2, 3]
    assert [one.line.previous for one in lines] == [FIRST, lines[0].digest, lines[1].digest]
    assert faults_of(lines) == ()


@pytest.mark.parametrize("number", [1, 2])
def test_a_changed_line_is_noticed_by_the_next(log: AuditLog, number: int) -> None:
    raw = log.path.read_bytes().splitlines()
    raw[number - 1] = raw[number - 1].replace(b'"ana"', b'"bo"')
    log.path.write_bytes(b"\n".join(raw) + b"\n")
    assert faults_of(log.read()) == (
        f"line {number + 1} does not follow line {number}: one of them was changed",
    )


def test_a_removed_or_moved_line_is_noticed(log: AuditLog) -> None:
    first, second, third = log.path.read_bytes().splitlines(keepends=True)
    for changed in (first + third, second + third, second + first + third):
        log.path.write_bytes(changed)
        assert faults_of(log.read())


def test_a_line_that_cannot_be_read_is_told_and_the_others_are_read(log: AuditLog) -> None:
    first, _, third = log.path.read_bytes().splitlines(keepends=True)
    log.path.write_bytes(first + b"{\n" + third)
    lines = log.read()
    assert [one.line.verb for one in lines] == [Verb.CHECK, Verb.UNREADABLE, Verb.CHECK]
    told = faults_of(lines)
    assert told[0].startswith("line 2 cannot be read")
    assert told[1].startswith("line 3 does not follow line 2")


def test_the_end_of_a_line_that_a_crash_cut_off_is_dropped(log: AuditLog) -> None:
    whole = log.path.read_bytes()
    log.path.write_bytes(whole + b'{"at":"2026')
    assert len(log.read()) == 3
    log.append(line("four"))
    assert log.path.read_bytes().startswith(whole)
    assert [one.line.why for one in log.read()] == ["one", "two", "three", "four"]
    assert faults_of(log.read()) == ()


def test_a_torn_line_longer_than_a_block_is_dropped_too(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"first\n" + b"x" * (3 << 20))
    append_line(path, b"second")
    assert path.read_bytes() == b"first\nsecond\n"
