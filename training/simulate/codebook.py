"""The codes that a scenario's channels answer with, and what their packs make of each."""

from collections.abc import Iterable

import numpy as np

from features.outcome import OutcomeClass
from rules.codes import MappedOutcome
from rules.packs import Packs
from training.simulate.chance import Flags, Floats, Ints, place_of
from training.simulate.names import CAUSES, CHANNELS, MEANINGS
from training.simulate.scenario import Answer, AnswerName, ChannelName, Scenario, ScenarioError

_KINDS: tuple[AnswerName, ...] = tuple(MEANINGS[cause].answer for cause in CAUSES)


class Codebook:
    """Chooses raw codes by channel and kind of answer; a chosen code is a row of `codes`."""

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
        classes = [meaning.outcome_class for meaning in self.meanings]
        self.accepts: Flags = np.array([one is OutcomeClass.ACCEPTED for one in classes])

    def first(self, luck: Floats, channel: Ints, cause: Ints, hazy: Flags) -> Ints:
        """Choose what each order hears at first; a hazy answer says nothing yet."""
        chosen = self._choose(luck, channel, cause, _KINDS, final=None)
        return np.where(hazy, self.vague(luck, channel), chosen)

    def last(self, luck: Floats, channel: Ints, cause: Ints) -> Ints:
        """Choose what each hears in the end; where a channel never says no, it has accepted."""
        return self._choose(luck, channel, cause, _KINDS, final=True)

    def vague(self, luck: Floats, channel: Ints) -> Ints:
        """Choose an answer that settles nothing."""
        return self._choose(luck, channel, np.zeros_like(channel), ("unknown",), final=False)

    def tells(self, channel: Ints, kind: AnswerName, wanted: OutcomeClass) -> Flags:
        """Flag the rows whose channel answers this kind always by a code of the wanted class."""
        clear = np.array([self._is_clear(name, kind, wanted) for name in CHANNELS])
        flags: Flags = clear[channel]
        return flags

    def _is_clear(self, name: ChannelName, kind: AnswerName, wanted: OutcomeClass) -> bool:
        answers = self._answers.get(name, {}).get(kind, [])
        meant = [self.meanings[self._row[name, one.code]].outcome_class for one in answers]
        return bool(meant) and all(one is wanted for one in meant)

    def _choose(
        self,
        luck: Floats,
        channel: Ints,
        cause: Ints,
        kinds: tuple[AnswerName, ...],
        *,
        final: bool | None,
    ) -> Ints:
        chosen = np.zeros(len(channel), dtype=np.int64)
        case = channel * len(kinds) + cause
        order = np.argsort(case, kind="stable")
        values, starts = np.unique(case[order], return_index=True)
        for value, first, after in zip(values, starts, [*starts[1:], len(order)], strict=False):
            rows = order[first:after]
            name, wanted = CHANNELS[value // len(kinds)], kinds[value % len(kinds)]
            options = self._options(name, wanted, final=final)
            codes = np.array([self._row[name, option.code] for option in options])
            chosen[rows] = codes[place_of(luck[rows], [option.weight for option in options])]
        return chosen

    def _options(self, name: ChannelName, kind: AnswerName, *, final: bool | None) -> list[Answer]:
        options = self._answers.get(name, {}).get(kind, [])
        if not options:
            raise ScenarioError(
                f"scenario {self._scenario!r} gives channel {name!r} no answer {kind!r}; "
                f"add one under answers.{name}.{kind}"
            )
        if final is None:
            return options
        fit = [one for one in options if self.final[self._row[name, one.code]] == final]
        if not fit and not final:
            raise ScenarioError(
                f"scenario {self._scenario!r}: answers.{name}.{kind} has only codes that are "
                "final by the channel's pack; add one that is not"
            )
        return fit or self._options(name, "accepted", final=None)


def _distinct(scenario: Scenario, channel: ChannelName) -> Iterable[str]:
    kinds = scenario.answers.get(channel, {}).values()
    return dict.fromkeys(answer.code for kind in kinds for answer in kind)
