"""What is switched off for the moment: rules that are paused, channels that are stopped."""

from datetime import datetime

from msgspec import Struct


class Hold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who switched it off, since when, and why."""

    by: str
    since: datetime
    why: str


class Holds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is switched off at one moment."""

    rules: dict[str, Hold] = {}
    """Paused rules, by code: they fire for nobody."""
    channels: dict[str, Hold] = {}
    """Stopped channels, by name: their orders wait or go elsewhere."""


NO_HOLDS = Holds()
"""Everything acts."""
