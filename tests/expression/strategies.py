"""Random expressions as text, typed, and random rows for them: missing and extreme values too.

Only the differences of instants have a unit, and so a family of their own.
"""

from hypothesis import strategies as st

from features.expression import Names
from features.expression.lists import Membership
from features.kinds import Kind

KINDS = {
    "amount_minor": Kind.NUMBER,
    "record.amount_minor": Kind.NUMBER,
    "buyer_orders_10m": Kind.NUMBER,
    "credit.instalments": Kind.NUMBER,
    "items.lines": Kind.NUMBER,
    "attempts.count": Kind.NUMBER,
    "state": Kind.TEXT,
    "receiver.city": Kind.TEXT,
    "account.restricted": Kind.BOOLEAN,
    "check.order_id_valid": Kind.BOOLEAN,
    "placed_at": Kind.INSTANT,
    "buyer.registered_at": Kind.INSTANT,
}
LISTS = ("blocked", "known_cities")
SCOPE = Names(KINDS, lists=LISTS)
TEXTS = ["paid", "created", "北京", "", "600", "it's @{0}"]
NUMBERS = [0, 1, 2, 3, 6, 12, 100, 600, 0.5, 0.1, 1_000_000_000_000]


def _names(kind: Kind) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, one in KINDS.items() if one is kind])


def _quoted(text: str) -> str:
    return f'"{text}"'


number_literals = st.sampled_from([f"{number:_}" for number in NUMBERS])
text_literals = st.sampled_from(TEXTS).map(_quoted)
instants = st.builds("({} - {})".format, _names(Kind.INSTANT), _names(Kind.INSTANT))


def _of_one_unit(inner: st.SearchStrategy[str]) -> list[st.SearchStrategy[str]]:
    return [
        st.builds("({} {} {})".format, inner, st.sampled_from("+-"), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from("*/"), number_literals),
        st.builds("(-{})".format, inner),
        st.builds("abs({})".format, inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
    ]


durations = st.recursive(
    st.one_of(instants, number_literals), lambda inner: st.one_of(_of_one_unit(inner)), max_leaves=4
)


def _bigger_number(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        *_of_one_unit(inner),
        st.builds("({} {} {})".format, inner, st.sampled_from("*/"), inner),
        st.builds("log1p({})".format, inner),
    )


numbers = st.recursive(
    st.one_of(
        _names(Kind.NUMBER),
        number_literals,
        st.builds("log1p({})".format, durations),
        st.builds("({} / {})".format, instants, instants),
    ),
    _bigger_number,
    max_leaves=5,
)


def _set(members: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(members, min_size=1, max_size=4).map(lambda some: f"[{', '.join(some)}]")


_order = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
_equality = st.sampled_from(["==", "!="])
_inside = st.sampled_from(["in", "not in"])
atoms = st.one_of(
    st.builds("{} {} {}".format, numbers, _order, numbers),
    st.builds("{} {} {}".format, durations, _order, durations),
    st.builds("{} between {} and {}".format, durations, durations, number_literals),
    st.builds("{} {} {}".format, _names(Kind.INSTANT), _order, _names(Kind.INSTANT)),
    st.builds("{} between {} and {}".format, numbers, numbers, numbers),
    st.builds("{} not between {} and {}".format, numbers, number_literals, number_literals),
    st.builds("{} {} {}".format, _names(Kind.TEXT), _equality, text_literals),
    st.builds("{} {} {}".format, _names(Kind.TEXT), _equality, _names(Kind.TEXT)),
    st.builds("{} {} {}".format, _names(Kind.TEXT), _inside, _set(text_literals)),
    st.builds("{} {} {}".format, numbers, _inside, _set(number_literals)),
    st.builds("{} {} list.{}".format, _names(Kind.TEXT), _inside, st.sampled_from(LISTS)),
    st.builds(
        "{} {} {}".format, _names(Kind.BOOLEAN), _equality, st.sampled_from(["true", "false"])
    ),
    st.builds("{} {} {}".format, _names(Kind.BOOLEAN), _equality, _names(Kind.BOOLEAN)),
    _names(Kind.BOOLEAN),
    st.builds(
        "{} is {}".format, st.sampled_from(sorted(KINDS)), st.sampled_from(["missing", "present"])
    ),
    st.sampled_from(["true", "false"]),
)


def _bigger_condition(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("({0} and {1} and {2})".format, inner, inner, inner),
        st.builds("not ({})".format, inner),
    )


conditions = st.recursive(atoms, _bigger_condition, max_leaves=6)

amounts = st.one_of(
    st.sampled_from(NUMBERS),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([5e-324, 1.7976931348623157e308, -0.0, 1e300, 2.0**53]),
)
_VALUES = {
    Kind.NUMBER: amounts,
    Kind.TEXT: st.sampled_from(TEXTS),
    Kind.BOOLEAN: st.booleans(),
    Kind.INSTANT: st.integers(0, 4_102_444_800_000_000),
}
FACTS = KINDS | {
    Membership(name, text).fact: Kind.BOOLEAN
    for name in LISTS
    for text, kind in KINDS.items()
    if kind is Kind.TEXT
}
"""What a row may hold: the facts, and the answers of the lists, which arrive computed."""
_values = {name: _VALUES[kind] for name, kind in FACTS.items()}
rows = st.one_of(st.fixed_dictionaries({}, optional=_values), st.fixed_dictionaries(_values))
"""Rows where anything may be missing, and rows where nothing is."""
READS_ALL = " or ".join(
    [f"{name} > 1" for name, kind in KINDS.items() if kind is Kind.NUMBER]
    + ["placed_at > buyer.registered_at"]
)
"""With it a book reads so many numbers that the compiled code reads them together."""
