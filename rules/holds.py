"""What is switched off for the moment: rules that are paused, channels that are stopped."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from features.times import to_us

Instant = Annotated[datetime, Meta(tz=True)]


class Hold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who switched it off, since when, why, and until when; without an end, until undone."""

    by: str
    since: Instant
    why: str
    until: Instant | None = None

    def is_over(self, as_of_us: int) -> bool:
        """Tell whether it has ended by itself: it holds before `until`, and not from then on."""
        return self.until is not None and to_us(self.until) <= as_of_us


class Holds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is switched off at one moment."""

    rules: dict[str, Hold] = {}
    """Paused rules, by code: they fire for nobody."""
    channels: dict[str, Hold] = {}
    """Stopped channels, by name: their orders wait or go elsewhere."""

    @property
    def version(self) -> str:
        """The fingerprint: 12 hex digits over all of it."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:12]

    def paused(self, as_of_us: int) -> Mapping[str, Hold]:
        """Give the rules that are paused as of an instant."""
        if not self.rules:
            return self.rules
        return {code: hold for code, hold in self.rules.items() if not hold.is_over(as_of_us)}

    def stopped(self, channel: str, as_of_us: int) -> Hold | None:
        """Give the hold that stops a channel as of an instant, if one does."""
        hold = self.channels.get(channel)
        return None if hold is None or hold.is_over(as_of_us) else hold


NO_HOLDS = Holds()
"""Everything acts."""
