"""What a head learns: 1, 0, or nothing where the truth is not known (censored).

| Head | 1 | 0 | no label |
|---|---|---|---|
| `refused` | any final refusal | accepted, fraud | the rest: cancelled, payer's own doing |
| a class head | that class | accepted, fraud, another final refusal | also `unclassified` |
| `fraud` (measuring only) | a final `fraud` | any other final outcome | |

An order without a final outcome known by then is censored for every head.
"""

from collections.abc import Collection

import polars as pl

from features.errors import suggest
from features.history import History
from features.outcome import REFUSALS, OutcomeClass
from features.times import from_us
from training.errors import ExperimentError

REFUSED = "refused"
FRAUD = "fraud"
CLASS_HEADS = ("risk_block", "validation", "limit", "account_state")
POLICY_HEADS = (REFUSED, *CLASS_HEADS)
HEADS = (*POLICY_HEADS, FRAUD)

_SENT = frozenset({OutcomeClass.ACCEPTED, OutcomeClass.FRAUD})


def head_labels(history: History, head: str, known_before_us: int | None = None) -> pl.Series:
    """Label every order of a history, row by row: Int8, null where censored.

    With `known_before_us` only outcomes received before that instant exist. Of one order the
    latest final outcome counts, but for `fraud`, which no later outcome takes back.
    Raises ExperimentError for an unknown head.
    """
    _check(head)
    last = _last_outcome(history, known_before_us)
    joined = history.orders.select("order_id").join(
        last, on="order_id", how="left", maintain_order="left"
    )
    return joined.select(_label(head).cast(pl.Int8).alias(head)).to_series()


def _check(head: str) -> None:
    if head not in HEADS:
        raise ExperimentError(
            f"No head is named {head!r}.{suggest(head, HEADS)} Heads: {', '.join(HEADS)}"
        )


def _last_outcome(history: History, known_before_us: int | None) -> pl.DataFrame:
    final = history.outcomes.filter(pl.col("final"))
    if known_before_us is not None:
        final = final.filter(pl.col("received_at") < from_us(known_before_us))
    return final.group_by("order_id").agg(
        pl.col("outcome_class").sort_by("received_at", maintain_order=True).last(),
        (pl.col("outcome_class") == FRAUD).any().alias("was_fraud"),
    )


def _label(head: str) -> pl.Expr:
    if head == FRAUD:
        return pl.col("was_fraud")
    positive = REFUSALS if head == REFUSED else {OutcomeClass(head)}
    negative = (REFUSALS | _SENT) - positive
    if head != REFUSED:
        negative -= {OutcomeClass.UNCLASSIFIED}
    return pl.when(_is_one_of(positive)).then(1).when(_is_one_of(negative)).then(0)


def _is_one_of(classes: Collection[OutcomeClass]) -> pl.Expr:
    return pl.col("outcome_class").is_in([str(name) for name in classes])
