"""The codes that a scenario's channels answer with, and what their packs make of each."""

from collections.abc import Iterable

import numpy as np

from rules.codes import MappedOutcome
from rules.packs import Packs
from training.simulate.chance import Flags, Ints, Rng, pick
from training.simulate.scenario import Answer, Scenario, ScenarioError
from training.simulate.verdicts import ANSWER_BY_CAUSE, CAUSES, CHANNELS

ACCEPTED = "accepted"
UNKNOWN = "unknown"


class Codebook:
    """Draws raw codes by channel and kind of answer; a drawn code is a row of `codes`."""

    def __init__(self, scenario: Scenario, packs: Packs) -> None:
        self._answers = scenario.answers
        self._scenario = scenario.name
        self.codes = [
            (channel, code) for channel in CHANNELS for code in _distinct(scenario, channel)
        ]
        self._row = {code: row for row, code in enumerate(self.codes)}
        self.meanings: list[MappedOutcome] = [
            packs[channel].map_outcome(None, code) for channel, code in self.codes
        ]
        self.final: Flags = np.array([meaning.final for meaning in self.meanings])

    def first(self, rng: Rng, channel: Ints, cause: Ints, hazy: Flags) -> Ints:
        """Draw what each order hears at first; a hazy answer says nothing yet."""
        kinds = [ANSWER_BY_CAUSE[name] for name in CAUSES]
        drawn = self._draw(rng, channel, cause, kinds, only_final=False)
        nothing = self._draw(rng, channel, cause, [UNKNOWN] * len(kinds), only_final=False)
        return np.where(hazy, nothing, drawn)

    def last(self, rng: Rng, channel: Ints, cause: Ints) -> Ints:
        """Draw what each order hears in the end; where a channel never says no, it has accepted."""
        kinds = [ANSWER_BY_CAUSE[name] for name in CAUSES]
        return self._draw(rng, channel, cause, kinds, only_final=True)

    def _draw(
        self, rng: Rng, channel: Ints, cause: Ints, kinds: list[str], *, only_final: bool
    ) -> Ints:
        drawn = np.zeros(len(channel), dtype=np.int64)
        for number, name in enumerate(CHANNELS):
            for wanted in np.unique(cause[channel == number]):
                cases = np.flatnonzero((channel == number) & (cause == wanted))
                options = self._options(name, kinds[wanted], only_final=only_final)
                rows = np.array([self._row[name, option.code] for option in options])
                weights = [option.weight for option in options]
                drawn[cases] = rows[pick(rng, weights, len(cases))]
        return drawn

    def _options(self, channel: str, kind: str, *, only_final: bool) -> list[Answer]:
        options = self._answers.get(channel, {}).get(kind, [])
        if not options:
            raise ScenarioError(
                f"scenario {self._scenario!r} gives channel {channel!r} no answer {kind!r}; "
                f"add one under answers.{channel}.{kind}"
            )
        if not only_final:
            return options
        final = [option for option in options if self.final[self._row[channel, option.code]]]
        return final or self._options(channel, ACCEPTED, only_final=False)


def _distinct(scenario: Scenario, channel: str) -> Iterable[str]:
    kinds = scenario.answers.get(channel, {}).values()
    return dict.fromkeys(answer.code for kind in kinds for answer in kind)
