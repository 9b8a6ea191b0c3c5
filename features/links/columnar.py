"""The link features of a whole history at once, by the kernels."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import polars as pl

from features.columnar_codes import dense_codes
from features.columnar_rows import instants, versions_of
from features.feature import LinkFeature, LinkMeasure
from features.links.filing import count_codes, filed
from features.links.kernel import UNKNOWN, Filed, Int64s, Orders, count_near, count_reached


def build_links(
    features: Sequence[LinkFeature], facts: pl.DataFrame, orders: pl.DataFrame
) -> dict[str, pl.Series]:
    """Compute link features for each row: a Float64 Series each, null where missing.

    `facts` has a column for every name that the features read, and `order_id`; `orders` the
    instants `placed_at` and `as_of`, sorted by the latter. Rows that supersede are exact too.
    """
    if not features:
        return {}
    rows = _Rows(facts, orders)
    table: dict[str, pl.Series] = {}
    for _, group in groupby(sorted(features, key=_walk_of), key=_walk_of):
        members = list(group)
        widths = sorted({feature.width_us for feature in members})
        is_reach = members[0].measure is LinkMeasure.REACH
        counts = (rows.reach if is_reach else rows.near)(members[0], np.array(widths, np.int64))
        for feature in members:
            column = counts[:, widths.index(feature.width_us)]
            if is_reach:
                column = np.minimum(column, feature.budget)
            values = np.where(column == UNKNOWN, np.nan, column.astype(np.float64))
            table[feature.name] = pl.Series(feature.name, values).fill_nan(None)
    return table


class _Rows:
    """The rows of a history, as events and as the orders that ask."""

    def __init__(self, facts: pl.DataFrame, orders: pl.DataFrame) -> None:
        self._facts = facts
        occurred, as_of = instants(orders, "placed_at"), instants(orders, "as_of")
        versions = versions_of(facts["order_id"], as_of)
        self._by_time = np.argsort(occurred, kind="stable")
        self._times = occurred[self._by_time]
        self._events = Orders(as_of, versions.replaced_us, versions.own)

    def reach(self, feature: LinkFeature, widths: Int64s) -> Int64s:
        owners = dense_codes(self._facts, feature.entity.key)
        columns: list[Int64s] = []
        values = 0
        for link in feature.through:
            codes = dense_codes(self._facts, link.key)
            columns.append(np.where(codes == UNKNOWN, UNKNOWN, codes + values))
            values += count_codes(codes)
        links = np.stack(columns, axis=1)
        counts = np.empty((len(owners), len(widths)), np.int64)
        count_reached(
            feature.newest,
            widths,
            self._events,
            owners,
            links,
            self._filed(owners[:, None], count_codes(owners)),
            self._filed(np.where(owners[:, None] == UNKNOWN, UNKNOWN, links), values),
            counts,
        )
        return counts

    def near(self, feature: LinkFeature, widths: Int64s) -> Int64s:
        accounts, distinct = self._accounts(feature)
        exploded = distinct.select("account", "owner", "keys").explode("keys")
        codes = dense_codes(exploded, ["owner", "keys"])
        entries, nowhen = exploded["account"].to_numpy(), np.zeros(exploded.height, np.int64)
        counts = np.empty((len(accounts), len(widths)), np.int64)
        count_near(
            widths,
            self._events,
            accounts,
            dense_codes(distinct, ["owner", *feature.of]),
            filed(entries, codes, nowhen, distinct.height),
            filed(codes, entries, nowhen, count_codes(codes)),
            self._filed(accounts[:, None], distinct.height),
            counts,
        )
        return counts

    def _accounts(self, feature: LinkFeature) -> tuple[Int64s, pl.DataFrame]:
        """Number the accounts of the rows, and list each with its owner, `of` and keys."""
        owner = pl.Series("owner", dense_codes(self._facts, feature.entity.key))
        keys = pl.col(feature.keys).replace("", None).alias("keys")
        listed = self._facts.select(*feature.of, keys, owner)
        stated = listed.with_columns(pl.col("owner").replace(UNKNOWN, None))
        accounts = dense_codes(stated, ["owner", *feature.of, "keys"])
        known = stated.with_columns(pl.Series("account", accounts)).filter(accounts != UNKNOWN)
        distinct = known.unique("account", keep="any").sort("account")
        return accounts, distinct.with_columns(pl.col("keys").str.split(" "))

    def _filed(self, codes: Int64s, size: int) -> Filed:
        """File every row under each of its codes (rows, columns), in the order of time."""
        columns = codes.shape[1]
        in_time = codes[self._by_time].ravel()
        rows, times = np.repeat(self._by_time, columns), np.repeat(self._times, columns)
        return filed(in_time, rows, times, size)


def _walk_of(feature: LinkFeature) -> tuple[object, ...]:
    """Features of one walk differ by width and budget alone."""
    through = tuple(link.key for link in feature.through)
    return (feature.measure, feature.entity.key, through, feature.newest, feature.of, feature.keys)
