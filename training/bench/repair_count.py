"""Counts how the faults of orders were put right: by fault, over all, and what went wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from training.bench.book_share import Share
from training.bench.repair_play import Group, Repaired

LEAST_RIGHT = 0.95
"""Target: of repairable faults, the share that the first candidate puts right, at least."""


@dataclass(slots=True)
class FaultCount:
    """One kind of fault."""

    orders: int = 0
    first: int = 0
    """The first candidate makes the true order."""
    listed: int = 0
    """Some candidate does."""
    certain: int = 0
    """It was offered as certain."""
    certain_wrong: int = 0
    """It was offered as certain and is not the true order."""

    def see(self, one: Repaired) -> None:
        """Count one order."""
        is_first = bool(one.offered) and one.offered[0].is_right
        self.orders += 1
        self.first += is_first
        self.listed += any(offered.is_right for offered in one.offered)
        self.certain += one.is_certain
        self.certain_wrong += one.is_certain and not is_first

    def add(self, other: "FaultCount") -> None:
        """Add the counts of another."""
        self.orders += other.orders
        self.first += other.first
        self.listed += other.listed
        self.certain += other.certain
        self.certain_wrong += other.certain_wrong

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "orders": self.orders,
            "first": Share(self.first, self.orders).as_json(),
            "listed": Share(self.listed, self.orders).as_json(),
            "certain": self.certain,
            "certain_wrong": self.certain_wrong,
        }


@dataclass(slots=True)
class OfferCount:
    """All patches that were offered, whatever the order's fault."""

    offered: int = 0
    standing: int = 0
    """They applied, were read, and no rule blocks what they make."""
    asking: int = 0
    """With the state read anew, they make an order that a rule asks a person about."""
    silent: int = 0
    """They change what the buyer pays and do not say so."""
    unasked: int = 0
    """Of orders without a fault."""

    def see(self, one: Repaired) -> None:
        """Count the patches of one order."""
        self.offered += len(one.offered)
        self.standing += sum(offered.stands for offered in one.offered)
        self.asking += sum(offered.asks for offered in one.offered)
        self.silent += sum(offered.is_silent for offered in one.offered)
        self.unasked += len(one.offered) if one.group is Group.NOTHING else 0

    def as_json(self) -> dict[str, int]:
        """Give plain data."""
        return {
            "offered": self.offered,
            "standing": self.standing,
            "asking": self.asking,
            "silent": self.silent,
            "unasked": self.unasked,
        }


@dataclass(slots=True)
class RepairCount:
    """One scenario, or all together."""

    scenario: str
    groups: dict[Group, dict[str, FaultCount]] = field(default_factory=dict)
    """By fault. Nothing counts where nothing is wrong."""
    offers: OfferCount = field(default_factory=OfferCount)

    def of(self, group: Group) -> FaultCount:
        """Add up all faults of a group."""
        total = FaultCount()
        for count in self.groups.get(group, {}).values():
            total.add(count)
        return total

    @property
    def meets_targets(self) -> bool:
        """Whether enough is put right, every patch stands and none changes a price silently."""
        both = (self.of(Group.FAULT), self.of(Group.PLANTED))
        enough = all(one.first >= LEAST_RIGHT * one.orders for one in both)
        return enough and self.offers.standing == self.offers.offered and not self.offers.silent

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "scenario": self.scenario,
            "groups": {
                group.value: {
                    "all": self.of(group).as_json(),
                    "faults": {name: faults[name].as_json() for name in sorted(faults)},
                }
                for group, faults in self.groups.items()
            },
            "patches": self.offers.as_json(),
            "meets_targets": self.meets_targets,
        }


def count_repairs(scenario: str, orders: Iterable[Repaired]) -> RepairCount:
    """Count orders as they were played, each once; a planted one apart from what it was before."""
    counted = RepairCount(scenario)
    for one in orders:
        counted.offers.see(one)
        if one.group is not Group.NOTHING:
            faults = counted.groups.setdefault(one.group, {})
            faults.setdefault(one.fault, FaultCount()).see(one)
    return counted


def together(scenarios: Iterable[RepairCount]) -> RepairCount:
    """Add scenarios up."""
    every = RepairCount("all")
    for one in scenarios:
        for group, faults in one.groups.items():
            for fault, count in faults.items():
                every.groups.setdefault(group, {}).setdefault(fault, FaultCount()).add(count)
        for part in OfferCount.__slots__:
            setattr(every.offers, part, getattr(every.offers, part) + getattr(one.offers, part))
    return every
