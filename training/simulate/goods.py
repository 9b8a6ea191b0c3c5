"""What is sold: goods by kind, with list prices, and a discount on some of them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import yaml
from msgspec import Struct

from training.simulate.chance import Flags, Floats, Ints, stream_of
from training.simulate.groups import Group

_GOODS_PER_KIND = 40
_DISCOUNTS = np.array([0.0, 0.0, 0.0, 0.05, 0.1, 0.2, 0.3])
"""Discounts on the list price, each as likely (assumed)."""
CAMPAIGNS = 6
_APPETITE = {
    Group.GIFT_SENDER: [0.05, 0.05, 0.15, 0.2, 0.45, 0.08, 0.02, 0.0],
    Group.RESELLER: [0.5, 0.15, 0.05, 0.0, 0.3, 0.0, 0.0, 0.0],
    Group.RING: [0.55, 0.1, 0.05, 0.0, 0.25, 0.0, 0.0, 0.05],
    Group.CARD_TESTING: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
}
"""What the special groups buy, by kind of goods (assumed); all others buy by share."""


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of goods."""

    name: str
    median_minor: int
    sigma: float
    share: float
    resale: float
    virtual: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """All goods; a row's number is its sku. Rows of a kind lie together, cheapest first."""

    kind: Ints
    list_minor: Ints
    unit_minor: Ints
    """The price after the merchant's own discount, in whole tens of fen."""

    @property
    def campaign(self) -> Ints:
        """The campaign that a discount belongs to, or -1."""
        numbers = np.arange(len(self.kind)) % CAMPAIGNS
        return np.where(self.unit_minor < self.list_minor, numbers, -1)


@cache
def load_kinds() -> tuple[Kind, ...]:
    """Read the kinds of goods."""
    text = Path(__file__).with_name("goods.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), tuple[Kind, ...])


def stock_shelf(seed: int) -> Shelf:
    """Draw the goods and their prices."""
    rng = stream_of(seed, "goods")
    kinds = load_kinds()
    draws = [np.sort(rng.standard_normal(_GOODS_PER_KIND)) for _ in kinds]
    prices = [k.median_minor * np.exp(k.sigma * z) for k, z in zip(kinds, draws, strict=True)]
    listed = np.maximum(200, np.concatenate(prices) // 100 * 100 - 10).astype(np.int64)
    off = rng.choice(_DISCOUNTS, len(listed))
    unit = np.where(off > 0, (listed * (1 - off)) // 10 * 10, listed).astype(np.int64)
    return Shelf(np.repeat(np.arange(len(kinds)), _GOODS_PER_KIND), listed, unit)


def appetites() -> Floats:
    """One row of weights over the kinds of goods for each group."""
    ordinary = [kind.share for kind in load_kinds()]
    return np.array([_APPETITE.get(group, ordinary) for group in Group])


def resale_of(shelf: Shelf, sku: Ints) -> Floats:
    """Tell how well each of these goods resells, 0 to 1."""
    return np.array([kind.resale for kind in load_kinds()])[shelf.kind[sku]]


def is_virtual(shelf: Shelf, sku: Ints) -> Flags:
    """Flag the goods that are never shipped."""
    virtual: Flags = np.array([kind.virtual for kind in load_kinds()])[shelf.kind[sku]]
    return virtual


def goods_per_kind() -> int:
    """How many goods each kind has."""
    return _GOODS_PER_KIND
