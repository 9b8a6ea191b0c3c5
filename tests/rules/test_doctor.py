"""The doctor finds each fault of an integration, names the channel's code, and keeps no secret."""

import json
from copy import deepcopy
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from features.errors import RuleError
from rules.cli_channels import channels_app
from rules.doctor.config import Config, load_config
from rules.doctor.examine import examine
from rules.doctor.printed import lines_of
from rules.doctor.report import Report, Weight, load_faults
from rules.doctor.sample_texts import garbled
from rules.packs import load_packs

EXAMPLES = Path(__file__).parents[2] / "examples" / "doctor"
AT = datetime.fromisoformat("2026-11-22T10:00:00+08:00")
PACKS = load_packs()
JD = yaml.safe_load((EXAMPLES / "jd_pay.yaml").read_text("utf-8"))
LAKALA = yaml.safe_load((EXAMPLES / "lakala_payout.yaml").read_text("utf-8"))
GONE = "(left out)"


def changed(settings: dict[str, Any], *changes: tuple[tuple[str | int, ...], Any]) -> Config:
    copied: Any = deepcopy(settings)
    for (*parents, last), value in changes:
        block: Any = reduce(lambda inner, name: inner[name], parents, copied)
        if value is GONE:
            del block[last]
        else:
            block[last] = value
    return msgspec.convert(copied, Config)


def seen(config: Config, channel: str) -> Report:
    return examine(config, PACKS[channel], AT)


def only(report: Report) -> tuple[str, tuple[str, ...], Weight]:
    (finding,) = report.findings
    return finding.fault, finding.codes, finding.weight


