"""The one door to DuckDB: expressions of a mapping or a filter, with no way to files or network.

An expression must be one scalar over the columns of its row: no sub-select, aggregate, window,
clock or chance, so that an import says the same whenever and in whatever parts it runs.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import duckdb
import polars as pl

from features.errors import ExpressionError, suggest

_SETTINGS = (
    "SET TimeZone = 'UTC'",
    "SET enable_progress_bar = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
_ALLOWED_CLASSES = frozenset(
    {
        "FUNCTION",
        "CONSTANT",
        "COLUMN_REF",
        "OPERATOR",
        "COMPARISON",
        "CONJUNCTION",
        "CAST",
        "CASE",
        "BETWEEN",
        "TYPE",
    }
)
_ALLOWED_MACROS = frozenset(
    {"if", "nullif", "split_part", "fmod", "fdiv", "date_add", "days_in_month"}
)
_SPARE = "preflight row"


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One expression's values, and the rows on which it could not be computed."""

    values: pl.Series
    failed: pl.Series


class Sandbox:
    """A DuckDB in memory that can see only the tables handed to it."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:")

    def __enter__(self) -> "Sandbox":
        for setting in _SETTINGS:
            self._connection.execute(setting)
        self._scalars = self._scalar_functions()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def check_scalar(self, expression: str) -> frozenset[str]:
        """Refuse what is no scalar over one row; return the names of the columns it reads.

        Raises ExpressionError naming the piece.
        """
        names: set[str] = set()
        for node in _nodes(self.parse(expression)):
            if node["class"] not in _ALLOWED_CLASSES:
                raise ExpressionError(
                    f"{node['class'].lower()} is not allowed in {expression!r}: "
                    "write one scalar expression over the columns of the row"
                )
            if node["class"] == "FUNCTION":
                self._check_function(node["function_name"], expression)
            if node["class"] == "COLUMN_REF":
                names.add(_column_name(node, expression))
        return frozenset(names)

    def parse(self, expression: str) -> dict[str, Any]:
        """Parse exactly one expression. Raises ExpressionError."""
        if not expression.strip():
            raise ExpressionError("an expression is empty")
        statement = f"SELECT ({expression}\n)"
        rows = self._connection.execute("SELECT json_serialize_sql(?)", [statement]).fetchall()
        parsed: dict[str, Any] = json.loads(rows[0][0])
        if parsed["error"]:
            raise ExpressionError(f"{expression!r} cannot be read: {parsed['error_message']}")
        node = parsed["statements"][0]["node"]
        if len(parsed["statements"]) != 1 or not _is_single_expression(node):
            raise ExpressionError(f"{expression!r} is more than one expression")
        expressed: dict[str, Any] = node["select_list"][0]
        return expressed

    def evaluate(self, frame: pl.DataFrame, expressions: Sequence[str]) -> list[Evaluated]:
        """Compute checked expressions for each row of `frame`, in its order.

        A row on which an expression fails is marked, the others keep their values.
        Raises ExpressionError for one that fits no row, such as a function of other types.
        """
        if not expressions:
            return []
        self._connection.register("rows", frame.with_row_index(_SPARE).to_arrow())
        try:
            found = self._select([f"({text}\n)" for text in expressions])
            intact = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
            return [Evaluated(values, intact) for values in found]
        except duckdb.Error:
            return [self._evaluate_row_by_row(text) for text in expressions]
        finally:
            self._connection.unregister("rows")

    def ask(self, condition: str, alias: str, tables: Mapping[str, pl.DataFrame]) -> pl.Series:
        """Compute an expression for each row of the table `alias`; sub-selects see all tables.

        Raises ExpressionError.
        """
        self.parse(condition)
        for name, frame in tables.items():
            self._connection.register(name, frame.with_row_index(_SPARE).to_arrow())
        try:
            rows = self._connection.view(alias).set_alias(alias)
            (values,) = self._project(rows, [f"({condition}\n)"])
        except duckdb.Error as error:
            raise ExpressionError(_first_line(error)) from error
        finally:
            for name in tables:
                self._connection.unregister(name)
        return values

    def _evaluate_row_by_row(self, expression: str) -> Evaluated:
        """Isolate failing rows; two queries, as DuckDB shares work across TRYs of one query."""
        try:
            (values,) = self._select([f"TRY(({expression}\n))"])
            (known,) = self._select([f"TRY(({expression}\n) IS NULL)"])
        except duckdb.Error as error:
            raise ExpressionError(f"{expression!r}: {_first_line(error)}") from error
        return Evaluated(values, known.is_null())

    def _select(self, pieces: Sequence[str]) -> list[pl.Series]:
        return self._project(self._connection.view("rows"), pieces)

    def _project(self, rows: duckdb.DuckDBPyRelation, pieces: Sequence[str]) -> list[pl.Series]:
        listed = ", ".join(f"{piece} AS v{n}" for n, piece in enumerate(pieces))
        found = pl.from_arrow(rows.project(f'"{_SPARE}", {listed}').to_arrow_table())
        assert isinstance(found, pl.DataFrame)
        ordered = found.sort(_SPARE)
        return [ordered[f"v{n}"] for n in range(len(pieces))]

    def _check_function(self, name: str, expression: str) -> None:
        if name.lower() not in self._scalars:
            raise ExpressionError(
                f"function {name!r} is not allowed in {expression!r}: it is unknown, an "
                f"aggregate, or depends on more than the row.{suggest(name, self._scalars)}"
            )

    def _scalar_functions(self) -> frozenset[str]:
        """Name the functions all of whose forms give the same answer for the same row."""
        rows = self._connection.execute(
            "SELECT function_name FROM duckdb_functions() GROUP BY function_name "
            "HAVING bool_and(function_type = 'scalar' AND stability = 'CONSISTENT')"
        ).fetchall()
        return frozenset(name for (name,) in rows) | _ALLOWED_MACROS


def _nodes(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "class" in node:
            yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)


def _is_single_expression(node: Mapping[str, Any]) -> bool:
    return (
        node["type"] == "SELECT_NODE"
        and node["from_table"]["type"] == "EMPTY"
        and len(node["select_list"]) == 1
        and not node["modifiers"]
        and not node["group_expressions"]
        and not any(node[clause] for clause in ("where_clause", "having", "qualify", "sample"))
    )


def _column_name(node: Mapping[str, Any], expression: str) -> str:
    names: list[str] = node["column_names"]
    if len(names) != 1:
        raise ExpressionError(
            f"{'.'.join(names)} in {expression!r}: write a column's name alone; "
            f'a name with a point in double quotes: "{".".join(names)}"'
        )
    return names[0]


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
