"""From features by name to the row that a model was fitted on: one definition, two callers.

A number stands for itself; a text for the place of its value in the vocabulary that training
kept; what is missing, unseen or not finite is NaN. `training.encode` does the same to columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, nan

from features.kinds import Kind, Value


@dataclass(frozen=True, slots=True)
class Encoding:
    """The order and kind of a model's inputs, and the vocabulary of each text feature."""

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    categories: Mapping[str, tuple[str, ...]]
    _codes: tuple[Mapping[str, float] | None, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        codes = tuple(
            {value: float(code) for code, value in enumerate(self.categories.get(name, ()))}
            if kind is Kind.TEXT
            else None
            for name, kind in zip(self.names, self.kinds, strict=True)
        )
        object.__setattr__(self, "_codes", codes)

    def row(self, features: Mapping[str, Value]) -> list[float]:
        """Encode one order's features, in the model's order."""
        return [
            _number(features.get(name)) if codes is None else _code(features.get(name), codes)
            for name, codes in zip(self.names, self._codes, strict=True)
        ]


def _number(value: Value | None) -> float:
    if value is None or isinstance(value, str):
        return nan
    number = float(value)
    return number if isfinite(number) else nan


def _code(value: Value | None, codes: Mapping[str, float]) -> float:
    return codes.get(value, nan) if isinstance(value, str) else nan