PAYLOAD, ORDER = ("sample", "payload"), ("sample", "order")
JD_FAULTS = [
    (("endpoint",), "pay.example.com/uniorder", "ENDPOINT_NOT_WEB", ()),
    (("endpoint",), "http://pay.example.com/uniorder", "ENDPOINT_NOT_HTTPS", ()),
    (("endpoint",), "https://pay.example.com/sandbox/uniorder", "ENDPOINT_WRONG_ENVIRONMENT",
     ("CASH0015", "JPGT201000", "JPGT100000", "EES0007")),
    (("endpoint",), "https://pay.example.com/other", "ENDPOINT_UNKNOWN_NAME", ()),
    (("environment",), "sandbox", "ENDPOINT_MAYBE_PRODUCTION", ()),
    (("adapter", "endpoint"), "https://old.example.com", "ENDPOINT_NOT_PINNED", ()),
    (("api_version",), "V1.0", "API_VERSION_DIFFERS", ("CASH0001",)),
    (("merchant_id",), "11023456700", "MERCHANT_ID_FORM", ("CASH0015", "JPGT201000")),
    (("signature", "encryption"), "AES", "ENCRYPTION_DIFFERS", ("CASH0014",)),
    (("signature", "type"), "MD5", "SIGNATURE_TYPE_DIFFERS", ("JPGT100000", "EES0007")),
    (("credentials", 1, "not_after"), "2026-11-21", "CREDENTIAL_EXPIRED", ("JPGT100000",)),
    (("credentials", 1, "not_after"), "2026-11-22", "CREDENTIAL_ENDS_SOON", ("JPGT100000",)),
    (("credentials", 1, "not_after"), "2026-12-21", "CREDENTIAL_ENDS_SOON", ("JPGT100000",)),
    (("credentials", 0, "not_before"), "2026-11-23", "CREDENTIAL_NOT_YET_VALID", ("JPGT100000",)),
    (("clock", "ours"), "2026-11-22T10:01:01+08:00", "CLOCK_OFF", ()),
    (("clock", "ours"), "2026-11-22T09:54:59+08:00", "CLOCK_FAR_OFF", ()),
    (("clock", "ours"), "2026-11-22T02:00:01+08:00", "CLOCK_OFF_BY_ZONE", ()),
    (("notify_url",), "https://10.0.0.7/notify", "NOTIFY_URL_UNREACHABLE", ()),
    ((*PAYLOAD, "amount"), 3890000, "AMOUNT_UNIT", ("JMPT200056", "EES0021", "JMPT200045")),
    ((*PAYLOAD, "amount"), 389.0, "AMOUNT_UNIT", ("JMPT200056",)),
    ((*PAYLOAD, "amount"), "38900", "AMOUNT_FORM", ("CASH0001",)),
    ((*PAYLOAD, "amount"), 38900.0, "AMOUNT_FORM", ("CASH0001",)),
    ((*PAYLOAD, "amount"), 38800, "VALUE_DIFFERS", ("JMPT200045",)),
    ((*PAYLOAD, "tradeTime"), "2026-11-22 10:00:00", "TIME_FORM", ("CASH0001",)),
    ((*PAYLOAD, "tradeTime"), "20261122020000", "TIME_ZONE", ("CASH0001",)),
    ((*PAYLOAD, "tradeTime"), "20261122101500", "VALUE_DIFFERS", ("JMPT200045",)),
    ((*PAYLOAD, "expireTime"), "120", "EXPIRY_FORM", ("CASH0001",)),
    ((*PAYLOAD, "currency"), "156", "CURRENCY_VALUE", ("CASH0001",)),
    ((*PAYLOAD, "tradeName"), "轻量跑步鞋 42码".encode().decode("latin-1"), "TEXT_ENCODING",
     ("JPGT100000", "EES0007", "JMPT200045")),
    ((*PAYLOAD, "tradeName"), "????? 42?", "TEXT_ENCODING", ("JPGT100000",)),
    ((*PAYLOAD, "tradeName"), "另一件商品", "VALUE_DIFFERS", ("JMPT200045",)),
    ((*PAYLOAD, "tradeNum"), "EX20261122A0002", "VALUE_DIFFERS", ("JMPT200045",)),
    ((*PAYLOAD, "merchant"), "110234567002", "VALUE_DIFFERS", ("JMPT200045",)),
    ((*PAYLOAD, "expireTime"), GONE, "FIELD_NOT_SENT", ()),
    ((*PAYLOAD, "orderType"), GONE, "FIELD_MISSING", ("JPGT100005",)),
    ((*ORDER, "credit.instalments"), 9, "INSTALMENTS_NOT_OFFERED", ("CASH0001",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value", "fault", "codes"), JD_FAULTS, ids=lambda value: str(value)[:40]
)
def test_a_fault_of_a_jd_integration_is_found_with_its_codes(
    place: Any, value: Any, fault: str, codes: tuple[str, ...]
) -> None:
    lean = ((*PAYLOAD, "merchant"), GONE), ((*PAYLOAD, "notifyUrl"), GONE)
    found, told, _ = only(seen(changed(JD, *lean, (place, value)), "jd_pay"))
    assert (found, told[: len(codes)]) == (fault, codes)
    assert bool(told) == bool(codes)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ([((*PAYLOAD, "acct_type"), "1")], "ACCOUNT_TYPE_INVERTED"),
        ([(("product",), "qzt")], "ACCOUNT_TYPE_INVERTED"),
        ([(("product",), GONE)], "ACCOUNT_TYPE_OPEN"),
        ([((*PAYLOAD, "txn_amt"), 500000)], "AMOUNT_FORM"),
        ([((*PAYLOAD, "txn_amt"), "5000.00")], "AMOUNT_UNIT"),
        ([((*ORDER, "payout.speed"), "D1"), ((*PAYLOAD, "period_type"), "D1")],
         "SPEED_NOT_OFFERED"),
        ([(("egress_ips",), ["192.168.0.8"])], "EGRESS_IP_NOT_PUBLIC"),
    ],
)  # fmt: skip
def test_a_fault_of_a_lakala_integration_is_found(changes: Any, fault: str) -> None:
    assert only(seen(changed(LAKALA, *changes), "lakala_payout"))[0] == fault


