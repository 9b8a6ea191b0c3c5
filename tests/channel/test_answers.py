"""Every pack answers every test number with a raw code of its own, of the class that was asked."""

from collections.abc import Callable
from typing import Any

import pytest

from features.outcome import OutcomeClass
from rules.packs import Packs, load_packs
from training.simulate.channel.amounts import read_amount, render_amount
from training.simulate.channel.channel import Silence
from training.simulate.channel.kinds import MAGIC_AMOUNTS_MINOR, MAGIC_IDS, Kind, Trouble
from training.simulate.channel.protocol import Reply
from training.simulate.channel.sheet import AnswerSheet

OpenCounter = Callable[..., Any]
CLASSES = {
    Kind.PAID: {OutcomeClass.ACCEPTED},
    Kind.RISK: {OutcomeClass.RISK_BLOCK},
    Kind.AMOUNT: {OutcomeClass.VALIDATION},
    Kind.CONTENT: {OutcomeClass.VALIDATION},
    Kind.BAD_FIELD: {OutcomeClass.VALIDATION},
    Kind.FUNDS: {OutcomeClass.ACCOUNT_STATE},
    Kind.ORDER_LIMIT: {OutcomeClass.LIMIT},
    Kind.DAY_LIMIT: {OutcomeClass.LIMIT},
    Kind.CLOSED: {OutcomeClass.CANCELLED},
    Kind.ALREADY_PAID: {OutcomeClass.ACCEPTED, OutcomeClass.UNKNOWN},
    Kind.PAYEE: {OutcomeClass.ACCOUNT_STATE},
    Kind.RESTRICTED: {OutcomeClass.ACCOUNT_STATE, OutcomeClass.INTEGRATION},
    Kind.SIGNATURE: {OutcomeClass.INTEGRATION},
    Kind.OUTAGE: {OutcomeClass.CHANNEL},
    Kind.DUPLICATE: {OutcomeClass.UNKNOWN},
    Kind.IN_FLIGHT: {OutcomeClass.UNKNOWN},
    Kind.RATE_LIMITED: {OutcomeClass.CHANNEL},
    Kind.GENERIC: {OutcomeClass.UNCLASSIFIED},
}
PACKS = [pack.channel for pack in load_packs()]
SILENT = {Trouble.TIMEOUT_PAID, Trouble.TIMEOUT_REFUSED, Trouble.TIMEOUT_LOST}


@pytest.mark.parametrize("channel", PACKS)
@pytest.mark.parametrize("kind", Kind)
def test_a_kind_of_answer_has_the_packs_own_code_for_it(
    packs: Packs, channel: str, kind: Kind
) -> None:
    code = AnswerSheet(packs[channel]).code_of(kind)
    if code is None:
        assert kind is Kind.RATE_LIMITED  # HTTP 429 says it without a code
        return
    meaning = packs[channel].map_outcome(None, code)
    assert meaning.outcome_class in CLASSES[kind] | {OutcomeClass.UNCLASSIFIED}
    assert meaning.subclass != "unseen_code"


def test_jd_pay_says_each_thing_in_its_own_class(packs: Packs) -> None:
    sheet, pack = AnswerSheet(packs["jd_pay"]), packs["jd_pay"]
    said = {kind: pack.map_outcome(None, sheet.code_of(kind)).outcome_class for kind in Kind}
    assert {kind for kind in Kind if said[kind] not in CLASSES[kind]} == set()
    assert sheet.code_of(Kind.AMOUNT) == "JMPT200056"


@pytest.mark.parametrize("minor", [n for n, m in MAGIC_AMOUNTS_MINOR.items() if m in set(Kind)])
def test_a_magic_amount_gets_its_answer_in_the_end(open_counter: OpenCounter, minor: int) -> None:
    counter = open_counter("jd_pay")
    counter.submit("A1", minor)
    counter.wait(3_600)
    kind = MAGIC_AMOUNTS_MINOR[minor]
    assert counter.query("A1") == AnswerSheet(counter.channel.pack).code_of(Kind(kind))
    assert counter.paid == (["A1"] if kind == Kind.PAID else [])


@pytest.mark.parametrize("prefix", MAGIC_IDS)
def test_a_magic_id_does_what_its_amount_does(open_counter: OpenCounter, prefix: str) -> None:
    by_id, by_amount = open_counter("generic"), open_counter("generic")
    magic = MAGIC_IDS[prefix]
    amount = next(n for n, one in MAGIC_AMOUNTS_MINOR.items() if one == magic)
    first, second = by_id.submit(f"{prefix}1"), by_amount.submit("A1", amount)
    for counter in (by_id, by_amount):
        counter.wait(86_400)
    assert isinstance(first, Reply) == isinstance(second, Reply)
    assert by_id.query(f"{prefix}1") == by_amount.query("A1")
    assert len(by_id.paid) == len(by_amount.paid)
    assert len(by_id.callbacks) == len(by_amount.callbacks)


@pytest.mark.parametrize("trouble", sorted(SILENT))
def test_a_time_out_is_silence_and_a_query_tells_what_became_of_it(
    open_counter: OpenCounter, trouble: Trouble
) -> None:
    counter = open_counter("jd_pay")
    order_id = f"TEST{trouble.replace('_', '').upper()}1"
    assert counter.submit(order_id) is Silence.TIMEOUT
    counter.wait(3_600)
    arrived = trouble is not Trouble.TIMEOUT_LOST
    assert (counter.query(order_id) is not None) == arrived
    assert (order_id in counter.paid) == (trouble is Trouble.TIMEOUT_PAID)


@pytest.mark.parametrize(
    ("changes", "amount"),
    [
        ({}, "310.00"),
        ({}, 310.0),
        ({}, 0),
        ({"currency": "USD"}, 31_000),
        ({"credit": {"instalments": 5}}, 31_000),
        ({"subject": "长" * 129}, 31_000),
    ],
)
def test_what_the_pack_forbids_is_refused_as_a_wrong_field(
    open_counter: OpenCounter, changes: dict[str, Any], amount: Any
) -> None:
    assert open_counter("jd_pay").code("A1", amount, **changes) == "CASH0001"


def test_an_order_number_that_the_channel_does_not_take_is_refused(
    open_counter: OpenCounter,
) -> None:
    assert open_counter("jd_pay").code("A-1") == "CASH0001"


@pytest.mark.parametrize("channel", PACKS)
def test_an_amount_is_read_as_it_was_rendered(packs: Packs, channel: str) -> None:
    pack = packs[channel]
    assert read_amount(pack, render_amount(pack, 12_345)) == 12_345
