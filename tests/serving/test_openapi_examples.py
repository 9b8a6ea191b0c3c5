"""The examples that the API's page offers are answered as they stand."""

import msgspec

from features.edge import order_from_dict
from features.masking import Masker
from serving.openapi import EXAMPLE_ORDER, EXAMPLE_OUTCOME
from serving.requests import OutcomeReport


def test_the_example_order_can_be_read(masker: Masker) -> None:
    assert order_from_dict(EXAMPLE_ORDER, masker).channel == "jd_pay"


def test_the_example_outcome_is_about_the_example_order() -> None:
    report = msgspec.convert(EXAMPLE_OUTCOME, OutcomeReport)
    assert report.order_id == EXAMPLE_ORDER["order_id"]
