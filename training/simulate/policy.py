"""What a channel holds against an order: a hidden policy over raw events, of its own making.

It knows nothing of our features: its counters, windows, weights and noise are its own, and it
stays suspicious of an account for a while after it said no.
"""

import numpy as np

from training.simulate.baskets import Baskets
from training.simulate.chance import US, Flags, Floats, Ints, stream_of
from training.simulate.goods import Shelf, resale_of
from training.simulate.memory import first_of, recent, seconds_since_flag
from training.simulate.rhythm import local_hour
from training.simulate.scenario import Policy
from training.simulate.stream import Span, Stream

_YOUTH_DAYS = 10.0
_PATIENCE_WITH_OLD = 0.25
"""How much of its pace and spread is held against an account that the channel has long known."""
_NIGHT_ENDS = 6
_USUAL_AMOUNT_MINOR = 30_000.0


def suspicion(policy: Policy, stream: Stream, baskets: Baskets, shelf: Shelf, city: Ints) -> Floats:
    """Weigh what this channel remembers of each order's account, device, card and places."""
    width = int(policy.memory_s * US)
    at, weights = stream.placed_us, policy.weights
    new_account = first_of(stream.device, stream.buyer, at, width)
    new_card = first_of(stream.device, stream.card, at, width)
    new_city = first_of(stream.buyer, city, at, 3 * width)
    age_days = (at - stream.registered_us) / (86_400 * US)
    amount = np.log(np.maximum(1, baskets.amount) / _USUAL_AMOUNT_MINOR)
    youth = np.exp(-age_days / _YOUTH_DAYS)
    patience = _PATIENCE_WITH_OLD + (1 - _PATIENCE_WITH_OLD) * youth
    level: Floats = (
        patience * weights.account_pace * np.log1p(recent(stream.buyer, at, width))
        + weights.device_sharing * recent(stream.device, at, width, new_account).clip(0, 4)
        + weights.card_cycling * np.log1p(recent(stream.device, at, width, new_card))
        + patience * weights.spread * recent(stream.buyer, at, 3 * width, new_city).clip(0, 8)
        + weights.youth * youth
        + weights.resale * resale_of(shelf, baskets.main_sku)
        + weights.amount * amount
        + weights.night * (local_hour(at) < _NIGHT_ENDS)
    )
    return level


def refuses(
    name: str, policy: Policy, span: Span, stream: Stream, suspected: Floats, mine: Flags
) -> Flags:
    """Decide which of the channel's own orders it blocks."""
    noise = policy.noise * stream_of(span.seed, f"policy {name}").logistic(size=len(suspected))
    level = suspected + noise
    first = mine & (level > policy.threshold)
    watched = seconds_since_flag(stream.buyer, stream.placed_us, first) < policy.watch_s
    return mine & (level > policy.threshold - policy.watch_relief * watched)
