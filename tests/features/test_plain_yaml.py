"""YAML tricks are refused with our own error and their line; nothing is built, run or unfolded."""

import random
import time

import pytest

from features.catalog import parse_catalog
from features.errors import CatalogError
from features.plain_yaml import MAX_CHARACTERS, MAX_DEPTH, NotPlain, read_plain


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: !!python/object/apply:os.system ['true']", "line 1, column 4: the tag tag:yaml.org"),
        ("a: !!python/name:os.system", "the tag tag:yaml.org,2002:python/name:os.system is not"),
        ("a: 1\nb: !own x", "line 2, column 4: the tag !own is not read; write a plain value"),
        ("a: &a [1]\nb: *a", "line 2, column 4: the alias *a is not read; write the value out"),
        ("a: &a\n  b: *a", "line 2, column 6: the alias *a"),
        ("a: &a {b: 1}\nc:\n  <<: *a", "line 3, column 7: the alias *a"),
        ("[" * 5_000, f"column {MAX_DEPTH + 1}: nested deeper than {MAX_DEPTH} levels"),
        ("{a: " * 5_000, f"nested deeper than {MAX_DEPTH} levels"),
        ("- " * 5_000 + "x", f"nested deeper than {MAX_DEPTH} levels"),
        ("a: 1\nb: " + "9" * 5_000, "line 2: no number that can be read"),
        ("a: 0b_", "line 1: no number that can be read"),
        ("a: 1\n\nb: 2026-02-30", "line 3: no date of the calendar"),
        ("a\x00b", "is not YAML"),
        ("\ud800", "is not YAML"),
        ("? [a]\n: b", "is not YAML"),
        ("a: b\n---\nc: d", "is not YAML"),
        ("a" * (MAX_CHARACTERS + 1), f"at most {MAX_CHARACTERS} are read"),
    ],
)
def test_a_trick_is_refused_with_its_line(text: str, told: str) -> None:
    started = time.process_time()
    with pytest.raises(NotPlain) as caught:
        read_plain(text, "own.yaml")
    assert told in str(caught.value)
    assert str(caught.value).startswith("own.yaml")
    assert time.process_time() - started < 2.0


def _bomb(levels: int) -> str:
    first = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"
    later = (f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, levels))
    return "\n".join([first, *later])


def test_a_bomb_of_aliases_is_refused_before_it_is_unfolded() -> None:
    with pytest.raises(CatalogError, match=r"line 2, column 10: the alias \*a0 is not read"):
        parse_catalog(_bomb(30), "own.yaml")


def test_an_anchor_that_nobody_uses_and_a_quoted_star_are_plain() -> None:
    assert read_plain("a: &a 1\nb: '*a'\nc: ! x", "f")[1] == {"a": 1, "b": "*a", "c": "x"}


def test_random_texts_are_read_or_refused() -> None:
    chance = random.Random(5)
    pieces = [*"abc019-:{}[],&*!|>%@`'\"#?~<=\n\t .", "\n  ", ": ", "- ", "&a ", "*a", "<<: ", "!!"]
    pieces += ["2026-02-30", "1:99:99", "0x", "0b_", ".nan", ".inf", "---", "...", "\x00", "\x85"]
    read = 0
    for _ in range(10_000):
        try:
            read_plain("".join(chance.choices(pieces, k=chance.randint(1, 25))), "f")
        except NotPlain:
            continue
        read += 1
    assert 500 < read < 9_500
