"""Import and change: bad rows are named, nothing is half applied, everything is written down."""

import csv
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from features.errors import RuleError
from features.masking import Masker
from rules.decision import Basis
from rules.lists.changes import Desk, add_entry, import_csv, nature_of, remove_value
from rules.lists.holdings import ListKind
from rules.lists.kept import Draft, ListHead
from rules.lists.lists import load_list
from rules.lists.reading import Reading, write_rejects
from rules.lists.store import store_of

BASES = {"BUYER_VELOCITY": Basis.HEURISTIC, "AMOUNT_NOT_RECORD": Basis.CHANNEL_RULE}
CARD = "6222021234567894"
Import = Callable[..., tuple[Reading, ListHead | None]]


@pytest.fixture
def desk(tmp_path: Path, masker: Masker) -> Desk:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Desk(store_of(tmp_path / "home"), masker, BASES, "ana", at)


@pytest.fixture
def bring(desk: Desk, tmp_path: Path) -> Import:
    """Import the text of a file."""

    def run(
        text: str | bytes,
        name: str = "blocked",
        fact: str = "buyer.id",
        kind: ListKind = ListKind.BLOCK,
        rules: tuple[str, ...] = (),
        keep: bool = False,
        strict: bool = False,
    ) -> tuple[Reading, ListHead | None]:
        file = tmp_path / "f.csv"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return import_csv(desk, file, Draft(name, kind, fact, rules), keep=keep, strict=strict)

    return run


def _values(desk: Desk, name: str = "blocked") -> list[str]:
    return [entry.value for entry in desk.store.entries(desk.store.head(name))]