@pytest.mark.parametrize(("name", "settings"), [("jd_pay", JD), ("lakala_payout", LAKALA)])
def test_the_example_is_in_order(name: str, settings: dict[str, Any]) -> None:
    report = seen(changed(settings), name)
    assert report.findings == ()
    assert len(report.passed) > 10
    assert report.not_checked, "what no source tells is said to be unchecked"


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        (("credentials", 1, "not_after"), "2026-12-22", None),
        (("credentials", 0, "not_before"), "2026-11-22", None),
        (("clock", "ours"), "2026-11-22T10:01:00+08:00", None),
        (("clock", "ours"), "2026-11-22T09:55:00+08:00", "CLOCK_OFF"),
        (("requests_per_second",), 600, None),
    ],
)
def test_a_setting_at_the_edge_is_in_order(place: Any, value: Any, fault: str | None) -> None:
    channel = "wechat_pay" if place == ("requests_per_second",) else "jd_pay"
    settings = JD if channel == "jd_pay" else {**JD, "sample": None, "notify_url": None}
    found = {one.fault for one in seen(changed(settings, (place, value)), channel).findings}
    assert found == ({fault} if fault else set())


def test_only_some_faults_would_hit_every_order() -> None:
    soon = seen(changed(JD, (("credentials", 1, "not_after"), "2026-12-21")), "jd_pay")
    assert not soon.is_blocking
    over = seen(changed(JD, (("merchant_id",), "shop")), "jd_pay")
    assert over.is_blocking


def test_wechat_takes_a_notify_url_without_query_and_an_instant_with_its_zone() -> None:
    settings = {
        "environment": "production",
        "endpoint": "https://pay.example.com/v3/pay/transactions/h5",
        "merchant_id": "1900000109",
        "notify_url": "https://shop.example.com/n?a=1",
        "requests_per_second": 700,
        "sample": {
            "order": {
                "order_id": "A_1234",
                "amount_minor": 1,
                "subject": "茶" * 43,
                "sales_channel": "h5",
                "placed_at": "2026-11-22T10:00:00+08:00",
                "expires_at": "2026-12-22T10:00:00+08:00",
            },
            "payload": {
                "out_trade_no": "A_1234",
                "amount": {"total": 1},
                "description": "茶" * 43,
                "time_expire": "2026-12-22 10:00:00",
                "notify_url": "https://shop.example.com/n?a=1",
            },
        },
    }
    report = seen(changed(settings), "wechat_pay")
    assert {one.fault: one.field for one in report.findings} == {
        "NOTIFY_URL_FORM": "notify_url",
        "RATE_ABOVE_LIMIT": "requests_per_second",
        "FIELD_MISSING": "scene_info.payer_client_ip",
        "EXPIRY_FORM": "time_expire",
        "EXPIRY_RANGE": "expires_at",
        "TEXT_MAYBE_TOO_LONG": "subject",
    }


def test_alipay_amounts_are_yuan_with_two_decimals() -> None:
    base = {
        "environment": "production",
        "endpoint": "https://pay.example.com/gateway",
        "merchant_id": "2088000000000000",
        "sample": {
            "order": {"order_id": "A1", "amount_minor": 38900, "subject": "a/b"},
            "payload": {"out_trade_no": "A1", "total_amount": "389.00", "subject": "a/b"},
        },
    }
    (forbidden,) = seen(changed(base), "alipay").findings
    assert (forbidden.fault, forbidden.codes[0]) == ("TEXT_FORBIDDEN", "ACQ.EXIST_FORBIDDEN_WORD")
    fen = changed(base, ((*PAYLOAD, "total_amount"), "38900"))
    assert "AMOUNT_UNIT" in {one.fault for one in seen(fen, "alipay").findings}
    short = changed(base, ((*PAYLOAD, "total_amount"), "389"))
    assert "AMOUNT_FORM" in {one.fault for one in seen(short, "alipay").findings}


def test_a_request_of_another_channel_is_not_waved_through() -> None:
    report = seen(changed(JD), "lakala_payout")
    assert report.is_blocking
    assert "REQUEST_OF_ANOTHER_CHANNEL" in {one.fault for one in report.findings}


