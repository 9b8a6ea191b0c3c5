"""Killed at any step, a publication or a rollback leaves what ran before or what runs now, whole.

A child process publishes and kills itself with SIGKILL right before or right after a call that
changes a file or a folder, or waits for the disk: once for every one of them.
"""

import subprocess
import sys
from pathlib import Path

import pytest

CRASHES = """
import os, pathlib, shutil, signal, sys
from datetime import UTC, datetime
from features.catalog import load_catalog
from rules import durable_files
from rules.book import load_book
from rules.releases import audit, loading, publishing, store
from rules.releases import desk as desk_module
from rules.releases.approval import approve
from rules.releases.asking import Answer
from rules.releases.checking import CheckReport
from rules.releases.desk import Desk
from rules.releases.drafts import begin, find
from rules.releases.hearing import Hearing
from rules.releases.history import history
from rules.releases.kinds import BOOK
from rules.releases.loading import book_in_force
from rules.releases.publishing import Conditions, publish, roll_back

# What is checked is checked elsewhere; here the steps on the disk count.
catalog = load_catalog()
desk_module.load_catalog = loading.load_catalog = lambda path=None: catalog
publishing.examine = lambda desk, draft, files, progress: CheckReport(
    kind="book", draft=draft.name, content=draft.content(), fingerprint="f")
agrees = Answer(hearing=Hearing(
    engine="fake", examples=1, orders=0, unreadable=0, differing=0, differences=()))
WHY = Conditions("so")

def desk(home, by="ana"):
    return Desk(home, by, datetime(2026, 1, 1, tzinfo=UTC), second_opinion=lambda docket: agrees)

def draft(home, name, folder):
    found = begin(desk(home), BOOK, name, str(folder))
    line = desk(home).line(audit.Verb.CHECK, BOOK, draft=name, content=found.content())
    desk(home).record(line)
    approve(desk(home, "bo"), find(desk(home), BOOK, name))

def move(home):
    if verb == "publish":
        publish(desk(home), find(desk(home), BOOK, "second"), WHY)
    else:
        roll_back(desk(home), BOOK, None, "back")

CHANGES = {"write", "flush", "fsync", "close", "open", "mkdir", "rename", "replace", "rmdir",
           "unlink", "chmod", "truncate", "ftruncate", "mkdtemp", "flock", "__exit__"}
FILES = {one.__file__ for one in (durable_files, store, audit, pathlib, shutil)}

def killed_at(step):
    left = step
    def look(frame, event, argument):
        nonlocal left
        if not event.startswith("c_") or frame.f_code.co_filename not in FILES:
            return
        if getattr(argument, "__name__", "") in CHANGES:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.setprofile(look)

verb, stride = sys.argv[1], int(sys.argv[2])
start, first, second = map(pathlib.Path, sys.argv[3:])
draft(start, "first", first)
publish(desk(start), find(desk(start), BOOK, "first"), WHY)
draft(start, "second", second)
if verb == "rollback":
    publish(desk(start), find(desk(start), BOOK, "second"), Conditions("so", over="current"))
codes = lambda home: ",".join(rule.code for rule in book_in_force(home))
old, found, cut = codes(start), [], 0
for step in range(0, 100_000, stride):
    home = start.with_name(f"step{step}")
    shutil.copytree(start, home)
    child = os.fork()
    if child == 0:
        killed_at(step)
        move(home)
        os._exit(0)
    was_killed = os.waitpid(child, 0)[1] == signal.SIGKILL
    found.append(codes(home))
    report = history(desk(home), BOOK)
    assert not report.faults, (step, report.faults)
    runs = [one for one in report.steps if one.is_current]
    assert [one.after for one in runs] == [report.current], step
    cut += any(one.cut_off for one in report.steps)
    if found[-1] == old:
        move(home)  # the next attempt is as good as the first
        assert codes(home) != old, step
        assert not history(desk(home), BOOK).faults, step
    assert not list((home / "releases").glob("*/.version.*")) or found[-1] != old, step
    shutil.rmtree(home)
    if not was_killed:
        break
olds = found.count(old)
assert found == [old] * olds + [found[-1]] * (len(found) - olds), found  # it changes once
print(len(found) * stride, old, found[-1], olds, cut)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
@pytest.mark.parametrize("verb", ["publish", "rollback"])
@pytest.mark.parametrize("stride", [pytest.param(1, marks=pytest.mark.slow), 23])
def test_kill_9_at_any_step_leaves_the_old_book_or_the_new(
    tmp_path: Path, book_folder: Path, verb: str, stride: int
) -> None:
    first = tmp_path / "first"
    first.mkdir()
    text = (book_folder / "amounts.yaml").read_text("utf-8")
    (first / "amounts.yaml").write_text(text.replace("LARGE_ORDER", "A_FIRST"), "utf-8")
    command = [sys.executable, "-c", CRASHES, verb, str(stride)]
    command += map(str, (tmp_path / "start", first, book_folder))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    steps, old, new, olds, cut = done.stdout.split()
    books = ["A_FIRST", "LARGE_ORDER,CLOSED_ORDER"]
    assert [old, new] == (books if verb == "publish" else books[::-1])
    assert int(steps) > 60
    assert int(olds) > int(cut) > 0  # some were cut off between the audit and the pointer
