"""Payouts: wages, commissions, refunds and settlements, and how much each pays."""

import numpy as np

from training.simulate.chance import Flags, Ints
from training.simulate.groups import Group
from training.simulate.scenario import Scenario
from training.simulate.slices import Slice
from training.simulate.stream import Stream
from training.simulate.traits import choose, trait

PURPOSES = ("工资", "佣金", "退款", "货款结算")
WAGES = PURPOSES.index("工资")
REFUND = PURPOSES.index("退款")
COMMISSION = PURPOSES.index("佣金")
_SHARES = [0.35, 0.35, 0.24, 0.06]
_MEDIANS_MINOR = np.array([620_000, 38_000, 24_000, 4_800_000])
"""Wages, commissions, refunds and settlements: shares and medians (assumed)."""
_BETWEEN_PAYEES, _FROM_TIME_TO_TIME = 0.4, 0.2
"""Spread of the logarithm: payees differ, and one payee's payouts differ less (assumed)."""
_JUST_BELOW = (0.90, 1.0)


def purposes(seed: int, payee: Ints) -> Ints:
    """Tell what each payee is to be paid for; index into PURPOSES."""
    return choose(seed, "payout purpose", payee, _SHARES)


def stated_purposes(seed: int, payee: Ints, refunded: Flags) -> Ints:
    """Tell what each payout is for: a refund only where it is one of an order."""
    meant = purposes(seed, payee)
    return np.where(refunded, REFUND, np.where(meant == REFUND, COMMISSION, meant))


def payout_amounts(scenario: Scenario, piece: Slice, stream: Stream) -> Ints:
    """Draw an amount for each payout; other rows mean nothing.

    Structuring stays just under the threshold from which the channel looks.
    """
    rng, size = piece.rng("payout amounts"), len(stream)
    purpose = purposes(piece.seed, stream.payee)
    level = _BETWEEN_PAYEES * 2 * (trait(piece.seed, "payee level", stream.payee) - 0.5) * 1.7
    usual = np.exp(level + _FROM_TIME_TO_TIME * rng.standard_normal(size))
    amount = np.rint(_MEDIANS_MINOR[purpose] * usual)
    below = np.rint(scenario.aml.threshold_minor * rng.uniform(*_JUST_BELOW, size)) - 1
    chosen = np.where(stream.group == Group.STRUCTURING, below, amount)
    return np.asarray(np.maximum(chosen, 100), dtype=np.int64)
