"""What really became of each order, as far as its history knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import polars as pl

from features.history_schema import AS_OF
from features.outcome import REFUSALS, OutcomeClass

HONEST_SENDERS = ("gift_sender", "reseller")
"""Groups of a simulated history that honestly send to many places."""
WIDE_FEATURE, WIDE_FROM = "buyer_cities_24h", 4
"""Where nobody knows the groups: so many cities of a buyer in a day are called dispersed."""
NO_TRUTH = "no truth"
SUPERSEDED = "sent again later"
NOT_FINAL = "not final"


class Kind(StrEnum):
    """What an outcome says of the advice to hold an order up."""

    BAD = "bad"
    """The channel refused it, or it was fraud: right to hold it up."""
    GOOD = "good"
    """The channel took it: wrong to hold it up."""
    OPEN = "open"
    """Neither: no outcome, none that is final, or one that says nothing of the order."""


def kind_of(outcome: str) -> Kind:
    """Tell what an outcome says."""
    if outcome == OutcomeClass.FRAUD or outcome in _REFUSALS:
        return Kind.BAD
    return Kind.GOOD if outcome == OutcomeClass.ACCEPTED else Kind.OPEN


_REFUSALS = frozenset(str(one) for one in REFUSALS)
OUTCOMES = (*(str(one) for one in OutcomeClass), NOT_FINAL, NO_TRUTH, SUPERSEDED)
"""Everything that can have become of an order."""


@dataclass(frozen=True, eq=False)
class Truth:
    """The outcomes of a history, and which senders honestly send to many places."""

    outcomes: pl.DataFrame
    """`order_id` and `outcome` of every order that was ever answered."""
    last_sent: pl.DataFrame
    """`order_id` and the last `as_of` of every order that was decided more than once."""
    groups: pl.DataFrame | None
    """`order_id` of the orders of such senders; None where nobody knows."""

    @property
    def dispersion_said(self) -> str:
        """Say in plain words what is called legitimate dispersion here."""
        if self.groups is not None:
            names = " and ".join(f"{name.replace('_', ' ')}s" for name in HONEST_SENDERS)
            return f"orders of {names}, as the simulated truth tells"
        return (
            f"accepted orders with {WIDE_FEATURE} >= {WIDE_FROM}: nobody labelled these senders, "
            "so an honest sender whom the channel refused is not among them"
        )

    def outcomes_of(self, orders: pl.DataFrame) -> pl.Series:
        """Tell what became of each order, one of OUTCOMES.

        An outcome belongs to the last version of an order that was decided.
        """
        keys = orders.select("order_id", AS_OF)
        joined = keys.join(self.outcomes, on="order_id", how="left", maintain_order="left")
        joined = joined.join(self.last_sent, on="order_id", how="left", maintain_order="left")
        outcome = pl.when(pl.col(AS_OF) < pl.col("last_as_of")).then(pl.lit(SUPERSEDED))
        return joined.select(
            outcome.otherwise(pl.col("outcome").fill_null(NO_TRUTH)).alias("outcome")
        )["outcome"]

    def dispersed(
        self, orders: pl.DataFrame, features: pl.DataFrame, outcomes: pl.Series
    ) -> pl.Series:
        """Mark the orders of legitimate dispersion."""
        if self.groups is not None:
            return orders["order_id"].is_in(self.groups["order_id"].implode())
        if WIDE_FEATURE not in features.columns:
            return pl.repeat(False, orders.height, dtype=pl.Boolean, eager=True)
        wide = (features[WIDE_FEATURE] >= WIDE_FROM).fill_null(value=False)
        return wide & (outcomes == str(OutcomeClass.ACCEPTED))


def truth_of(history: Path) -> Truth:
    """Read what a history tells of its orders' fates."""
    table = history / "truth.parquet"
    return Truth(_outcomes(history), _last_sent(history), _groups(table))


def _outcomes(history: Path) -> pl.DataFrame:
    """Of one order the last final outcome counts, but fraud is taken back by none."""
    if not any((history / "outcomes").glob("part-*.parquet")):
        return pl.DataFrame(schema={"order_id": pl.String, "outcome": pl.String})
    columns = ("order_id", "received_at", "outcome_class", "final")
    told = pl.scan_parquet(history / "outcomes" / "part-*.parquet").select(columns)
    final = pl.col("outcome_class").filter(pl.col("final"))
    last = final.sort_by(pl.col("received_at").filter(pl.col("final")), maintain_order=True).last()
    fraud = (final == str(OutcomeClass.FRAUD)).any()
    return (
        told.group_by("order_id")
        .agg(
            pl.when(fraud)
            .then(pl.lit(str(OutcomeClass.FRAUD)))
            .otherwise(last.fill_null(NOT_FINAL))
            .alias("outcome")
        )
        .collect()
    )


def _last_sent(history: Path) -> pl.DataFrame:
    orders = pl.scan_parquet(history / "orders" / "part-*.parquet").select("order_id", AS_OF)
    versions = orders.group_by("order_id").agg(pl.len(), pl.col(AS_OF).max().alias("last_as_of"))
    return versions.filter(pl.col("len") > 1).select("order_id", "last_as_of").collect()


def _groups(table: Path) -> pl.DataFrame | None:
    if not table.is_file():
        return None
    truth = pl.scan_parquet(table)
    if "group" not in truth.collect_schema():
        return None
    return truth.filter(pl.col("group").is_in(HONEST_SENDERS)).select("order_id").collect()


CLASSES: Mapping[str, Kind] = {outcome: kind_of(outcome) for outcome in OUTCOMES}
