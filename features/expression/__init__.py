"""The one expression language: conditions of rules and derived features.

`to_polars` stands apart in `features.expression.columnar`, so that the live path starts
without polars.
"""

from features.expression.compiled import compile_row
from features.expression.parser import parse
from features.expression.scope import Names, Scope
from features.expression.syntax import Node, names_in
from features.expression.tokens import Place
from features.expression.types import kind_of
from features.expression.units import unit_of
from features.expression.walker import walk

__all__ = [
    "Names",
    "Node",
    "Place",
    "Scope",
    "compile_row",
    "kind_of",
    "names_in",
    "parse",
    "unit_of",
    "walk",
]