def test_good_rows_become_a_version_and_bad_ones_are_listed(
    bring: Import, desk: Desk, tmp_path: Path
) -> None:
    reading, head = bring(
        "buyer.id,until,reason,by\n"
        'B1,2027-01-31T00:00:00+08:00,"two, words",bo\n'
        "B2,2027-01-31,,\n"
        "B3,,,\n"
        "B3,,,\n"
        "B3,,otherwise,\n"
        ",,,\n"
        "B4\n"
    )
    assert head is not None
    assert (reading.rows, reading.repeated, head.entries) == (7, 1, 2)
    assert [one.line for one in reading.refused] == [3, 6, 7, 8]
    assert "2027-01-31T00:00:00+08:00" in reading.refused[0].problem
    entries = {entry.value: entry for entry in desk.store.entries(head)}
    assert entries["B1"].until == datetime(2027, 1, 30, 16, tzinfo=UTC)
    assert (entries["B1"].by, entries["B3"].by) == ("bo", "ana")
    write_rejects(tmp_path / "rejects.csv", reading.refused)
    text = (tmp_path / "rejects.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["value"] for row in rows] == ["B2", "B3", "", "B4"]


def test_strict_changes_nothing_where_a_row_is_refused(bring: Import, desk: Desk) -> None:
    bring("value\nB1\n")
    _, head = bring("value\nB2\n\t\n", strict=True)
    assert head is None
    assert _values(desk) == ["B1"]


def test_a_file_of_refused_rows_alone_changes_nothing(bring: Import, desk: Desk) -> None:
    _, head = bring("value\n\t\n")
    assert head is None
    assert desk.store.names() == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("B1\nB2\n", "line 1: no column is called 'B1'"),
        ("value,untill\nB1,\n", "Did you mean 'until'"),
        ("until\n\n", "line 1: needs one column `value`"),
        ("value,value\n", "each column once"),
        ('value\n"B1\n', "line 1: not a CSV table"),
        ("value\n中文\n".encode("gbk"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_its_line(
    bring: Import, text: str | bytes, told: str
) -> None:
    with pytest.raises(RuleError, match=told):
        bring(text)


def test_an_import_replaces_or_keeps(bring: Import, desk: Desk) -> None:
    bring("value,reason\nB1,old\nB2,old\n")
    bring("value,reason\nB2,new\nB3,new\n", keep=True)
    head = desk.store.head("blocked")
    reasons = {entry.value: entry.reason for entry in desk.store.entries(head)}
    assert reasons == {"B1": "old", "B2": "new", "B3": "new"}
    bring("value\nB9\n")
    assert _values(desk) == ["B9"]


def test_no_whole_number_is_written_anywhere(bring: Import, desk: Desk, tmp_path: Path) -> None:
    text = f"value,reason,until\n{CARD},seen with {CARD},\n{CARD}!,,\n{CARD},,{CARD}\n"
    reading, _ = bring(text, fact="buyer.card.hash")
    assert [one.value for one in reading.refused] == ["", ""]
    (tmp_path / "f.csv").unlink()
    write_rejects(tmp_path / "rejects.csv", reading.refused)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 4
    for path in written:
        assert CARD.encode() not in path.read_bytes(), path
    assert load_list(desk.store, "blocked").holds(desk.masker.account(CARD)["hash"], 0)


def test_every_change_is_written_down(bring: Import, desk: Desk) -> None:
    bring("value\nB1\n")
    nature = nature_of(desk.store, "blocked", None, None, ())
    added = add_entry(desk, nature, {"value": "B2", "reason": "chargeback"})
    removed = remove_value(desk, "blocked", "B1")
    back = desk.roll_back("blocked", None)
    assert back.version == added.version
    assert [line.verb for line in desk.store.audit("blocked")] == [
        "import",
        "add",
        "remove",
        "rollback",
    ]
    last = desk.store.audit("blocked")[-1]
    assert (last.by, last.before, last.after) == ("ana", removed.version, added.version)
    assert _values(desk) == ["B1", "B2"]
    assert len(desk.store.versions("blocked")) == 3


def test_writers_wait_for_each_other(bring: Import, desk: Desk) -> None:
    bring("value\nB0\n")
    nature = nature_of(desk.store, "blocked", None, None, ())
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(add_entry, desk, nature, {"value": f"B{n}"}) for n in range(1, 13)]
    assert [one.result().name for one in made] == ["blocked"] * 12
    assert set(_values(desk)) == {f"B{n}" for n in range(13)}


def test_a_rejects_file_that_cannot_be_written_changes_nothing(
    bring: Import, desk: Desk, tmp_path: Path
) -> None:
    bring("value\nB1\n")
    (tmp_path / "f.csv").write_text("value\nB2\n\t\n")
    nature = Draft("blocked", ListKind.BLOCK, "buyer.id")
    place = tmp_path / "nowhere" / "rejects.csv"
    with pytest.raises(RuleError, match="cannot be written"):
        import_csv(desk, tmp_path / "f.csv", nature, keep=False, strict=False, rejects=place)
    assert _values(desk) == ["B1"]


def test_what_is_not_there_is_named(bring: Import, desk: Desk) -> None:
    bring("value\nB1\n")
    with pytest.raises(RuleError, match="nothing was changed"):
        remove_value(desk, "blocked", "B2")
    with pytest.raises(RuleError, match="Did you mean 'blocked'"):
        remove_value(desk, "bloked", "B1")
    with pytest.raises(RuleError, match="no version before"):
        desk.roll_back("blocked", None)
    with pytest.raises(RuleError, match="has no version 'x'"):
        desk.roll_back("blocked", "x")
    with pytest.raises(RuleError, match="say its --kind"):
        nature_of(desk.store, "new", None, None, ())
    with pytest.raises(RuleError, match="Did you mean 'block'"):
        nature_of(desk.store, "new", "blok", "buyer.id", ())


def test_a_list_stays_what_it_is(bring: Import, desk: Desk) -> None:
    bring("value\nB1\n")
    with pytest.raises(RuleError, match=r"not a block list of device\.id"):
        bring("value\nD1\n", fact="device.id")
    assert _values(desk) == ["B1"]


@pytest.mark.parametrize("name", ["Blocked", "../up", "", "a b", "x" * 65])
def test_a_bad_name_is_refused(bring: Import, name: str) -> None:
    with pytest.raises(RuleError, match="no name of a list"):
        bring("value\nB1\n", name=name)


def test_an_exempt_list_names_heuristics_alone(bring: Import, desk: Desk) -> None:
    kind = ListKind.EXEMPT
    with pytest.raises(RuleError, match="only a heuristic can be silenced"):
        bring("value\nB1\n", kind=kind, rules=("AMOUNT_NOT_RECORD",))
    with pytest.raises(RuleError, match="Did you mean 'BUYER_VELOCITY'"):
        bring("value,rules\nB1,BUYER_VELOCTY\n", kind=kind)
    reading, head = bring("value,rules\nB1,\nB2,BUYER_VELOCITY\nB3,no code\n", kind=kind)
    assert [one.line for one in reading.refused] == [2, 4]
    assert head is not None
    assert head.codes == {"BUYER_VELOCITY"}
    assert desk.store.versions("blocked") == (head.version,)


def test_only_an_exempt_list_names_rules(bring: Import) -> None:
    reading, _ = bring("value,rules\nB1,BUYER_VELOCITY\nB2,\n")
    assert [one.line for one in reading.refused] == [2]
    with pytest.raises(RuleError, match="only an exempt list names rules"):
        bring("value\nB1\n", rules=("BUYER_VELOCITY",))


CRASHES = """
import os, shutil, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from features.masking import Masker
from rules import durable_files
from rules.lists import audit, store
from rules.lists.changes import Desk, import_csv
from rules.lists.holdings import ListKind
from rules.lists.kept import Draft
from rules.lists.lists import load_list

def bring(home, file):
    desk = Desk(store.store_of(home), Masker(bytes(32)), {}, "child", datetime.now(UTC))
    nature = Draft("blocked", ListKind.BLOCK, "buyer.id")
    import_csv(desk, file, nature, keep=False, strict=False)

watched = {one.__file__ for one in (durable_files, store, audit)}

def killed_at(step):
    left = step
    def look(frame, event, argument):
        nonlocal left
        if event.startswith("c_") and frame.f_code.co_filename in watched:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.setprofile(look)

start, old, new = map(Path, sys.argv[1:])
bring(start, old)
found = []
for step in range(10_000):
    home = start.with_name(f"step{step}")
    shutil.copytree(start, home)
    child = os.fork()
    if child == 0:
        killed_at(step)
        bring(home, new)
        os._exit(0)
    was_killed = os.waitpid(child, 0)[1] == signal.SIGKILL
    lists = store.store_of(home)
    named = load_list(lists, "blocked")
    values = [entry.value for entry in lists.entries(named.head)]
    assert all(named.holds(value, 0) for value in values), step
    found.append(values[0][:3] + str(len(values)))
    assert lists.audit("blocked")[-1].entries in (3, 5), step
    bring(home, old)
    assert len(list(lists.entries(lists.head("blocked")))) == 3, step
    assert not list(lists.folder.glob("*/.version.*")), step
    shutil.rmtree(home)
    if not was_killed:
        break
print(len(found), *sorted(set(found)), found == sorted(found, reverse=True))
"""


def test_an_import_that_is_killed_at_any_step_leaves_the_old_list_or_the_new(
    tmp_path: Path,
) -> None:
    files = [tmp_path / "old.csv", tmp_path / "new.csv"]
    for file, size in zip(files, (3, 5), strict=True):
        rows = "".join(f"{file.stem}-{number}\n" for number in range(size))
        file.write_text(f"value\n{rows}")
    command = [sys.executable, "-c", CRASHES, str(tmp_path / "start"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    steps, *seen = done.stdout.split()
    assert int(steps) > 50
    assert seen == ["new5", "old3", "True"]


@pytest.mark.slow
def test_a_million_rows_are_imported_and_found(bring: Import, desk: Desk) -> None:
    _, head = bring("value\n" + "".join(f"buyer-{n}\n" for n in range(1_000_000)))
    assert head is not None
    assert head.entries == 1_000_000
    named = load_list(desk.store, "blocked")
    assert all(named.holds(f"buyer-{n}", 0) for n in range(0, 1_000_000, 997))
    assert not any(named.holds(f"buyer-{n}", 0) for n in range(1_000_000, 1_010_000))
    folder = desk.store.folder / "blocked" / head.version
    assert (folder / "table.bin").stat().st_size < 33_000_000
