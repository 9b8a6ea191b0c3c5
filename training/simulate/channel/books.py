"""The channel's own books: every payment, counted by order number and by purchase."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from features.times import from_us

ZONE = timezone(timedelta(hours=8))
_COLUMNS = ("trade_no", "order_id", "amount_minor", "currency", "paid_at")


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that moved, once."""

    trade_no: str
    order_id: str
    purchase_id: str
    amount_minor: int
    currency: str
    paid_us: int

    @property
    def paid_at(self) -> datetime:
        """When, on the channel's own clock in Beijing."""
        return from_us(self.paid_us).astimezone(ZONE)


class Books:
    """Payments in the order in which they were made; nothing is ever removed."""

    def __init__(self) -> None:
        self._payments: list[Payment] = []

    def __iter__(self) -> Iterator[Payment]:
        return iter(self._payments)

    def enter(self, payment: Payment) -> None:
        """Write a payment down."""
        self._payments.append(payment)

    def paid_twice(self) -> dict[str, int]:
        """Count payments of the purchases that were paid more than once."""
        counts = Counter(payment.purchase_id for payment in self._payments)
        return {purchase: count for purchase, count in counts.items() if count > 1}

    def settlement(self, day: date) -> str:
        """Write one day's payments as CSV, a header first."""
        rows = [payment for payment in self._payments if payment.paid_at.date() == day]
        return "".join(f"{line}\n" for line in [",".join(_COLUMNS), *map(_line, rows)])


def _line(payment: Payment) -> str:
    return (
        f"{payment.trade_no},{payment.order_id},{payment.amount_minor},{payment.currency},"
        f"{payment.paid_at.isoformat()}"
    )
