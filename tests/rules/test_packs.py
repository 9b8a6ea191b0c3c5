"""One check-list over every channel pack, and what a pack's file may not hold."""

import json
import re
import tomllib
from typing import Any

import pytest
from typer.testing import CliRunner

from features.errors import RuleError
from features.facts import FACT_KINDS
from rules.channel_facts import CHANNEL_FACTS
from rules.cli_channels import channels_app
from rules.pack_facts import CHECK_KINDS
from rules.pack_sources import load_sources, source_faults
from rules.packs import SHIPPED_CHANNELS, Pack, Packs, load_packs, packs_of

PACKS = load_packs()
EACH = pytest.mark.parametrize("pack", list(PACKS), ids=lambda pack: pack.channel)
CHANNELS = {
    "jd_pay", "jd_baitiao", "jd_payout", "lakala_collect", "lakala_payout", "alipay",
    "alipay_payout", "wechat_pay", "wechat_transfer", "unionpay", "generic",
}  # fmt: skip


def test_every_promised_channel_has_a_pack() -> None:
    assert set(PACKS.names) == CHANNELS


@EACH
def test_a_stated_fact_has_a_source_and_a_grade(pack: Pack) -> None:
    products = [fact for product in pack.file.products.values() for fact in product.facts.values()]
    for fact in (*pack.file.facts.values(), *pack.file.required.values(), *products):
        assert fact.source
        assert (fact.value is None) == (fact.grade is None)


@EACH
def test_no_grade_is_better_than_that_of_its_source(pack: Pack) -> None:
    assert list(source_faults(pack, load_sources())) == []


@EACH
def test_every_fact_is_of_the_vocabulary(pack: Pack) -> None:
    assert set(pack.file.facts) <= set(CHANNEL_FACTS)
    assert set(pack.bindings) == {f"channel.{name}" for name in CHANNEL_FACTS}


@EACH
def test_what_is_unknown_says_so(pack: Pack) -> None:
    if pack.channel != "generic":
        assert any(fact.value is None for fact in pack.file.facts.values())
        assert "amount_unit" in pack.file.facts


@EACH
def test_its_code_tables_exist_and_some_code_is_a_success(pack: Pack) -> None:
    rows = [row for row in pack.codes.rows if row.table in pack.file.code_tables]
    assert {row.table for row in rows} == set(pack.file.code_tables)
    if pack.file.code_tables:
        assert "accepted" in {row.mapped.outcome_class for row in rows}


@EACH
def test_what_its_request_holds_are_fields_of_an_order(pack: Pack) -> None:
    if pack.file.wire is not None:
        assert set(pack.file.wire.names) <= set(FACT_KINDS)
        written = list(pack.file.wire.names.values())
        assert len(set(written)) == len(written)


@EACH
def test_its_version_names_channel_and_content(pack: Pack) -> None:
    assert re.fullmatch(rf"{pack.channel}@[0-9a-f]{{12}}", pack.version)


@EACH
def test_an_answer_that_never_came_is_unknown(pack: Pack) -> None:
    assert pack.map_outcome(None, None).next_action == "query_keep_number"


def test_every_name_of_the_vocabulary_is_used_or_waits_for_a_users_contract() -> None:
    used = {name for pack in PACKS for name in pack.file.facts}
    used |= {n for pack in PACKS for one in pack.file.products.values() for n in one.facts}
    assert set(CHANNEL_FACTS) - used == {
        "maintenance_hours",
        "payee_name_max_characters",
        "purpose_allowed_characters",
    }


def test_baitiao_is_jd_pay_with_what_is_known_of_credit() -> None:
    baitiao, jd = PACKS["jd_baitiao"], PACKS["jd_pay"]
    assert baitiao.value("order_id_pattern") == jd.value("order_id_pattern")
    assert baitiao.value("instalments") == [3, 6, 12, 24]
    assert baitiao.value("min_amount_minor") is None
    assert baitiao.map_outcome(None, "JMPT200019").outcome_class == "risk_block"
    assert baitiao.map_outcome(None, "BT_QUOTA_NOT_ENOUGH").subclass == "unseen_code"


