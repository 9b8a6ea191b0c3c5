import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import Calibration

margins = st.floats(-1e6, 1e6)


@given(margins, st.floats(0.1, 10), st.floats(-10, 10))
def test_a_probability_is_between_0_and_1(margin: float, slope: float, intercept: float) -> None:
    assert 0 <= Calibration(slope=slope, intercept=intercept).probability(margin) <= 1


@given(st.floats(-20, 20), st.floats(1e-6, 1))
def test_a_higher_margin_is_a_higher_probability(margin: float, more: float) -> None:
    calibration = Calibration(slope=0.7, intercept=0.2)
    assert calibration.probability(margin) < calibration.probability(margin + more)


def test_a_margin_of_zero_uncalibrated_is_a_half() -> None:
    assert Calibration(slope=1.0, intercept=0.0).probability(0.0) == pytest.approx(0.5)
