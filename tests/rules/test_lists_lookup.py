"""A look-up says what a plain mapping would, at every instant, and what is broken is named."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import RuleError
from features.times import from_us
from rules.lists.holdings import WORDS, ListKind
from rules.lists.kept import Draft, Entry, encode_entry
from rules.lists.lists import NamedList, load_list
from rules.lists.store import ListStore, store_of
from rules.lists.table import FOREVER, Table, build_table, digest_of
from rules.lists.words import WordFinder

INSTANTS = st.integers(1, 5_000)
SMALL_DIGESTS = st.builds(
    lambda slot, rest: slot.to_bytes(8, "little") + rest.to_bytes(8, "little"),
    st.integers(0, 3),
    st.integers(1, 2**64 - 1),
)
"""Digests of which many want the same slot."""


@given(
    st.dictionaries(SMALL_DIGESTS, st.tuples(INSTANTS | st.just(FOREVER), st.integers(0, 9))),
    st.lists(SMALL_DIGESTS),
    INSTANTS,
)
def test_a_look_up_is_that_of_a_plain_mapping(
    entries: dict[bytes, tuple[int, int]], others: list[bytes], as_of_us: int
) -> None:
    table = Table(build_table([(d, u, t) for d, (u, t) in entries.items()], len(entries)))
    untils = [until for until, _ in entries.values()]
    near = {as_of_us, *(u + shift for u in untils for shift in (-1, 0, 1))}
    for digest in [*entries, *others]:
        until, tag = entries.get(digest, (None, None))
        assert table.until(digest) == until
        for instant in near:
            holds = until is not None and (until == FOREVER or instant < until)
            assert table.find(digest, instant) == (tag if holds else None)


def test_a_list_reads_its_values_as_orders_write_them(tmp_path: Path) -> None:
    named = _list(store_of(tmp_path), "ips", "device.ip", [Entry(value="2001:db8::1")])
    assert named.holds("2001:0DB8:0::1", 0)
    assert not named.holds("2001:db8::2", 0)


def test_an_entry_ends_at_its_instant(tmp_path: Path) -> None:
    end = from_us(1_800_000_000_000_000)
    named = _list(store_of(tmp_path), "buyers", "buyer.id", [Entry(value="B1", until=end)])
    assert named.holds("B1", 1_800_000_000_000_000 - 1)
    assert not named.holds("B1", 1_800_000_000_000_000)


@pytest.mark.parametrize("file", ["table.bin", "entries.jsonl", "list.json"])
def test_a_version_that_was_changed_is_refused(tmp_path: Path, file: str) -> None:
    store = store_of(tmp_path)
    named = _list(store, "words" if file == "entries.jsonl" else "buyers", *_sort(file))
    path = store.folder / named.head.name / named.version / file
    path.write_bytes(path.read_bytes().replace(b"a", b"b", 1) + b" ")
    with pytest.raises(RuleError, match=str(path)):
        load_list(store, named.head.name, named.version)


def test_a_damaged_version_is_mended_by_the_same_import(tmp_path: Path) -> None:
    store, entries = store_of(tmp_path), [Entry(value="B1")]
    named = _list(store, "buyers", "buyer.id", entries)
    (store.folder / "buyers" / named.version / "table.bin").write_bytes(b"")
    assert _list(store, "buyers", "buyer.id", entries).holds("B1", 0)


def test_the_same_content_is_the_same_version(tmp_path: Path) -> None:
    entries = [Entry(value="B1"), Entry(value="B2", reason="why")]
    first = _list(store_of(tmp_path / "a"), "buyers", "buyer.id", entries)
    second = _list(store_of(tmp_path / "b"), "buyers", "buyer.id", entries[::-1])
    third = _list(store_of(tmp_path / "c"), "buyers", "buyer.id", entries[:1])
    assert first.version == second.version != third.version


@given(
    st.dictionaries(st.text("ab免费", min_size=1, max_size=4), st.none() | INSTANTS),
    st.lists(st.text("ab免费 !", max_size=12), max_size=3),
    INSTANTS,
)
def test_words_are_counted_as_by_looking_for_each(
    words: dict[str, int | None], texts: list[str], as_of_us: int
) -> None:
    entries = [Entry(value=w, until=None if u is None else from_us(u)) for w, u in words.items()]
    folded = ["".join(sign for sign in text if sign.isalpha()) for text in texts]
    expected = sum(
        any(word in text for text in folded) and (until is None or as_of_us < until)
        for word, until in words.items()
    )
    assert WordFinder(entries).count(texts, as_of_us) == expected


def test_the_worst_text_is_read_in_bounded_time(stopwatch: Callable[[], float]) -> None:
    finder = WordFinder(Entry(value="a" * length) for length in range(1, 33))
    before = stopwatch()
    assert finder.count(["a" * 1024] * 3, 0) == 32
    assert stopwatch() - before < 1


@pytest.fixture
def stopwatch() -> Callable[[], float]:
    from time import process_time

    return process_time


def _sort(file: str) -> tuple[str, list[Entry]]:
    fact = WORDS if file == "entries.jsonl" else "buyer.id"
    return fact, [Entry(value="abc", until=from_us(10) + timedelta(days=1))]


def _list(store: ListStore, name: str, fact: str, entries: list[Entry]) -> NamedList:
    lines = {entry.value: encode_entry(entry) for entry in entries}
    draft = Draft(name, ListKind.BLOCK, fact, (), lines)
    (store.folder / name).mkdir(parents=True, exist_ok=True)
    head = store.write(draft, lambda _: None)
    (store.folder / name / "current").write_text(head.version)
    return load_list(store, name)


def test_a_digest_has_sixteen_bytes() -> None:
    assert len(digest_of("B1")) == 16