def test_reserved_fields_of_unionpay_hold_no_separators() -> None:
    settings = {
        "environment": "production",
        "endpoint": "https://pay.example.com/gateway",
        "merchant_id": "777290058110048",
        "sample": {
            "order": {"order_id": "A1234567"},
            "payload": {"orderId": "A1234567", "reqReserved": "a=1&b"},
        },
    }
    faults = {one.fault: one.found for one in seen(changed(settings), "unionpay").findings}
    assert faults["TEXT_FORBIDDEN"] == "& ="


def test_a_channel_that_nobody_has_described_checks_little_and_says_so() -> None:
    report = seen(changed(JD), "generic")
    assert not report.is_blocking
    assert {"sample", "merchant_id"} <= {one.field for one in report.not_checked}


def test_every_fault_speaks_both_languages_and_is_tried() -> None:
    tried = {fault for _, _, fault, _ in JD_FAULTS} | {
        "ACCOUNT_TYPE_INVERTED", "ACCOUNT_TYPE_OPEN", "SPEED_NOT_OFFERED", "EGRESS_IP_NOT_PUBLIC",
        "NOTIFY_URL_FORM", "RATE_ABOVE_LIMIT", "EXPIRY_RANGE", "TEXT_MAYBE_TOO_LONG",
        "REQUEST_OF_ANOTHER_CHANNEL", "TEXT_FORBIDDEN", "TEXT_TOO_LONG", "TEXT_UNPRINTABLE",
        "ORDER_ID_FORM", "IP_FORM",
    }  # fmt: skip
    assert set(load_faults()) == tried
    for entry in load_faults().values():
        assert entry.text.zh != entry.text.en
        assert entry.advice.zh != entry.advice.en


def test_texts_and_numbers_of_the_sample_fit_the_channel() -> None:
    bad = changed(
        JD,
        ((*ORDER, "order_id"), "EX-1"),
        ((*PAYLOAD, "tradeNum"), "EX-1"),
        ((*ORDER, "device.ip"), "2408:8207::1"),
        ((*PAYLOAD, "ip"), "2408:8207::1"),
        ((*ORDER, "subject"), "鞋🧧" + "a" * 127),
        ((*PAYLOAD, "tradeName"), "鞋🧧" + "a" * 127),
    )
    faults = {one.fault for one in seen(bad, "jd_pay").findings}
    assert faults == {"ORDER_ID_FORM", "IP_FORM", "TEXT_TOO_LONG", "TEXT_UNPRINTABLE"}


@pytest.mark.parametrize("encoding", ["gbk", "latin-1", "cp1252"])
def test_a_text_read_in_a_wrong_encoding_is_known(encoding: str) -> None:
    assert garbled("保温杯", "保温杯".encode().decode(encoding, errors="replace"))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("private_key: MIIEvQIBADANBgkq", "private_key"),
        ("des_key: abcdef0123456789", "des_key"),
        ("密码: hunter2hunter2", "密码"),
        ("signature: {type: RSA, secret: s3cr3ts3cr3t}", "signature.secret"),
        ("credentials: [{name: '-----BEGIN PRIVATE KEY-----'}]", "credentials[0].name"),
        ("sample: {order: {}, payload: {acct_no: '6222021234567894'}}", "sample.payload.acct_no"),
        ("sample: {order: {}, payload: {no: '4111111111111111'}}", "sample.payload.no"),
        (f"sample: {{order: {{}}, payload: {{sign: {'a1' * 40}}}}}", "sample.payload.sign"),
    ],
)
def test_a_secret_is_refused_and_never_shown(tmp_path: Path, line: str, name: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"environment: production\n{line}\n", "utf-8")
    with pytest.raises(RuleError) as error:
        load_config(path)
    assert f"mine.yaml, line 2: {name} looks like a key" in str(error.value)
    for secret in ("MIIE", "abcdef01", "hunter2", "s3cr3t", "BEGIN", "6222021", "41111", "a1a1a1"):
        assert secret not in str(error.value)


