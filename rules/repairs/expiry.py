"""Repair of an expiry outside what the channel takes."""

from collections.abc import Collection, Iterator
from datetime import timedelta

from features.mismatch.equation import Change
from rules.decision import Text
from rules.repairs.part import Part, Scene, Slot

_LATE = Text(
    zh="把过期时间改为渠道允许的最长支付期；更长的部分渠道本来也不会采用。",
    en="Set the expiry to the longest time to pay that the channel takes; what goes beyond it the "
    "channel does not use anyway.",
)
_SOON = Text(
    zh="支付期为零或太短：按渠道给出的支付期重写过期时间，是否合适由人确认。",
    en="The time to pay is none or too short: write the expiry anew from the time to pay that the "
    "channel states. A person must confirm it.",
)
_SHORT_S = 60
"""An expiry that is sooner is refused or put off to this (WeChat Pay: less becomes a minute)."""


def expiry(scene: Scene, wanted: Collection[str]) -> Iterator[Slot]:
    """Propose an expiry for an order that has not lapsed; a lapsed order is not revived."""
    order, pack = scene.order, scene.pack
    if "expiry" not in wanted or order.expires_at is None:
        return
    longest, lifetime_s = pack.number("max_expiry_seconds"), _seconds(scene)
    if longest is not None and lifetime_s > longest:
        yield (_part(scene, longest, "max_expiry_seconds", _LATE, certain=True),)
    elif lifetime_s <= (pack.number("min_expiry_seconds") or _SHORT_S):
        names = ("suggested_expiry_seconds", "default_expiry_seconds")
        stated = [(seconds, name) for name in names if (seconds := pack.number(name)) is not None]
        parts = tuple(_part(scene, *one, _SOON, certain=False) for one in stated)
        if parts:
            yield parts


def _seconds(scene: Scene) -> float:
    order = scene.order
    return 0 if order.expires_at is None else (order.expires_at - order.placed_at).total_seconds()


def _part(scene: Scene, seconds: float, name: str, text: Text, *, certain: bool) -> Part:
    order = scene.order
    right = order.placed_at + timedelta(seconds=seconds)
    proof = f"expires_at = placed_at + {seconds:g} s = {right.isoformat()}, {name} of the channel"
    change = Change("/expires_at", order.expires_at, right)
    return Part("expiry", (change,), f"{proof} (sent: + {_seconds(scene):g} s)", text, certain)
