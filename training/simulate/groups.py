"""The groups: whose order it is; part of the truth, never of the order."""

from enum import IntEnum
from typing import get_args

from training.simulate.scenario import GroupName


class Group(IntEnum):
    """Whose order it is. Each group's entities have numbers of their own range."""

    ORDINARY = 0
    GIFT_SENDER = 1
    RING = 2
    CARD_TESTING = 3
    PAYOUT = 4
    RESELLER = 5
    STRUCTURING = 6

    @property
    def label(self) -> GroupName:
        """The group's name in scenarios and in the truth."""
        return _LABELS[self.name.lower()]


_LABELS: dict[str, GroupName] = {name: name for name in get_args(GroupName)}
GROUP_LABELS = tuple(group.label for group in Group)