def test_a_merchants_or_orders_own_number_may_look_like_a_cards(tmp_path: Path) -> None:
    text = (EXAMPLES / "jd_pay.yaml").read_text("utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("EX20261122A0001", "'4111111111111111'"), "utf-8")
    assert load_config(path).facts["order_id"] == "4111111111111111"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("environment: production", "environment: live", "line 3: environment"),
        ("merchant_id:", "merchant:", "line 6: merchant: got an unknown field"),
        ("    amount_minor: 38900", "    amount: 38900", "no field of an order is 'amount'. Did"),
        ('placed_at: "2026-11-22T10:00:00+08:00"', "placed_at: 20261122100000", "needs an instant"),
        ("subject: 轻量跑步鞋 42码\n    goods", "subject: 42\n    goods", "subject needs a text"),
    ],
)
def test_settings_are_read_strictly(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (EXAMPLES / "jd_pay.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "mine.yaml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(RuleError, match=told):
        load_config(tmp_path / "mine.yaml")


def command(tmp_path: Path, *changes: tuple[str, str]) -> Any:
    text = (EXAMPLES / "jd_pay.yaml").read_text("utf-8")
    for old, new in changes:
        text = text.replace(old, new, 1)
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    arguments = ["doctor", "jd_pay", "--config", str(tmp_path / "mine.yaml"), "--json"]
    return CliRunner().invoke(channels_app, [*arguments, "--at", AT.isoformat()])


def test_the_command_exits_1_only_where_something_would_block(tmp_path: Path) -> None:
    assert command(tmp_path).exit_code == 0
    assert command(tmp_path, ("2027-01-05", "2026-12-01")).exit_code == 0
    blocked = command(tmp_path, ("amount: 38900\n    currency: CNY\n    trade", "amount: 389.0\n"
                                 "    currency: CNY\n    trade"))  # fmt: skip
    assert blocked.exit_code == 1
    (finding,) = json.loads(blocked.output)["findings"]
    assert (finding["fault"], finding["codes"][0]) == ("AMOUNT_UNIT", "JMPT200056")


def test_an_instant_without_a_zone_is_refused() -> None:
    arguments = ["doctor", "jd_pay", "--config", "x.yaml", "--at", "2026-11-22T10:00:00"]
    result = CliRunner().invoke(channels_app, arguments)
    assert isinstance(result.exception, RuleError)
    assert "write an instant such as" in str(result.exception)


def test_people_read_finding_code_and_advice_in_both_languages() -> None:
    report = seen(
        changed(JD, (("merchant_id",), "shop"), ((*PAYLOAD, "merchant"), "shop")), "jd_pay"
    )
    text = "\n".join(lines_of(report))
    assert "1 blocking, 0 warnings" in text
    assert "the channel would answer: CASH0015" in text
    assert "商户号" in text
    assert "Use the number that the channel gave you" in text
    assert "source: S1, grade B" in text


ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["1e400", "nan", "20261399100000", 10**400, [1], "2026-11-22T10:00:00Z", "٣"])
)


@given(
    name=st.sampled_from([*JD["sample"]["payload"], "more"]),
    odd=ODD,
    channel=st.sampled_from(PACKS.names),
)
@example(name="amount", odd=10**400, channel="jd_pay")
def test_whatever_a_request_holds_the_doctor_gives_a_report(
    name: str, odd: Any, channel: str
) -> None:
    report = seen(changed(JD, ((*PAYLOAD, name), odd)), channel)
    assert json.loads(msgspec.json.encode(report))["channel"] == channel


@given(odd=st.text(max_size=40))
def test_whatever_a_setting_says_the_doctor_gives_a_report(odd: str) -> None:
    for place in (("endpoint",), ("merchant_id",), ("notify_url",), ("api_version",)):
        assert seen(changed(JD, (place, odd or "?")), "jd_pay").channel == "jd_pay"
