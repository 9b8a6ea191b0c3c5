"""The merchant's routing list: which other channels may take an order of a channel."""

from msgspec import Struct


class Routes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For each channel the alternatives that the merchant has a contract with, best first."""

    alternatives: dict[str, tuple[str, ...]] = {}


NO_ROUTES = Routes()
"""A merchant who named no alternatives gets none."""
