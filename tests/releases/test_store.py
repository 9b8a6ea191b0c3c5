"""The store: versions by content, one pointer, nothing half-written."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from features.errors import RuleError
from rules.releases.audit import AuditLine, Verb
from rules.releases.store import Pointer, ReleaseStore, store_of, version_of

AT = datetime(2026, 11, 22, tzinfo=UTC)
FILES = {"a.yaml": b"rules: []\n", "channels/b.yaml": b"x: 1\n"}


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    return store_of(tmp_path)


def publish(
    store: ReleaseStore, content: bytes, kind: str = "book", verb: Verb = Verb.PUBLISH
) -> str:
    with store.writing():
        version = store.write(kind, {"a.yaml": content})
        before = store.current(kind)
        store.point(AuditLine(at=AT, by="ana", verb=verb, kind=kind, before=before, after=version))
    return version


def test_nothing_runs_but_what_is_shipped_at_first(store: ReleaseStore) -> None:
    assert store.current("book") is None
    assert store.pointer() == Pointer()
    assert store.stamp() == b""
    assert store.published("book") == ()
    assert store.faults() == ()


def test_a_version_is_its_content_and_nothing_else(store: ReleaseStore) -> None:
    with store.writing():
        version = store.write("book", FILES)
        assert store.write("book", dict(reversed(FILES.items()))) == version
    assert version == version_of("book", FILES)
    assert version != version_of("packs", FILES)
    assert version != version_of("book", {**FILES, "a.yaml": b""})
    place = store.path("book", version)
    assert (place / "channels" / "b.yaml").read_bytes() == b"x: 1\n"


def test_one_pointer_holds_every_kind_and_the_stamp_moves_with_each(store: ReleaseStore) -> None:
    book, stamps = publish(store, b"1"), [b"", store.stamp()]
    costs = publish(store, b"2", "costs")
    stamps.append(store.stamp())
    assert store.pointer().versions == {"book": book, "costs": costs}
    again = publish(store, b"1")
    assert again == book
    stamps.append(store.stamp())
    assert len(set(stamps)) == 4
    assert store.pointer(stamps[1]).versions == {"book": book}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda place: (place / "a.yaml").write_bytes(b"rules:  []\n"), "was changed"),
        (lambda place: (place / "a.yaml").unlink(), "is missing from"),
        (lambda place: (place / "c.yaml").write_bytes(b""), "does not belong to"),
        (lambda place: (place / "release.json").write_bytes(b"{"), "cannot be read"),
        (lambda place: (place / "release.json").unlink(), "cannot be read"),
    ],
)
def test_a_damaged_version_is_refused_and_written_again(
    store: ReleaseStore, change: object, told: str
) -> None:
    with store.writing():
        version = store.write("book", FILES)
        assert callable(change)
        change(store.folder / "book" / version)
        with pytest.raises(RuleError, match=told):
            store.path("book", version)
        store.write("book", FILES)
    assert store.path("book", version)


def test_a_manifest_that_was_changed_with_its_file_is_another_version(store: ReleaseStore) -> None:
    with store.writing():
        one, other = store.write("book", FILES), store.write("book", {"a.yaml": b"other"})
    for file in ("release.json", "a.yaml"):
        content = (store.folder / "book" / other / file).read_bytes()
        (store.folder / "book" / one / file).write_bytes(content)
    with pytest.raises(RuleError, match="is not what version"):
        store.path("book", one)


def test_a_version_is_found_by_how_it_begins(store: ReleaseStore) -> None:
    version = publish(store, b"1")
    assert store.need("book", version[:5]) == version
    for name in ("", "zzz"):
        with pytest.raises(RuleError, match="no version that ever ran begins with"):
            store.need("book", name)


def test_a_damaged_pointer_names_the_file(store: ReleaseStore) -> None:
    publish(store, b"1")
    pointer = store.folder / "current.json"
    pointer.write_bytes(b"{")
    with pytest.raises(RuleError, match=r"current\.json cannot be read"):
        store.current("book")
    pointer.write_text(json.dumps({"format": 9}))
    with pytest.raises(RuleError, match="has format 9"):
        store.current("book")


def test_a_cut_off_tail_of_the_audit_is_noticed(store: ReleaseStore) -> None:
    publish(store, b"1")
    publish(store, b"2")
    first, *_ = store.log.path.read_bytes().splitlines(keepends=True)
    store.log.path.write_bytes(first)
    assert "is not there any more" in store.faults()[0]


def test_a_pointer_that_went_back_is_noticed_and_only_a_rollback_mends_it(
    store: ReleaseStore,
) -> None:
    first = publish(store, b"1")
    old = store.stamp()
    publish(store, b"2")
    publish(store, b"3")
    (store.folder / "current.json").write_bytes(old)
    assert store.faults() == ("what runs is older than what the lines say",)
    with pytest.raises(RuleError, match="say by a rollback what runs"):
        publish(store, b"4")
    publish(store, b"1", verb=Verb.ROLLBACK)
    assert (store.current("book"), store.faults()) == (first, ())


def test_publishers_at_once_leave_one_chain(store: ReleaseStore) -> None:
    kinds = ("book", "packs", "costs", "routes")

    def work(kind: str) -> None:
        for number in range(5):
            publish(store, f"{kind} {number}".encode(), kind)

    threads = [threading.Thread(target=work, args=(kind,)) for kind in kinds]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert store.faults() == ()
    assert len(store.log.read()) == 20
    assert {kind: store.current(kind) for kind in kinds} == {
        kind: version_of(kind, {"a.yaml": f"{kind} 4".encode()}) for kind in kinds
    }
