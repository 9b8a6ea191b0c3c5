from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from features.history import read_history
from features.times import to_us
from training.errors import ExperimentError
from training.split import Period, Protocol, make_protocol

Make = Callable[..., Path]
START = datetime(2026, 1, 1, tzinfo=UTC)


def protocol(folder: Path, **bounds: str) -> Protocol:
    said = {
        "train_from": "2026-01-01",
        "train_until": "2026-01-20",
        "embargo": "7d",
        "test_from": "2026-01-27",
        "test_until": "2026-02-10",
    }
    return make_protocol(read_history(folder), **{**said, **bounds})


def test_bounds_are_instants_in_utc_and_half_open(make_history: Make) -> None:
    read = protocol(make_history())
    assert read.train == Period(to_us(START), to_us(START + timedelta(days=19)))
    assert read.train.mask(np.array([read.train.start, read.train.end])).tolist() == [
        True,
        False,
    ]


def test_a_label_may_be_learned_until_the_embargo_is_over(make_history: Make) -> None:
    read = protocol(make_history())
    assert read.labels_known_before_us == to_us(START + timedelta(days=26))


def test_a_test_inside_the_embargo_is_refused_and_told_when_it_may_begin(
    make_history: Make,
) -> None:
    with pytest.raises(ExperimentError, match=r"may begin at 2026-01-27T00:00:00"):
        protocol(make_history(), test_from="2026-01-26")


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ({"train_from": "yesterday"}, "--train-from 'yesterday' is no instant"),
        ({"train_until": "2026-01-01"}, "the train period is empty"),
        ({"embargo": "a week"}, "--embargo 'a week' is no duration"),
        ({"test_until": "2026-01-01"}, "the test period is empty"),
    ],
)
def test_a_bad_bound_is_named(make_history: Make, bounds: dict[str, str], text: str) -> None:
    with pytest.raises(ExperimentError, match=text):
        protocol(make_history(), **bounds)


IDS = {"train_from": "0", "train_until": "1000", "test_from": "1100", "test_until": "1500"}


def test_an_ordering_id_stands_in_place_of_times(make_history: Make) -> None:
    folder = make_history(ordering="sequence")
    read = protocol(folder, **IDS, embargo="100")
    assert (read.train, read.test) == (Period(0, 1000), Period(1100, 1500))
    assert read.labels_known_before_us == to_us(START + timedelta(hours=1100))


def test_a_duration_may_be_the_embargo_of_an_ordering_id(make_history: Make) -> None:
    folder = make_history(ordering="sequence")
    assert protocol(folder, **IDS, embargo="2d").labels_known_before_us == to_us(
        START + timedelta(hours=1048)
    )
    with pytest.raises(ExperimentError, match="may begin at 1120"):
        protocol(folder, **IDS, embargo="5d")


def test_a_date_is_no_ordering_id(make_history: Make) -> None:
    with pytest.raises(ExperimentError, match="write a whole number"):
        protocol(make_history(ordering="sequence"))
