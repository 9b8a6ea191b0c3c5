"""Facts by date: which value of a pack held at an instant."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from itertools import pairwise

from msgspec.structs import replace

from features.times import to_us
from rules.pack_file import PackFact, PackFile

CHINA = timezone(timedelta(hours=8))
"""A contract's dates are days in China, which has kept UTC+8 all year since 1991."""


def day_start_us(day: date) -> int:
    """Give the first instant of a day in China.

    >>> day_start_us(date(1970, 1, 2)) // 3_600_000_000
    16
    """
    return to_us(datetime.combine(day, time(), CHINA))


def starts_of(file: PackFile) -> tuple[int, ...]:
    """List the instants at which some fact of the pack changes, ascending."""
    return tuple(sorted({day_start_us(day) for fact in _facts(file) for day in _changes(fact)}))


def file_at(file: PackFile, as_of_us: int) -> PackFile:
    """Give the pack with the values that held at an instant; what did not hold yet is unknown."""
    return replace(
        file,
        facts={name: _fact_at(fact, as_of_us) for name, fact in file.facts.items()},
        required={name: _fact_at(fact, as_of_us) for name, fact in file.required.items()},
        products={
            name: replace(
                product,
                facts={key: _fact_at(fact, as_of_us) for key, fact in product.facts.items()},
            )
            for name, product in file.products.items()
        },
    )


def overlap(fact: PackFact) -> str | None:
    """Say which two values of a fact claim the same day, if any do."""
    periods = sorted(_periods(fact), key=lambda one: one[0] or date.min)
    for (start, end, value), (later, _, next_value) in pairwise(periods):
        if later is None or start == later:
            return f"{value!r} and {next_value!r} both begin on {later or 'no date'}"
        if end is not None and end > later:
            return f"{value!r} holds until {end}, but {next_value!r} begins on {later}"
    return None


def _facts(file: PackFile) -> Iterator[PackFact]:
    yield from file.facts.values()
    yield from file.required.values()
    for product in file.products.values():
        yield from product.facts.values()


def _changes(fact: PackFact) -> Iterator[date]:
    for start, end, _ in _periods(fact):
        if start is not None:
            yield start
        if end is not None:
            yield end


def _periods(fact: PackFact) -> list[tuple[date | None, date | None, object]]:
    earlier = [(one.effective_from, one.effective_until, one.value) for one in fact.earlier]
    return [*earlier, (fact.effective_from, None, fact.value)]


def _fact_at(fact: PackFact, as_of_us: int) -> PackFact:
    if fact.effective_from is None or day_start_us(fact.effective_from) <= as_of_us:
        return replace(fact, earlier=())
    begun = [
        one
        for one in fact.earlier
        if one.effective_from is None or day_start_us(one.effective_from) <= as_of_us
    ]
    if not begun:
        return PackFact(source=f"not in force yet: {fact.source}")
    last = max(begun, key=lambda one: one.effective_from or date.min)
    if last.effective_until is not None and day_start_us(last.effective_until) <= as_of_us:
        return PackFact(source=f"no longer in force: {last.source}")
    return PackFact(
        value=last.value,
        source=last.source,
        grade=last.grade,
        effective_from=last.effective_from,
        note=last.note,
    )
