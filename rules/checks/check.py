"""What a check is: a fact about one order that its channel's pack helps to tell."""

from collections.abc import Callable
from dataclasses import dataclass

from features.kinds import Kind, Value
from rules.channel_facts import UnitName
from rules.pack import Pack

Answer = Callable[..., Value | None]
"""Called with the inputs in their order, None for what is missing; None where it cannot tell."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A check made ready for one pack: what it reads, and the function of just that.

    `needs` is the input without which there is no answer; empty where it always answers.
    """

    inputs: tuple[str, ...]
    answer: Answer
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One name, its meaning, kind and unit; `prepare` gives None where the pack cannot tell."""

    name: str
    meaning: str
    kind: Kind
    prepare: Callable[[Pack], Prepared | None]
    unit: UnitName = "NONE"


def when_known(inputs: tuple[str, ...], answer: Answer) -> Prepared:
    """Prepare a check that answers only where its first input is known."""
    return Prepared(inputs, answer, inputs[0])
