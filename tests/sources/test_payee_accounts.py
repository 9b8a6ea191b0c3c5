"""An imported payee's account keeps the keys of what is nearly the same number; a card does not."""

import polars as pl

from features.masking import Masker
from training.sources.mapping import Reduction
from training.sources.masking import PAYEE_ACCOUNT, reduce_column

MASKER = Masker(bytes(32))
NUMBERS = pl.Series("n", ["6222021234567890123", None, "6222021234567890124", "12"])


def test_an_imported_account_has_the_near_keys_that_the_edge_gives() -> None:
    columns = reduce_column(PAYEE_ACCOUNT, Reduction.ACCOUNT, NUMBERS, MASKER)
    near = columns["payout.payee.account.near"]
    assert near.dtype == pl.List(pl.String)
    assert near.to_list() == [
        None if number is None else MASKER.payee_account(number)["near"] for number in NUMBERS
    ]
    assert len(set(near[0]) & set(near[2])) == 1


def test_an_imported_card_has_none() -> None:
    assert "buyer.card.near" not in reduce_column("buyer.card", Reduction.ACCOUNT, NUMBERS, MASKER)
