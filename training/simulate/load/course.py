"""What became of each order that was played."""

from dataclasses import dataclass, field

from features.outcome import OutcomeClass, is_refusal
from rules.decision import Action
from training.simulate.channel.registry import Fate
from training.simulate.load.conduct import Held


@dataclass(slots=True)
class Played:
    """One order on its way; the only mutable record here, written by the player alone."""

    order_id: str
    channel: str
    party: str
    """Buyer or payee: what belongs together when intervals are drawn."""
    amount_minor: int
    fate: Fate
    action: Action | None = None
    held: Held | None = None
    is_fixed: bool = False
    is_reviewed: bool = False
    sent_minor: int | None = None
    outcome: OutcomeClass | None = None
    settled_us: int = 0
    timeouts: int = 0
    queries: int = 0
    resent: int = 0
    waits: int = 0
    """How often it was put off."""
    waited_us: int = 0
    """From the first advice until it was sent, or until the last time that it was asked about."""
    review_us: int = 0
    """How long a review is taken to have lasted; the play itself does not wait for it."""
    queried_first: bool = False
    because: tuple[str, ...] = ()
    """The reasons of the last advice: those for which it was held, if it was."""
    rerouted_from: str | None = None
    """The channel that it was placed for, where it was sent by another."""
    events: set[str] = field(default_factory=set)

    @property
    def was_sent(self) -> bool:
        """It went to the channel."""
        return self.sent_minor is not None

    @property
    def is_refused(self) -> bool:
        """The channel finally said no."""
        return self.outcome is not None and is_refusal(self.outcome, final=True)

    @property
    def is_accepted(self) -> bool:
        """The channel finally said yes."""
        return self.outcome is OutcomeClass.ACCEPTED

    @property
    def is_held_for_nothing(self) -> bool:
        """Nothing was wrong with it, and the history's channel took it."""
        return self.held is not None and self.fate.is_clean

    @property
    def is_paid_wrong(self) -> bool:
        """Accepted at another amount than the merchant's system wants."""
        right = self.fate.right_minor
        return self.is_accepted and right is not None and self.sent_minor != right
