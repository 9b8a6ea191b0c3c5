"""What a merchant's mistakes cost: the one home of the policy's numbers."""

from msgspec import Struct


class Costs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Costs in minor units of the order's currency, and shares of its amount in [0, 1].

    The defaults are initial guesses of ours, from no published source: a merchant replaces
    them by its own figures. They are stored with every decision.
    """

    refused_minor: float = 2_000.0
    """One refused submission: a support contact, a second collection, the merchant's standing."""
    refused_share: float = 0.0
    """What a refused submission loses on top, as a share of the amount."""
    review_minor: float = 300.0
    """One review: a few minutes of an analyst."""
    review_share: float = 0.0005
    """What the delay of a review loses, as a share of the amount."""
    review_catches: float = 0.7
    """Share of the coming refusals that a review finds in time."""
    stopped_minor: float = 20_000.0
    """Stopping an order that the channel would have taken: the buyer may not come back."""
    stopped_share: float = 0.1
    """The margin lost with it, as a share of the amount."""


DEFAULT_COSTS = Costs()
