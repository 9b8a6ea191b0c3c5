"""Bad times: outages, slow decay, a channel that chokes, a wrong key, a closed till, arrears."""

from dataclasses import dataclass

import numpy as np

from training.simulate.chance import US, Flags, Floats, Ints, stream_of
from training.simulate.memory import recent
from training.simulate.names import CHANNELS
from training.simulate.rhythm import draw_windows, how_far, inside
from training.simulate.scenario import Congestion, Scenario, WindowRate
from training.simulate.seen import Seen
from training.simulate.slices import Slice, Span
from training.simulate.stream import Stream
from training.simulate.traits import trait

OUTAGE, DECAY, KEY, RESTRICTED, ARREARS = "outage", "decay", "key", "restricted", "arrears"
_TEN_MINUTES_US = 600 * US


@dataclass(frozen=True, slots=True)
class Weather:
    """One row per order of a slice: what of a bad time hits it."""

    key_mismatch: Flags
    outage: Flags
    degradation: Flags
    congestion: Flags
    restricted: Flags
    """The merchant's account was restricted at the time, and its own record says so."""
    arrears: Flags
    slow: Flags
    """It came in a time of decay or congestion, whether or not that stopped it."""


def draw_weather(scenario: Scenario, piece: Slice, seen: Seen, now: Stream) -> Weather:
    """Draw what the times do to each order of a slice."""
    windows, channel = scenario.windows, seen.channel[seen.past :]
    outage, decayed, choked, slow = (np.zeros(len(now), dtype=bool) for _ in range(4))
    for number, name in enumerate(CHANNELS):
        mine = channel == number
        outage |= mine & _hit(windows.outage, f"{OUTAGE} {name}", piece, now)
        decay = bad_times(windows.degradation, f"{DECAY} {name}", piece.span)
        far = how_far(now.placed_us, decay)
        lot = trait(piece.seed, f"{DECAY} {name}", now.key)
        decayed |= mine & (lot < windows.degradation.share * far)
        slow |= mine & (far > 0)
        if name in scenario.congestion:
            crowd = _crowd(scenario.congestion[name], piece, seen, number)
            lot = trait(piece.seed, f"congestion {name}", now.key)
            choked |= mine & (lot < scenario.congestion[name].share * crowd)
            slow |= mine & (crowd > 0)
    return Weather(
        key_mismatch=_hit(windows.key_mismatch, KEY, piece, now),
        outage=outage,
        degradation=decayed,
        congestion=choked,
        restricted=now.payout & _hit(windows.merchant_restricted, RESTRICTED, piece, now),
        arrears=now.payout & _hit(windows.arrears, ARREARS, piece, now),
        slow=slow,
    )


def _crowd(spec: Congestion, piece: Slice, seen: Seen, number: int) -> Floats:
    """Tell by how much a channel is over its capacity at each order: 0 below, 1 at twice it."""
    sent = np.where(seen.channel == number, number, -1)
    lately = recent(sent, seen.stream.placed_us, _TEN_MINUTES_US)[seen.past :]
    span, slice_orders = piece.span, max(1, sum(piece.sizes.values()))
    share = int((sent[seen.past :] >= 0).sum()) / slice_orders
    mean = span.orders * share * _TEN_MINUTES_US / (span.end_us - span.start_us)
    capacity = max(spec.at_least, spec.times_mean * mean)
    over: Floats = (lately / capacity - 1).clip(0.0, 1.0)
    return over


def bad_times(rate: WindowRate, part: str, span: Span) -> Ints:
    """Draw the windows of the whole period, rows of [start, end): the same ones in every slice.

    An outage or a decay is one channel's: `outage jd_pay`.
    """
    return draw_windows(stream_of(span.seed, part), rate, span.start_us, span.end_us)


def _hit(rate: WindowRate, part: str, piece: Slice, now: Stream) -> Flags:
    struck: Flags = trait(piece.seed, f"{part} orders", now.key) < rate.share
    return inside(now.placed_us, bad_times(rate, part, piece.span)) & struck
