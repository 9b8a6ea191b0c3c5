"""What was sent lately: the orders of a slice after those of before that somebody remembers."""

from dataclasses import dataclass

import numpy as np

from training.simulate.chance import US, Flags, Floats, Ints
from training.simulate.memory import earlier_in_group
from training.simulate.rhythm import DAY_US, local_day
from training.simulate.scenario import Scenario
from training.simulate.stream import Stream, joined

_DAYS_PER_NUMBER = 100_000


@dataclass(frozen=True, slots=True)
class Seen:
    """One row per order in order of time; the first `past` rows belong to earlier slices."""

    past: int
    stream: Stream
    channel: Ints
    amount: Ints
    resale: Floats
    city: Ints
    blocked: Flags
    """By a channel's risk policy; not yet decided, so False, for this slice's rows."""

    def after(self, earlier: "Seen | None") -> "Seen":
        """Put this slice's orders after what is remembered of the earlier ones."""
        if earlier is None:
            return self
        return Seen(
            len(earlier.stream),
            joined([earlier.stream, self.stream]),
            np.concatenate([earlier.channel, self.channel]),
            np.concatenate([earlier.amount, self.amount]),
            np.concatenate([earlier.resale, self.resale]),
            np.concatenate([earlier.city, self.city]),
            np.concatenate([earlier.blocked, self.blocked]),
        )

    def remembered(self, since_us: int, blocked: Flags) -> "Seen":
        """Keep what is recent enough; `blocked` is what was decided on this slice's rows."""
        rows = np.arange(int(np.searchsorted(self.stream.placed_us, since_us)), len(self.stream))
        all_blocked = np.concatenate([self.blocked[: self.past], blocked])
        return self.take(rows, all_blocked)

    def take(self, rows: Ints, blocked: Flags | None = None) -> "Seen":
        """Take some rows, in order."""
        flags = self.blocked if blocked is None else blocked
        return Seen(
            int(np.searchsorted(rows, self.past)),
            self.stream.take(rows),
            self.channel[rows],
            self.amount[rows],
            self.resale[rows],
            self.city[rows],
            flags[rows],
        )

    def today(self, entity: Ints) -> tuple[Ints, Ints]:
        """Count and sum what each of this slice's entities had earlier on the same local day."""
        day = entity * _DAYS_PER_NUMBER + local_day(self.stream.placed_us)
        count, total = earlier_in_group(day, self.amount)
        return count[self.past :], total[self.past :]


def horizon_us(scenario: Scenario) -> int:
    """Tell how far back anybody in this world remembers single orders."""
    spans = [
        max(policy.watch_s, *(2 * signal.memory_s for signal in policy.signals.values()))
        for policy in scenario.policies.values()
        if policy.signals
    ]
    return max(DAY_US, *(int(span * US) for span in spans), 0)
