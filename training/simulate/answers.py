"""Answers: all that comes back for the orders of a slice, as the history keeps it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from training.simulate.attempts import Attempts
from training.simulate.chance import Ints
from training.simulate.codebook import Codebook
from training.simulate.columns import instants
from training.simulate.world import World


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to the orders of one slice, one row each, in no order."""

    order: Ints
    """Row of the slice."""
    code: Ints
    """Row of the codebook."""
    received_us: Ints


def give_answers(world: World, attempts: Attempts) -> Answers:
    """Gather first answers, later ones, what comes back, and answers to earlier attempts.

    What would arrive after the period ends is not known yet, so it is absent.
    """
    heard = world.replies
    later, back = np.flatnonzero(heard.later), np.flatnonzero(heard.back)
    order = np.concatenate([np.arange(len(world)), later, back, attempts.order])
    code = np.concatenate([heard.first, heard.last[later], heard.back_code[back], attempts.code])
    at = [heard.first_us, heard.last_us[later], heard.back_us[back], attempts.answered_us]
    at_us = np.concatenate(at)
    known = at_us <= world.piece.span.end_us
    return Answers(order[known], code[known], at_us[known])


def outcomes_frame(answers: Answers, order_ids: pl.Series, book: Codebook) -> pl.DataFrame:
    """Write the answers as a history's outcomes: the raw code and what the pack makes of it."""
    meanings = pl.DataFrame(
        {
            "raw_code": [code for _, code in book.codes],
            "outcome_class": [str(meaning.outcome_class) for meaning in book.meanings],
            "subclass": [meaning.subclass for meaning in book.meanings],
            "final": book.final,
            "next_action": [meaning.next_action for meaning in book.meanings],
        },
        schema_overrides={"subclass": pl.String, "next_action": pl.String},
    )
    by_time = np.lexsort((answers.order, answers.received_us))
    instant = instants(answers.received_us[by_time])
    return pl.concat(
        [
            order_ids.gather(answers.order[by_time]).to_frame("order_id"),
            pl.DataFrame({"received_at": instant, "occurred_at": instant}),
            meanings[answers.code[by_time]],
        ],
        how="horizontal",
    )
