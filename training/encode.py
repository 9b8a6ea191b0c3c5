"""Encodes features to the frame that a model is fitted on: `models.encoding`, by columns."""

import re

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from features.catalog import Catalog
from features.kinds import Kind
from models.encoding import Encoding

MIN_ORDERS_PER_CATEGORY = 20
"""A value seen less often in training tells nothing that lasts; it is encoded as missing."""

MAX_CATEGORIES = 255
"""The most frequent values that are kept of one text feature."""


def fit_encoding(features: pl.DataFrame, catalog: Catalog, names: tuple[str, ...]) -> Encoding:
    """Choose each text feature's vocabulary from the training rows: most frequent first."""
    kinds = tuple(catalog.kind_of(name) for name in names)
    texts = [name for name, kind in zip(names, kinds, strict=True) if kind is Kind.TEXT]
    return Encoding(names, kinds, {name: _vocabulary(features[name]) for name in texts})


def _vocabulary(column: pl.Series) -> tuple[str, ...]:
    counts = column.drop_nulls().value_counts().filter(pl.col("count") >= MIN_ORDERS_PER_CATEGORY)
    ranked = counts.sort("count", column.name, descending=[True, False])
    return tuple(ranked[column.name].head(MAX_CATEGORIES).to_list())


def encode(features: pl.DataFrame, encoding: Encoding) -> pd.DataFrame:
    """Encode every row: (orders, features) of float64; missing, unseen and non-finite are NaN."""
    columns = [
        _codes(features[name], encoding.categories[name])
        if kind is Kind.TEXT
        else _numbers(features[name])
        for name, kind in zip(encoding.names, encoding.kinds, strict=True)
    ]
    return pd.DataFrame(dict(zip(_columns(encoding.names), columns, strict=True)))


def _columns(names: tuple[str, ...]) -> list[str]:
    """Name columns as LightGBM's text allows: ASCII words; unlike names stay unlike."""
    plain = [re.sub(r"[^A-Za-z0-9_.]", "_", name) for name in names]
    return [
        word if plain.count(word) == 1 else f"{word}__{place}" for place, word in enumerate(plain)
    ]


def _numbers(column: pl.Series) -> NDArray[np.float64]:
    numbers = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _codes(column: pl.Series, vocabulary: tuple[str, ...]) -> NDArray[np.float64]:
    codes = [float(code) for code in range(len(vocabulary))]
    replaced = column.replace_strict(list(vocabulary), codes, default=None, return_dtype=pl.Float64)
    return replaced.fill_null(float("nan")).to_numpy()
