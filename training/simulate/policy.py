"""What a channel holds against an order: a hidden policy over raw events, of its own making.

It knows nothing of our features: its counters, windows, weights and noise are its own, it sees
only what is sent to it, and it stays suspicious of an account for a while after it said no.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

import numpy as np

from features.times import to_us
from training.simulate.chance import US, Flags, Floats, Ints
from training.simulate.memory import first_of, recent, seconds_since_flag
from training.simulate.rhythm import DAY_US, local_hour
from training.simulate.scenario import Drift, Policy, SignalName
from training.simulate.seen import Seen
from training.simulate.slices import Slice, Span
from training.simulate.traits import trait

_YOUTH_DAYS = 10.0
_NIGHT_ENDS = 6
_USUAL_AMOUNT_MINOR = 30_000.0


def blocked_by(name: str, policy: Policy, piece: Slice, seen: Seen) -> Flags:
    """Decide which of its own orders a channel blocks; one flag for each of this slice's rows.

    `seen` holds only what was sent to this channel.
    """
    at = seen.stream.placed_us
    drifts = [(drift, _strength(drift, piece.span, at)) for drift in policy.drift]
    level = _level(policy, seen, drifts)
    level += policy.noise * _mood(piece.seed, name, seen.stream.key)
    threshold = policy.threshold + sum(drift.threshold * grown for drift, grown in drifts)
    now = np.arange(len(at)) >= seen.past
    first = np.where(now, level > threshold, seen.blocked)
    watched = seconds_since_flag(seen.stream.buyer, at, first) < policy.watch_s
    blocked: Flags = level > threshold - policy.watch_relief * watched
    return blocked[seen.past :]


def _mood(seed: int, name: str, key: Ints) -> Floats:
    """Draw logistic noise, the same for the same order."""
    luck = trait(seed, f"policy {name}", key).clip(1e-12, 1 - 1e-12)
    mood: Floats = np.log(luck / (1 - luck))
    return mood


def too_frequent(policy: Policy, piece: Slice, seen: Seen) -> Flags:
    """Flag the orders of accounts that had as many today as the channel takes.

    The limit of an account is off by up to a fifth, and stays so.
    """
    count, _ = seen.today(seen.stream.buyer)
    buyer = seen.stream.buyer[seen.past :]
    limit = policy.orders_per_day * (0.8 + 0.4 * trait(piece.seed, "frequency limit", buyer))
    flags: Flags = (buyer >= 0) & (count >= limit)
    return flags


def _level(policy: Policy, seen: Seen, drifts: list[tuple[Drift, Floats]]) -> Floats:
    level = np.zeros(len(seen.stream))
    age_days = (seen.stream.placed_us - seen.stream.registered_us) / DAY_US
    youth = np.exp(-np.maximum(age_days, 0) / _YOUTH_DAYS)
    patience = policy.patience + (1 - policy.patience) * youth
    for name, signal in policy.signals.items():
        weight: Floats | float = signal.weight
        for drift, grown in drifts:
            weight = weight * (1 + grown * (drift.weights.get(name, 1.0) - 1))
        level += weight * _heard(name, int(signal.memory_s * US), seen, youth, patience)
    return level


def _heard(name: SignalName, width: int, seen: Seen, youth: Floats, patience: Floats) -> Floats:
    """Read one signal of every order."""
    match name:
        case "youth":
            return youth
        case "resale":
            return seen.resale
        case "amount":
            return np.log(np.maximum(1, seen.amount) / _USUAL_AMOUNT_MINOR)
        case "night":
            return (local_hour(seen.stream.placed_us) < _NIGHT_ENDS).astype(np.float64)
        case "account_pace" | "spread":
            return patience * _counted(name, width, seen)
        case "device_sharing" | "card_cycling" | "drop_sharing" | "crowding":
            return _counted(name, width, seen)
        case _:
            assert_never(name)


def _counted(name: SignalName, width: int, seen: Seen) -> Floats:
    stream, at = seen.stream, seen.stream.placed_us
    by: Mapping[SignalName, tuple[Ints, Ints | None, float | None]] = {
        "account_pace": (stream.buyer, None, None),
        "crowding": (stream.ip, None, None),
        "card_cycling": (stream.device, stream.card, None),
        "device_sharing": (stream.device, stream.buyer, 4.0),
        "drop_sharing": (stream.address, stream.buyer, 4.0),
        "spread": (stream.buyer, seen.city, 8.0),
    }
    entity, value, cap = by[name]
    new = None if value is None else first_of(entity, value, at, width)
    counts = recent(entity, at, width, new)
    return np.log1p(counts) if cap is None else counts.clip(0, cap)


def _strength(drift: Drift, span: Span, at_us: Ints) -> Floats:
    """Tell how far a drift has grown, 0 to 1, at each instant."""
    if isinstance(drift.at, datetime):
        begins = to_us(drift.at)
    else:
        begins = span.start_us + int(drift.at * (span.end_us - span.start_us))
    over = max(drift.over_days * DAY_US, 1.0)
    return ((at_us - begins) / over).clip(0.0, 1.0)
