"""Conditions that share a question answer as each would alone, and the question stands once."""

from hypothesis import given
from hypothesis import strategies as st

from features.expression import Names, parse, walk
from features.expression.compiled import compile_book, source_of_book
from features.expression.syntax import Node
from features.kinds import Kind, Value

NAMES = Names({"a": Kind.NUMBER, "b": Kind.NUMBER, "s": Kind.TEXT, "f": Kind.BOOLEAN})

_numbers = st.builds(
    "{} {} {}".format,
    st.sampled_from(["a", "b", "a + b"]),
    st.sampled_from([">", ">=", "<", "<=", "=="]),
    st.sampled_from(["0", "1", "2", "3"]),
)
_questions = st.one_of(_numbers, st.sampled_from(['s == "x"', 's != "x"', "f", "b is missing"]))
_joined = st.lists(_questions, min_size=1, max_size=4).map(" and ".join)
_conditions = st.lists(_joined, min_size=1, max_size=2).map(
    lambda some: " or ".join(f"({one})" for one in some)
)
_under_one = st.builds('s == "x" and ({})'.format, _conditions)
_books = st.lists(st.one_of(_conditions, _under_one), min_size=2, max_size=12)
_values = st.sampled_from([0.0, 1, 1.5, 2.0, 3, 4.0])
_rows = st.fixed_dictionaries(
    {}, optional={"a": _values, "b": _values, "s": st.sampled_from("xy"), "f": st.booleans()}
)


def book_of(texts: list[str]) -> dict[str, Node]:
    return {f"R{at}": parse(text, NAMES) for at, text in enumerate(texts)}


@given(_books, _rows)
def test_many_conditions_over_few_facts_answer_as_the_walker(
    texts: list[str], row: dict[str, Value]
) -> None:
    book = book_of(texts)
    hits, missing = compile_book(book)(row)
    answers = {code: walk(node, row) for code, node in book.items()}
    assert hits == {code for code, answer in answers.items() if answer is True}
    assert missing == {code for code, answer in answers.items() if answer is None}


def test_what_two_conditions_share_is_asked_once() -> None:
    source = source_of_book(book_of(['s == "x" and a > 1', 's == "x" and b > 1']))
    complete = source.split("return", maxsplit=1)[0]
    assert complete.count("== 'x'") == 1


def test_a_stronger_comparison_is_asked_only_behind_a_weaker_one() -> None:
    lines = source_of_book(book_of(["a > 1", "a >= 2", "a > 2"])).splitlines()
    depths = [next(len(one) - len(one.lstrip()) for one in lines if f"{end}" in one)
              for end in ("> 1.0", ">= 2.0", "> 2.0")]  # fmt: skip
    assert depths == sorted(depths)
    assert depths[0] < depths[2]


def test_hundreds_of_bounds_on_one_fact_are_compiled() -> None:
    book = book_of([f"a > {bound}" for bound in range(300)] + ["a < 5 and b > 1"])
    hits, missing = compile_book(book)({"a": 200.5})
    assert (len(hits), missing) == (201, frozenset())
    assert compile_book(book)({})[1] == book.keys()
