"""The truth beside a history: whose order it was, what was wrong, what held it up, and why."""

from pathlib import Path
from types import TracebackType

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from training.simulate.attempts import Attempts
from training.simulate.chance import Flags, Ints
from training.simulate.columns import instants, named, where
from training.simulate.groups import GROUP_LABELS
from training.simulate.layout import has_typo
from training.simulate.ledgers import record_is_behind
from training.simulate.names import CAUSES, MEANINGS
from training.simulate.settlement import LATE_CAUSES, Settlement
from training.simulate.world import World

ODDITIES = ("none", "record_behind", "address_typo", "retried")
"""What looks odd and is none of the channel's business."""
_LEAST_DIGITS = 13


def truth_frame(
    world: World, orders: pl.DataFrame, attempts: Attempts, money: Settlement
) -> pl.DataFrame:
    """Build the truth, one row per order.

    `decidable`: order, record, account and earlier outcomes, as known when it was sent, are
    enough to tell; otherwise the cause is only more or less probable.
    """
    fault, cause = world.sent.fault, world.verdicts.cause
    classes = [str(MEANINGS[name].true_class) for name in CAUSES]
    oddity = _oddities(world, attempts)
    return pl.DataFrame(
        [
            orders["order_id"],
            named(GROUP_LABELS, world.stream.group).alias("group"),
            where(fault > 0, named(CAUSES, fault), "fault"),
            where(cause > 0, named(CAUSES, cause), "cause"),
            where(cause > 0, _decidable(world, orders), "decidable"),
            named(classes, cause).alias("true_class"),
            where(oddity > 0, named(ODDITIES, oddity), "oddity"),
            pl.Series("returned", world.verdicts.returned),
            where(money.settled_us >= 0, instants(money.settled_us), "settled_at"),
            where(money.late_cause > 0, named(LATE_CAUSES, money.late_cause), "late_cause"),
        ]
    )


def _oddities(world: World, attempts: Attempts) -> Ints:
    again = np.zeros(len(world), dtype=bool)
    again[attempts.order] = True
    oddity = np.where(again & (world.sent.fault == 0), ODDITIES.index("retried"), 0)
    oddity = np.where(has_typo(world), ODDITIES.index("address_typo"), oddity)
    return np.where(record_is_behind(world), ODDITIES.index("record_behind"), oddity)


def _decidable(world: World, orders: pl.DataFrame) -> Flags:
    recorded = orders["record.amount_minor"].is_not_null().to_numpy()
    limits = orders["account.limit_per_order_minor"].is_not_null().to_numpy()
    balance = orders["account.balance_minor"].is_not_null().to_numpy()
    length = orders["payout.payee.account.length"].fill_null(0).to_numpy()
    every = np.ones(len(world), dtype=bool)
    by_cause: dict[str, Flags] = {
        "wrong_unit": world.goods | recorded,
        "list_price_as_paid": recorded,
        "coupon_not_applied": world.goods,
        "coupon_not_spread": world.goods,
        "other_subject": recorded,
        "clock_slip": recorded,
        "closed_order": every,
        "already_paid": recorded,
        "duplicate_number": recorded,
        "over_order_limit": limits,
        "over_day_limit": limits,
        "merchant_funds": balance,
        "wrong_payee_account": length < _LEAST_DIGITS,
        "closed_payee": world.verdicts.payees.known,
        "frozen_payee": world.verdicts.payees.known,
        "merchant_restricted": every,
        "merchant_arrears": every,
    }
    known: Flags = np.zeros(len(world), dtype=bool)
    for name, decidable in by_cause.items():
        known |= world.verdicts.due_to(name) & decidable
    return known


class TruthWriter:
    """Writes the truth slice by slice into one file, so that it never stands whole in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "TruthWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, truth: pl.DataFrame) -> None:
        """Add one slice."""
        table = truth.to_arrow()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)
