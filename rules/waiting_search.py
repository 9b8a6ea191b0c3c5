"""The first instant at which something passes, among those at which anything changes at all."""

from collections.abc import Callable, Sequence

from features.live_changes import Changes

Passes = Callable[[int], bool]
ChangesIn = Callable[[int, int], Changes]
"""Instants in `(after, until]` at which something changes; of too many, some of them."""

ONE_BY_ONE = 12
"""So many instants are tried one after the other; of more the half that holds it is looked for."""


def first_passing(passes: Passes, changes: ChangesIn, after_us: int, until_us: int) -> int | None:
    """Find an instant that passes, the change before which does not; None where there is none.

    `after_us` does not pass. It is the first such instant where there are few, and where what has
    once passed goes on to pass, as counts do that only fall. What may pass, hold and pass again,
    such as a rate, is right at the instant that is found and at the one before it.
    """
    known: dict[int, bool] = {}

    def asked_once(us: int) -> bool:
        if us not in known:
            known[us] = passes(us)
        return known[us]

    held_us = after_us
    while True:
        found = changes(held_us, until_us)
        instants = found.instants
        if not instants:
            return None
        place = _first(asked_once, instants)
        if place is None:
            return None
        if found.is_whole or place == 0:
            return instants[place]
        held_us, until_us = instants[place - 1], instants[place]


def _first(passes: Passes, instants: Sequence[int]) -> int | None:
    if len(instants) <= ONE_BY_ONE:
        return next((place for place, us in enumerate(instants) if passes(us)), None)
    bounds = _bounds(passes, instants)
    if bounds is None:
        return None
    held, passing = bounds
    while passing - held > 1:
        middle = (held + passing) // 2
        if passes(instants[middle]):
            passing = middle
        else:
            held = middle
    return passing


def _bounds(passes: Passes, instants: Sequence[int]) -> tuple[int, int] | None:
    """Go ahead in steps that double: to a place that does not pass, and a later one that does.

    What passes may cease to, as an order gets too old; so the end alone says nothing.
    """
    held, place = -1, 0
    while not passes(instants[place]):
        if place == len(instants) - 1:
            return None
        held, place = place, min(2 * place + 1, len(instants) - 1)
    return held, place
