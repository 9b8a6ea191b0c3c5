"""One sampled order, and how a sample is spread over the channels."""

from collections.abc import Iterable
from itertools import chain, islice, zip_longest

from msgspec import Struct

from features.kinds import Value
from features.order import Order


class Sampled(Struct, frozen=True, kw_only=True):
    """An order as it was sent, when, and what was known of it then."""

    order: Order
    as_of_us: int
    features: dict[str, Value] = {}


def in_turn(found: Iterable[tuple[str, int]], most: int) -> tuple[int, ...]:
    """Choose numbers by their channel in turn, so that a rare channel is sampled too.

    >>> in_turn([("a", 9), ("a", 8), ("a", 7), ("b", 6)], 3)
    (9, 6, 8)
    """
    by_channel: dict[str, list[int]] = {}
    for channel, number in found:
        by_channel.setdefault(channel, []).append(number)
    turns = chain.from_iterable(zip_longest(*by_channel.values()))
    return tuple(islice((number for number in turns if number is not None), most))
