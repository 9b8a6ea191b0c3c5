"""Forty seeded pairs of faulty rules, ten of each fault, and rules at no fault beside them."""

import json
from random import Random
from typing import NamedTuple

from features.catalog import load_catalog
from features.expression import Place
from features.outcome import OutcomeClass
from rules.book import Book, Rule, load_book
from rules.decision import Basis, Severity, Text
from rules.entries import Example, Examples, RuleEntry
from rules.lint import Claim, lint_book
from rules.mutation import mutate_book
from rules.packs import Packs, load_packs
from rules.proof import answer_to

Condition = str


class Seeded(NamedTuple):
    """A faulty rule, or two, with what lint must say of them."""

    fault: str
    conditions: tuple[Condition, ...]
    severities: tuple[str, ...]


def book_of(case: Seeded) -> Book:
    """Make a book of a case's rules; their examples say nothing."""
    pairs = zip(case.conditions, case.severities, strict=True)
    rules = tuple(_rule(f"RULE_{number}", *pair) for number, pair in enumerate(pairs))
    return Book(rules, load_catalog())


def _rule(code: str, when: str, severity: str) -> Rule:
    nothing: tuple[Example, ...] = ({},)
    entry = RuleEntry(
        code=code,
        title=Text(zh="规则", en="Rule"),
        when=when,
        outcome_class=OutcomeClass.VALIDATION,
        severity=Severity(severity),
        basis=Basis.HEURISTIC,
        source="a seed",
        grade="H",
        reason=Text(zh="原因", en="A reason"),
        examples=Examples(fires=nothing, passes=nothing),
    )
    return Rule(entry, Place("seeds"))


def is_shown(claim: Claim, book: Book, packs: Packs) -> bool:
    """Ask the tree-walker again about every witness of a claim."""
    return bool(claim.witnesses) and all(
        witness.fires
        == tuple(
            code
            for code in claim.codes
            if answer_to(book[code], witness.facts, book, packs) is True
        )
        for witness in claim.witnesses
    )


def measure(seed: int = 20261122) -> dict[str, float]:
    """Count what lint finds of the seeds, and what the shipped book's examples notice."""
    packs, shipped = load_packs(), load_book()
    found, unshown, wrong = 0, 0, 0
    cases = seeded(seed)
    for case in cases:
        book = book_of(case)
        claims = lint_book(book, packs).claims
        found += any(claim.fault == case.fault for claim in claims)
        wrong += sum(claim.fault != case.fault for claim in claims)
        unshown += sum(not is_shown(claim, book, packs) for claim in claims)
    report = mutate_book(shipped, packs)
    return {
        "lint, seeded faults": len(cases),
        "lint, found": found,
        "lint, claims of another fault": wrong,
        "lint, claims without a witness": unshown,
        "mutations of the shipped book": len(report.mutations),
        "mutations noticed, share": report.noticed_share,
    }


NUMBERS = (
    "items.lines",
    "items.quantity",
    "buyer_orders_24h",
    "buyer_orders_7d",
    "device_orders_10m",
    "attempts.count",
    "subject.similarity",
    "amount_minor",
)
TEXTS = ("currency", "sales_channel", "industry_code", "product")


def seeded(seed: int) -> list[Seeded]:
    """Make ten pairs of each fault."""
    rng = Random(seed)
    makers = (duplicate, subsumed, contradictory, dead)
    return [make(rng, number) for make in makers for number in range(10)]


def duplicate(rng: Random, number: int) -> Seeded:
    """Two spellings of one condition."""
    name, low, high, text = _parts(rng, number)
    spellings = (
        (f"{name} >= {low}", f"not ({name} < {low})"),
        (f"{name} between {low} and {high}", f"{name} >= {low} and {name} <= {high}"),
        (f"{name} > {low} or {text} == 'a'", f"{text} == 'a' or {low} < {name}"),
        (f"{text} in ['a', 'b']", f"{text} == 'a' or {text} == 'b'"),
        (f"{name} - {low} > 0 and {text} == 'a'", f"{text} == 'a' and {name} > {low}"),
        (f"amount_minor - freight_minor > {low}", f"freight_minor + {low} < amount_minor"),
    )
    return Seeded("duplicate", spellings[number % len(spellings)], ("warn", "warn"))


def subsumed(rng: Random, number: int) -> Seeded:
    """The first fires on fewer orders and asks for no more."""
    name, low, high, text = _parts(rng, number)
    pairs = (
        (f"{name} > {high}", f"{name} > {low}"),
        (f"{name} > {low} and {text} == 'a'", f"{name} > {low}"),
        (f"{text} == 'a'", f"{text} in ['a', 'b']"),
        (f"{name} between {low} and {high}", f"{name} >= {low}"),
        (f"2 * {name} > {2 * high} and {text} != 'a'", f"{name} > {high} or {text} == 'b'"),
        (f"amount_minor - freight_minor > {high}", f"{low} < amount_minor - freight_minor"),
    )
    return Seeded("subsumed", pairs[number % len(pairs)], ("info", "warn"))


def contradictory(rng: Random, number: int) -> Seeded:
    """The same orders with other advice, or all the orders between the two of them."""
    name, low, high, text = _parts(rng, number)
    pairs = (
        ((f"{name} >= {low}", f"not ({name} < {low})"), ("info", "confirm")),
        ((f"{name} > {low}", f"{name} <= {low}"), ("confirm", "confirm")),
        ((f"{text} == 'a'", f"{text} != 'a'"), ("confirm", "confirm")),
        ((f"{text} in ['b', 'a']", f"{text} in ['a', 'b']"), ("warn", "confirm")),
        ((f"{name} between {low} and {high}", f"{name} not between {low} and {high}"), _ASK),
        ((f"amount_minor - freight_minor >= {low}", f"{low} > amount_minor - freight_minor"), _ASK),
    )
    return Seeded("contradictory", *pairs[number % len(pairs)])


_ASK = ("confirm", "confirm")


def dead(rng: Random, number: int) -> Seeded:
    """It fires on no order; a sound rule stands beside it."""
    name, low, high, text = _parts(rng, number)
    conditions = (
        f"{name} > {high} and {name} < {low}",
        f"{text} == 'a' and {text} in ['b', 'c']",
        f"{name} > {low} and not ({name} > {low} or {text} == 'a')",
        f"items.lines > {low} and items.lines < {low + 1}",
        f"{name} - {low} > {high} and {name} <= {high}",
        f"amount_minor - freight_minor > {high} and amount_minor - freight_minor < {low}",
    )
    sound = f"buyer.registered_at is present and {text} == 'sound'"
    return Seeded("dead", (conditions[number % len(conditions)], sound), ("warn", "warn"))


def _parts(rng: Random, number: int) -> tuple[str, int, int, str]:
    low = rng.randint(1, 40)
    return rng.choice(NUMBERS), low, low + rng.randint(2, 30), TEXTS[number % len(TEXTS)]


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
