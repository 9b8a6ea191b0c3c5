"""Measures what each family of features adds: all, all without it, and it beside the order alone.

Every arm learns from the same rows with the same settings, and is tested on the same rows. It is
fitted with all of its inputs: the choice between sets of inputs that an experiment makes would
hide what is measured. One more arm, `chosen`, makes that choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import pandas as pd

from features.families import Family, families_of
from features.progress import Progress, silent
from training.ablate_result import BASE, CHOSEN, Ablation, Arm, Gains, Share
from training.bootstrap import bootstrap, paired_bootstrap
from training.dataset import ALL, build_dataset, feature_families, open_catalog
from training.encode import encode, fit_encoding
from training.errors import ExperimentError
from training.evaluate import Floats, Metrics, Scored, measure
from training.fit import Families, Rows, fit_head, probabilities
from training.groups import day_codes, entity_codes
from training.plan import Opened, Plan, open_plan


@dataclass(frozen=True, slots=True)
class _Inputs:
    """Both periods encoded, and the columns of each family."""

    learned: pd.DataFrame
    tested: pd.DataFrame
    columns: Mapping[str, tuple[int, ...]]
    names: tuple[str, ...]
    choices: Families
    scored: Scored


@dataclass(frozen=True, slots=True)
class _Run:
    """A fitted arm before it is compared: its probabilities on the test."""

    inputs: int
    probabilities: Floats
    metrics: Metrics
    rounds: int


def run_ablation(plan: Plan, progress: Progress = silent) -> Ablation:
    """Run the plan once for every arm; the same plan gives the same figures.

    The plan's `features` and all seeds but the first say nothing here. Raises ExperimentError
    for a catalog with fewer than two families, and as `training.experiment` does.
    """
    opened = open_plan(plan)
    inputs = _prepare(plan, opened, progress)
    runs = _run_arms(plan, opened, inputs, progress)
    return _compared(plan, opened, inputs, runs)


def _prepare(plan: Plan, opened: Opened, progress: Progress) -> _Inputs:
    history, test = opened.history, opened.test
    catalog = open_catalog(history, plan.catalog)
    entities = entity_codes(history, catalog, plan.entity)
    data = build_dataset(history, catalog, ALL, progress)
    columns = _columns(families_of(catalog), data.names)
    if len(columns) < 2:
        raise ExperimentError(
            f"catalog {catalog.name!r} has features of {', '.join(columns) or 'no family'} alone; "
            "an ablation needs two families: add windows, or name them under `families:`"
        )
    learned = data.features[opened.train.rows]
    encoding = fit_encoding(learned, catalog, data.names)
    days = day_codes(history, catalog, by_sequence=opened.protocol.by_sequence)
    return _Inputs(
        learned=encode(learned, encoding),
        tested=encode(data.features[test.rows], encoding),
        columns=columns,
        names=data.names,
        choices=feature_families(catalog, data.names),
        scored=Scored(
            labels=test.labels.astype(np.int64),
            probabilities=np.zeros(len(test.rows)),
            days=days[test.rows],
            entities=None if entities is None else entities[test.rows],
        ),
    )


def _columns(families: Mapping[str, Family], names: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    found = {
        str(family): tuple(place for place, name in enumerate(names) if families[name] is family)
        for family in Family
    }
    return {family: places for family, places in found.items() if places}


def _run_arms(plan: Plan, opened: Opened, inputs: _Inputs, progress: Progress) -> dict[str, _Run]:
    """Fit every arm, by the columns that it uses; arms of the same columns are fitted once."""
    arms = _arms(inputs.columns)
    runs: dict[str, _Run] = {}
    for done, (name, columns) in enumerate(arms.items()):
        progress(done, len(arms) + 1, name)
        same = next((other for other in runs if arms[other] == columns), None)
        runs[name] = runs[same] if same else _fit(plan, opened, inputs, columns, None)
    progress(len(arms), len(arms) + 1, CHOSEN)
    runs[CHOSEN] = _fit(plan, opened, inputs, arms[ALL], inputs.choices)
    progress(len(arms) + 1, len(arms) + 1, "bootstrap")
    return runs


def _arms(columns: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    whole = tuple(sorted(chain.from_iterable(columns.values())))
    base = columns.get(BASE, ())
    arms = {ALL: whole}
    if base:
        arms[BASE] = base
    for family, places in columns.items():
        arms[_without(family)] = tuple(place for place in whole if place not in places)
        if base and family != BASE:
            arms[_alone(family)] = tuple(sorted((*base, *places)))
    return arms


def _without(family: str) -> str:
    return f"{ALL} - {family}"


def _alone(family: str) -> str:
    return f"{BASE} + {family}"


def _fit(
    plan: Plan,
    opened: Opened,
    inputs: _Inputs,
    columns: tuple[int, ...],
    choices: Families | None,
) -> _Run:
    used = list(columns)
    rows = Rows(
        matrix=inputs.learned.iloc[:, used],
        labels=opened.train.labels,
        families=choices or {ALL: (True,) * len(used)},
    )
    fitted = fit_head(rows, plan.seeds[0])
    chances = probabilities(fitted, inputs.tested.iloc[:, used])
    metrics = measure(replace(inputs.scored, probabilities=chances))
    return _Run(len(used), chances, metrics, fitted.choice.rounds)


def _compared(plan: Plan, opened: Opened, inputs: _Inputs, runs: Mapping[str, _Run]) -> Ablation:
    draws, seed = plan.bootstrap, plan.seeds[0]
    whole = replace(inputs.scored, probabilities=runs[ALL].probabilities)
    others = {name: run.probabilities for name, run in runs.items() if name != ALL}
    less = paired_bootstrap(whole, others, draws, seed)
    arms = {
        name: Arm(name, run.inputs, run.metrics, run.rounds, less.get(name, {}))
        for name, run in runs.items()
    }
    firsts = _firsts(inputs.scored, runs, draws, seed)
    return Ablation(
        source=opened.history.folder.name,
        target=plan.target,
        train_from=plan.train_from,
        train_until=plan.train_until,
        embargo=plan.embargo,
        test_from=plan.test_from,
        test_until=plan.test_until,
        late_labels=plan.late_labels,
        train_rows=len(opened.train.rows),
        train_positives=int(opened.train.labels.sum()),
        test_rows=len(opened.test.rows),
        test_positives=int(opened.test.labels.sum()),
        seed=seed,
        draws=draws,
        all=arms[ALL],
        chosen=arms[CHOSEN],
        base=arms.get(BASE),
        shares=tuple(
            Share(
                family=family,
                features=tuple(inputs.names[place] for place in places),
                without=arms[_without(family)],
                alone=arms.get(_alone(family)),
                last=less[_without(family)],
                first=firsts.get(_alone(family), {}),
            )
            for family, places in inputs.columns.items()
        ),
        intervals=bootstrap(whole, draws, seed),
    )


def _firsts(scored: Scored, runs: Mapping[str, _Run], draws: int, seed: int) -> dict[str, Gains]:
    """Give the spread of what each family adds to the order alone, by the arm's name."""
    if BASE not in runs:
        return {}
    base = replace(scored, probabilities=runs[BASE].probabilities)
    alone = {name: run.probabilities for name, run in runs.items() if name.startswith(f"{BASE} + ")}
    less = paired_bootstrap(base, alone, draws, seed)
    return {
        name: {metric: at.turned() for metric, at in gains.items()} for name, gains in less.items()
    }
