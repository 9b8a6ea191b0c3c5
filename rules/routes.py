"""The merchant's routing list: which other channels may take an order of a channel."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from features.errors import suggest
from rules.packs import Packs
from rules.yaml_file import read_yaml

_BASIS = 10_000


class Fee(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a channel takes for an accepted order, as the merchant's own contract says."""

    basis_points: Annotated[float, Meta(ge=0, le=_BASIS)] = 0
    """Of the amount; 60 are 0.6 per cent."""
    fixed_minor: Annotated[int, Meta(ge=0)] = 0

    def of(self, amount_minor: int) -> float:
        """Give the fee of an amount, in minor units."""
        return amount_minor * self.basis_points / _BASIS + self.fixed_minor


class Routes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For each channel the alternatives that the merchant has a contract with, best first."""

    alternatives: dict[str, tuple[str, ...]] = {}
    fees: dict[str, Fee] = {}
    """By channel. One that is not stated is unknown: it is never guessed."""


NO_ROUTES = Routes()
"""A merchant who named no alternatives gets none."""


def load_routes(path: Path, packs: Packs) -> Routes:
    """Read a routing list.

    Raises RuleError that names the file, the line, the value and the way out.
    """
    routes, lines = read_yaml(path, Routes)
    for at, problem in faults_of(routes, packs):
        raise lines.error(at, problem)
    return routes


def faults_of(routes: Routes, packs: Packs) -> Iterator[tuple[str, str]]:
    """Give what is wrong with a routing list: where it stands, and what to do about it."""
    for channel, others in routes.alternatives.items():
        at = f"alternatives.{channel}"
        yield from _unknown(channel, packs, at)
        for number, other in enumerate(others):
            place = f"{at}[{number}]"
            yield from _unknown(other, packs, place)
            yield from ((place, told) for told in _fault(channel, other, others[:number], packs))
    for channel in routes.fees:
        yield from _unknown(channel, packs, f"fees.{channel}")


def _unknown(channel: str, packs: Packs, at: str) -> Iterator[tuple[str, str]]:
    if channel not in packs.names:
        known = ", ".join(packs.names)
        told = f"no channel pack is named {channel!r}.{suggest(channel, packs.names)}"
        yield at, f"{told} Known channels: {known}"


def _fault(channel: str, other: str, earlier: tuple[str, ...], packs: Packs) -> Iterator[str]:
    if other == channel:
        yield f"{channel} is named as its own alternative; take it out"
    if other in earlier:
        yield f"{other} stands here a second time; keep one"
    known = packs.by_channel
    if channel in known and other in known:
        takes, wanted = known[other].file.kinds, known[channel].file.kinds
        if set(takes).isdisjoint(wanted):
            yield (
                f"{other} takes {_told(takes)}, but {channel} has {_told(wanted)}; "
                "name a channel that takes these"
            )


def _told(kinds: tuple[str, ...]) -> str:
    return " and ".join(f"{kind}s" for kind in kinds)


__all__ = ["NO_ROUTES", "Fee", "Routes", "faults_of", "load_routes"]
