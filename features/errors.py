"""The one tree of errors: each names the thing, the value and the way out."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


class PreflightError(Exception):
    """Anything that Preflight itself refuses to do; its text is fit for a user to read."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad field: where it is, what was there, what belongs there.

    >>> str(Fault("items[2].quantity", "0", "an integer >= 1"))
    'items[2].quantity: got 0, expected an integer >= 1'
    """

    path: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.path}: got {self.value}, expected {self.expected}"


class InvalidOrder(PreflightError):
    """An order or payout that cannot be read; `faults` lists every bad field at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


class UnknownChannel(PreflightError):
    """No channel pack of that name is loaded."""


class CatalogError(PreflightError):
    """A feature catalog that cannot be used."""


class ExpressionError(PreflightError):
    """An expression that cannot be parsed or typed."""


class RuleError(PreflightError):
    """A rule, rule book, channel pack or list that cannot be used."""


class MappingError(PreflightError):
    """An import mapping that cannot be applied to its table."""


class HistoryError(PreflightError):
    """A history folder that is absent, unfinished or of another format."""


class BundleError(PreflightError):
    """A model bundle that is absent, broken or made for another feature schema."""


class LedgerError(PreflightError):
    """The ledger could not be opened, read or written."""


class Conflict(PreflightError):
    """A request that contradicts what is already recorded."""


def suggest(name: str, known: Iterable[str]) -> str:
    """Hint at the nearest known name, or nothing.

    >>> suggest("card_order_1h", ["card_orders_1h", "buyer_orders_1h"])
    " Did you mean 'card_orders_1h'?"
    >>> suggest("zzz", ["card_orders_1h"])
    ''
    """
    near = get_close_matches(name, list(known), n=1)
    return f" Did you mean '{near[0]}'?" if near else ""
