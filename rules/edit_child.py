"""The process that takes one heavy step of an edit: a request comes in by stdin, one JSON out.

Whatever loads whole books or asks another engine runs here, never beside scoring.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from features.errors import PreflightError
from rules.edit_asked import Asked, Told
from rules.edit_steps import Step, check_no_path, perform
from rules.releases.backtests import backtest
from rules.releases.checking import check
from rules.releases.desk import Desk
from rules.releases.drafts import find
from rules.releases.history import diff
from rules.releases.kinds import Kind
from rules.releases.opinion import second_opinion
from rules.releases.publishing import Conditions, publish, roll_back
from rules.releases.sample import MOST_ORDERS, SampleSource


def _check(desk: Desk, kind: Kind, asked: Asked) -> Struct:
    return check(desk, find(desk, kind, asked.draft))


def _diff(desk: Desk, kind: Kind, asked: Asked) -> Struct:
    check_no_path("before", asked.before)
    check_no_path("after", asked.after)
    return diff(desk, kind, asked.before, asked.after)


def _backtest(desk: Desk, kind: Kind, asked: Asked) -> Struct:
    return backtest(desk, find(desk, kind, asked.draft), Path(asked.history))


def _opinion(desk: Desk, kind: Kind, asked: Asked) -> Struct:
    return second_opinion(desk, find(desk, kind, asked.draft), _sample(asked))


def _publish(desk: Desk, kind: Kind, asked: Asked) -> Struct:
    conditions = Conditions(asked.why, asked.over, asked.without_second_opinion, _sample(asked))
    return publish(desk, find(desk, kind, asked.draft), conditions)


def _rollback(desk: Desk, kind: Kind, asked: Asked) -> Struct:
    return roll_back(desk, kind, asked.to, asked.why)


def _sample(asked: Asked) -> SampleSource:
    most = MOST_ORDERS if asked.orders is None else asked.orders
    return SampleSource(ledger=asked.ledger, most=most)


HEAVY: Mapping[str, Step] = {
    "check": _check,
    "diff": _diff,
    "backtest": _backtest,
    "opinion": _opinion,
    "publish": _publish,
    "rollback": _rollback,
}


def tell(raw: bytes) -> bytes:
    """Take a step; a refusal is an answer too."""
    asked = msgspec.json.decode(raw, type=Asked)
    try:
        told = Told(report=msgspec.Raw(msgspec.json.encode(perform(asked, HEAVY))))
    except PreflightError as error:
        told = Told(refused=str(error))
    return msgspec.json.encode(told)


if __name__ == "__main__":
    sys.stdout.buffer.write(tell(sys.stdin.buffer.read()) + b"\n")
