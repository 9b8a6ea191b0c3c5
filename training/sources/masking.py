"""Reduces secret numbers of a column, each distinct one once, at the edge of the import."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from features.history_schema import order_columns
from features.leaves import order_leaves
from features.masking import Masker
from training.sources.mapping import Reduction

PAYEE_ACCOUNT = "payout.payee.account"
"""Where a number is also reduced to the keys of what is nearly the same."""


def reduce_column(
    path: str, reduction: Reduction, numbers: pl.Series, masker: Masker
) -> Mapping[str, pl.Series]:
    """Reduce whole numbers at `path` to the columns of their reference, such as `path.hash`."""
    names = _columns(path, reduction)
    distinct = numbers.drop_nulls().unique()
    reduce = _reducer(path, reduction, masker)
    reduced = [reduce(number) for number in distinct]
    schema = order_columns()
    table = pl.DataFrame(
        {
            name: pl.Series([part.get(key) for part in reduced], dtype=schema[name])
            for name, key in names
        }
    ).with_columns(distinct.alias("number"))
    joined = (
        numbers.alias("number")
        .to_frame()
        .join(table, on="number", how="left", maintain_order="left")
    )
    return {name: joined[name] for name, _ in names}


def _columns(path: str, reduction: Reduction) -> Sequence[tuple[str, str]]:
    """Name the columns of a reference and the key of each in what the masker returns."""
    if reduction in (Reduction.EMAIL, Reduction.IDENTITY):
        return [(f"{path}_hash", "hash")]
    prefix = f"{path}."
    found = [name for name in order_leaves() if name.startswith(prefix)]
    return [(name, name.removeprefix(prefix)) for name in found]


def _reducer(path: str, reduction: Reduction, masker: Masker) -> Callable[[str], dict[str, Any]]:
    match reduction:
        case Reduction.ACCOUNT if path == PAYEE_ACCOUNT:
            return masker.payee_account
        case Reduction.ACCOUNT:
            return masker.account
        case Reduction.PHONE:
            return masker.phone
        case Reduction.EMAIL:
            return lambda address: {"hash": masker.email(address)}
        case Reduction.IDENTITY:
            return lambda number: {"hash": masker.identity(number)}
