"""What an order costs on the average here and elsewhere, by the merchant's own figures.

What is not stated is left out, never guessed: without a model there is no probability and no
comparison, and fees count only where those of all channels that are compared are stated.
"""

from dataclasses import dataclass

from features.order import Order
from rules.costs import Costs
from rules.decision import Wait
from rules.routes import Routes


@dataclass(frozen=True, slots=True)
class Worth:
    """The merchant's costs of one order, in minor units."""

    costs: Costs
    routes: Routes
    order: Order

    def here(self, refused: float | None, wait: Wait | None) -> float | None:
        """Price leaving it: sent once the wait is over, or never where no end is known.

        A wait costs what the delay of a review costs: the share of the amount that it loses.
        """
        if refused is None:
            return None
        if wait is None or wait.until is None:
            return self._lost()
        delay = self.costs.review_share * self.order.amount_minor
        return self._sent(refused, self.order.channel) + delay

    def there(self, refused: float | None, channel: str) -> float | None:
        """Price sending it by another channel now."""
        return None if refused is None else self._sent(refused, channel)

    def _sent(self, refused: float, channel: str) -> float:
        lost = refused * (self._refused() + self._lost())
        return lost + (1 - refused) * self._fee(channel)

    def _refused(self) -> float:
        return self.costs.refused_minor + self.costs.refused_share * self.order.amount_minor

    def _lost(self) -> float:
        return self.costs.stopped_minor + self.costs.stopped_share * self.order.amount_minor

    def _fee(self, channel: str) -> float:
        own = self.order.channel
        compared = {own, *self.routes.alternatives.get(own, ())}
        if not compared <= self.routes.fees.keys():
            return 0.0
        return self.routes.fees[channel].of(self.order.amount_minor)
