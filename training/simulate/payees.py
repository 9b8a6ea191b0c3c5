"""Payees whose account stops taking money at some instant: closed or frozen, for good."""

from dataclasses import dataclass, fields

import numpy as np

from training.simulate.chance import Flags, Ints
from training.simulate.memory import earlier_in_group
from training.simulate.scenario import Scenario
from training.simulate.slices import Slice
from training.simulate.stream import Stream
from training.simulate.traits import trait


@dataclass(frozen=True, slots=True)
class PayeeStates:
    """One row per order of a slice."""

    closed: Flags
    frozen: Flags
    returned: Flags
    """Accepted at first, and returned days later."""
    known: Flags
    """An earlier payout to this account was refused, so that one could have known."""

    @classmethod
    def none(cls, size: int) -> "PayeeStates":
        """Describe orders that have no payee."""
        return cls(*(np.zeros(size, dtype=bool) for _ in fields(cls)))


def payee_states(
    scenario: Scenario, piece: Slice, stream: Stream, refused_before: Ints
) -> tuple[PayeeStates, Ints]:
    """Tell which payouts go to a dead account; also all payees of whom that was seen so far."""
    spec, span = scenario.payee_accounts, piece.span
    luck = trait(piece.seed, "payee trouble", stream.payee)
    ends = trait(piece.seed, "payee ends", stream.payee) * (span.end_us - span.start_us)
    dead = stream.payout & (stream.placed_us >= span.start_us + ends)
    closed = dead & (luck < spec.closed)
    frozen = dead & (luck >= spec.closed) & (luck < spec.closed + spec.frozen)
    troubled = closed | frozen
    returned = troubled & (trait(piece.seed, "returned", stream.key) < spec.returned_share)
    seen_now = troubled & ~returned
    earlier, _ = earlier_in_group(np.where(seen_now, stream.payee, -1), stream.placed_us)
    known = troubled & np.isin(stream.payee, refused_before)
    known |= seen_now & (earlier > 0)
    so_far = np.union1d(refused_before, stream.payee[seen_now])
    return PayeeStates(closed, frozen, returned, known), so_far
