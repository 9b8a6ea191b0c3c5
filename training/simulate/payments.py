"""Payouts: wages, commissions, refunds and settlements, and how much each pays."""

import numpy as np

from training.simulate.chance import Ints
from training.simulate.groups import Group
from training.simulate.scenario import Scenario
from training.simulate.slices import Slice
from training.simulate.stream import Stream
from training.simulate.traits import choose, trait

PURPOSES = ("工资", "佣金", "退款", "货款结算")
REFUND = PURPOSES.index("退款")
SETTLEMENT = PURPOSES.index("货款结算")
_SHARES = [0.35, 0.35, 0.24, 0.06]
_MEDIANS_MINOR = np.array([620_000, 38_000, 24_000, 4_800_000])
"""Wages, commissions, refunds and settlements: shares and medians (assumed)."""
_BETWEEN_PAYEES, _FROM_TIME_TO_TIME = 0.4, 0.2
"""Spread of the logarithm: payees differ, and one payee's payouts differ less (assumed)."""
_PARTIAL = 0.4
"""Of refunds, how many give back only a part (assumed)."""
_JUST_BELOW = (0.90, 1.0)


def purposes(seed: int, payee: Ints) -> Ints:
    """Tell what each payee is paid for; index into PURPOSES."""
    return choose(seed, "payout purpose", payee, _SHARES)


def payout_amounts(scenario: Scenario, piece: Slice, stream: Stream) -> Ints:
    """Draw an amount for each payout; other rows mean nothing.

    Structuring stays just under the threshold from which the channel looks.
    """
    rng, size = piece.rng("payout amounts"), len(stream)
    purpose = purposes(piece.seed, stream.payee)
    level = _BETWEEN_PAYEES * 2 * (trait(piece.seed, "payee level", stream.payee) - 0.5) * 1.7
    usual = np.exp(level + _FROM_TIME_TO_TIME * rng.standard_normal(size))
    part = np.where((purpose == REFUND) & (rng.random(size) < _PARTIAL), rng.random(size), 1.0)
    amount = np.rint(_MEDIANS_MINOR[purpose] * usual * np.maximum(part, 0.05))
    below = np.rint(scenario.aml.threshold_minor * rng.uniform(*_JUST_BELOW, size)) - 1
    chosen = np.where(stream.group == Group.STRUCTURING, below, amount)
    return np.asarray(np.maximum(chosen, 100), dtype=np.int64)