def test_lakala_holds_both_opposite_enums() -> None:
    pack, kind = PACKS["lakala_payout"], "payee_kind_personal_value"
    assert (pack.value(kind, "ipsdf"), pack.value(kind, "qzt")) == ("1", "0")
    assert pack.value(kind, "account_manager") is None


def test_a_facts_meaning_and_unit_are_told() -> None:
    assert CHANNEL_FACTS["max_amount_minor"].unit == "MINOR"
    assert CHANNEL_FACTS["max_expiry_seconds"].unit == "SECONDS"
    assert CHANNEL_FACTS["batch_max_rows"].unit == "COUNT"
    for spec in CHANNEL_FACTS.values():
        assert spec.meaning
        for ending, unit in (("_minor", "MINOR"), ("_seconds", "SECONDS")):
            assert spec.name.endswith(ending) == (spec.unit == unit), spec.name


PACK = """channel: mine
title: {zh: 我的渠道, en: Mine}
kinds: [order]
checked_on: 2026-11-22
code_tables: [JDPAY]
facts:
  instalments: {value: [3, 6], source: mine, grade: C}
  max_amount_minor: {value: 500, unit: MINOR, source: mine, grade: C}
  order_id_pattern: {value: "[a-z]+", source: mine, grade: C}
required:
  any: {value: [order_id], source: mine, grade: C}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("instalments:", "instalment:", "line 7: no fact is named 'instalment'. Did you mean"),
        ("[3, 6]", "[3, six]", "line 7: instalments is a set of numbers"),
        ("[3, 6]", "3", "line 7: instalments is a set of numbers"),
        (", grade: C", "", "line 7: instalments has a value, so it needs a grade"),
        ("source: mine", "sauce: mine", "line 7: facts.instalments.sauce: got an unknown field"),
        ("[JDPAY]", "[JD_PAY]", "line 5: no code table is named 'JD_PAY'. Did you mean 'JDPAY'?"),
        ("[order]", "[orders]", "line 3: kinds"),
        ("MINOR", "SECONDS", "line 8: max_amount_minor is in MINOR, not in SECONDS"),
        ("MINOR", "YUAN", "line 8: facts.max_amount_minor.unit"),
        ("500,", "5.5,", "line 8: max_amount_minor is 5.5, but it counts MINOR"),
        ("500,", "-5,", "line 8: max_amount_minor is -5, but it counts MINOR"),
        ("[a-z]+", "[a-z+", "line 9: order_id_pattern is '[a-z+', which is no expression"),
        ("[order_id]", "[order]", "line 11: no field of an order is 'order'. Did you mean"),
        ("2026-11-22", "2026-11-31", "line 4: no date of the calendar: day is out of range"),
        ("kinds", "extends: jd_pai\nkinds", "line 3: no other pack is named 'jd_pai'. Did you"),
        (
            "value: 500, unit: MINOR,",
            "value: 500, effective_from: 2026-01-01, "
            "earlier: [{value: 9, source: m, grade: C, effective_until: 2026-02-01}],",
            "line 8: the dates of max_amount_minor overlap: 9 holds until 2026-02-01, but 500",
        ),
        (
            "value: 500, unit: MINOR,",
            "value: 500, earlier: [{value: 9, source: m, grade: C}],",
            "line 8: the dates of max_amount_minor overlap: 9 and 500 both begin on no date",
        ),
    ],
)
def test_a_pack_is_loaded_strictly(old: Any, new: Any, told: Any, tmp_path: Any) -> None:
    (tmp_path / "mine.yaml").write_text(PACK.replace(old, new, 1), "utf-8")
    with pytest.raises(RuleError, match=re.escape(told)):
        load_packs(tmp_path)


def test_the_smallest_amount_is_not_above_the_largest(tmp_path: Any) -> None:
    low = "facts:\n  min_amount_minor: {value: 501, source: mine, grade: C}"
    (tmp_path / "mine.yaml").write_text(PACK.replace("facts:", low, 1), "utf-8")
    with pytest.raises(RuleError, match="min_amount_minor is 501, above max_amount_minor"):
        load_packs(tmp_path)


def test_packs_that_extend_each_other_are_refused(tmp_path: Any) -> None:
    for name, base in (("mine", "yours"), ("yours", "mine")):
        text = PACK.replace("channel: mine", f"channel: {name}\nextends: {base}")
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    with pytest.raises(RuleError, match="extend each other in a circle: mine → yours → mine"):
        load_packs(tmp_path)


def extended(tmp_path: Any, channel: str) -> Packs:
    text = PACK.replace("channel: mine", f"channel: {channel}\nextends: jd_pay")
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    return load_packs(tmp_path)


@pytest.mark.parametrize("channel", ["mine", "jd_pay"])
def test_a_pack_of_ones_own_may_extend_a_shipped_one(channel: str, tmp_path: Any) -> None:
    pack = extended(tmp_path, channel)[channel]
    assert pack.value("max_amount_minor") == 500
    assert pack.value("subject_max_characters") == 128
    assert pack.file.wire == PACKS["jd_pay"].file.wire
    assert pack.version != PACKS["jd_pay"].version


def test_a_pack_of_ones_own_uses_the_shipped_code_table(tmp_path: Any) -> None:
    (tmp_path / "mine.yaml").write_text(PACK, "utf-8")
    assert (
        load_packs(tmp_path)["mine"].map_outcome(None, "JMPT200019").outcome_class == "risk_block"
    )


def test_a_pack_without_dates_is_the_same_at_every_instant() -> None:
    assert all(pack.at(0) is pack for pack in PACKS)


def test_all_data_of_the_packs_is_shipped() -> None:
    kinds = {path.suffix for path in SHIPPED_CHANNELS.iterdir()}
    project = tomllib.loads((SHIPPED_CHANNELS.parents[1] / "pyproject.toml").read_text("utf-8"))
    shipped = project["tool"]["setuptools"]["package-data"]["*"]
    assert {f"**/*{kind}" for kind in kinds} <= set(shipped)


def test_every_name_that_a_condition_may_read_of_a_pack_is_listed() -> None:
    result = CliRunner().invoke(channels_app, ["names", "--json"])
    rows = {row["name"]: row for row in json.loads(result.output)}
    assert set(rows) == {f"channel.{name}" for name in CHANNEL_FACTS} | set(CHECK_KINDS)
    assert all(row["meaning"] for row in rows.values())
    shown = CliRunner().invoke(channels_app, ["names"]).output
    assert "set of numbers COUNT" in shown


def test_the_shipped_packs_are_checked_by_the_command(tmp_path: Any) -> None:
    assert "11 packs" in CliRunner().invoke(channels_app, ["check"]).output
    (tmp_path / "mine.yaml").write_text(PACK, "utf-8")
    for place in (tmp_path, tmp_path / "mine.yaml"):
        (row,) = json.loads(
            CliRunner().invoke(channels_app, ["check", str(place), "--json"]).output
        )
        assert (row["channel"], row["known"], row["unknown"]) == ("mine", 3, 0)


def test_packs_of_the_data_folder_go_before_the_shipped_ones(tmp_path: Any) -> None:
    (tmp_path / "channels").mkdir()
    text = PACK.replace("channel: mine", "channel: jd_pay\nextends: jd_pay")
    (tmp_path / "channels" / "jd_pay.yaml").write_text(text, "utf-8")
    packs = packs_of(tmp_path)
    assert set(packs.names) == CHANNELS
    assert packs["jd_pay"].value("max_amount_minor") == 500
    assert packs["jd_baitiao"].value("max_amount_minor") is None
    arguments = ["show", "jd_pay", "--home", str(tmp_path)]
    assert "max_amount_minor" in CliRunner().invoke(channels_app, arguments).output
    assert packs_of(tmp_path / "nowhere").names == PACKS.names
