"""A channel without HTTP: its clock stands until a test moves it."""

from collections.abc import Callable
from typing import Any

import pytest

from features.edge import order_from_dict
from features.masking import Masker
from features.times import to_us
from rules.packs import Packs
from training.simulate.channel.channel import Channel, Silence, Temper
from training.simulate.channel.crowd import Capacity
from training.simulate.channel.protocol import Callback, Reply, Submission
from training.simulate.channel.script import Script
from training.simulate.channel.verdict import Judge

Answered = Reply | Silence


class Counter:
    """A counter where a merchant stands: submits at an instant, and keeps what comes back."""

    def __init__(self, channel: Channel, fields: dict[str, Any], masker: Masker) -> None:
        self.channel = channel
        self.now_us = to_us(order_from_dict(fields, masker).placed_at)
        self.callbacks: list[Callback] = []
        self._fields = fields
        self._masker = masker

    def submit(self, order_id: str, amount: Any = 31_000, **changes: Any) -> Answered:
        fields = self._fields | {"order_id": order_id} | changes
        submission = Submission(
            order_id=order_id,
            amount=amount,
            currency=fields["currency"],
            order=fields,
            notify_url="http://127.0.0.1:9/callback",
            purchase_id=order_id,
        )
        order = order_from_dict(fields, self._masker)
        self.wait(0)
        return self.channel.submit(submission, order, self.now_us)

    def code(self, order_id: str, amount: Any = 31_000, **changes: Any) -> str | None:
        said = self.submit(order_id, amount, **changes)
        assert isinstance(said, Reply)
        return said.raw_code

    def query(self, order_id: str) -> str | None:
        self.wait(0)
        said = self.channel.query(order_id, self.now_us)
        return None if said is None else said.raw_code

    def wait(self, seconds: float) -> None:
        self.now_us += round(seconds * 1e6)
        self.callbacks += [callback for _, callback in self.channel.advance(self.now_us)]

    @property
    def paid(self) -> list[str]:
        return [payment.order_id for payment in self.channel.books]


OpenCounter = Callable[..., Counter]


@pytest.fixture
def open_counter(order_fields: dict[str, Any], masker: Masker, packs: Packs) -> OpenCounter:
    def opened(
        name: str = "jd_pay",
        script: Script | None = None,
        limit: int | None = None,
        capacity: Capacity | None = None,
    ) -> Counter:
        fields = order_fields | {"channel": name}
        start_us = to_us(order_from_dict(fields, masker).placed_at)
        judge = Judge(packs[name], None, None, seed=1, takes_test_numbers=True)
        temper = Temper(1, script or Script(), per_second=limit, capacity=capacity)
        return Counter(Channel(packs[name], judge, temper, start_us), fields, masker)

    return opened
