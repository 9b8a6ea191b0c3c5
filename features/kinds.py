"""The kinds of value that facts, features and expressions are made of."""

from enum import StrEnum

Value = bool | int | float | str
"""A known value; what is not known is absent from its mapping, never zero."""


class Kind(StrEnum):
    """What a name stands for; an instant is integer microseconds since 1970 UTC."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    INSTANT = "instant"
