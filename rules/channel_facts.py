"""The vocabulary of channel packs: every fact that a pack may state, its kind, unit and meaning."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from features.kinds import Kind

UnitName = Literal["MINOR", "SECONDS", "COUNT", "NONE"]
"""What a number counts: money in minor units, seconds, things, or nothing of the kind."""


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One name of the vocabulary; `many` means a set, for the right side of `in`."""

    name: str
    kind: Kind
    meaning: str
    unit: UnitName = "NONE"
    many: bool = False


def _numbers(unit: UnitName, many: bool = False, **meanings: str) -> Iterable[FactSpec]:
    return (FactSpec(n, Kind.NUMBER, told, unit, many) for n, told in meanings.items())


def _texts(many: bool = False, **meanings: str) -> Iterable[FactSpec]:
    return (FactSpec(name, Kind.TEXT, told, many=many) for name, told in meanings.items())


def _booleans(**meanings: str) -> Iterable[FactSpec]:
    return (FactSpec(name, Kind.BOOLEAN, told) for name, told in meanings.items())


_MONEY = (
    *_texts(
        amount_format="how an amount is written: integer, text of an integer, two decimals",
        amount_unit="what an amount counts: fen or yuan",
        currency_value="what stands for the currency in a request",
    ),
    *_texts(many=True, currencies="currencies that are taken"),
    *_numbers(
        "MINOR",
        min_amount_minor="smallest amount of one order or payout",
        max_amount_minor="largest amount of one order or payout",
        max_amount_personal_minor="largest payout to a person",
        max_amount_corporate_minor="largest payout to a company",
        max_per_day_minor="most that one payer may pay out in a day",
        max_per_day_unverified_payee_minor="most that a payee without a real name gets in a day",
        purpose_required_from_minor="payouts from here on must state a reason",
        payee_name_from_minor="below this a payee's name is refused",
        small_merchant_per_day_lowest_minor="least generous daily cap of a small merchant",
        small_merchant_per_day_highest_minor="most generous daily cap of a small merchant",
        small_merchant_credit_per_day_minor="a small merchant's daily cap by credit card",
        small_merchant_credit_per_month_minor="a small merchant's monthly cap by credit card",
    ),
)
_TEXT_LIMITS = (
    *_texts(
        merchant_id_pattern="form of the merchant's number; a regular expression",
        order_id_pattern="form of the order's number; a regular expression",
        order_id_unique_with="what the order's number is unique together with",
        batch_number_pattern="form of a batch's number; a regular expression",
        text_counted_as="what the lengths count: characters or bytes; unknown is read strictly",
        subject_forbidden_characters="characters that a subject must not hold",
        reserved_forbidden_characters="characters that reserved fields must not hold",
        purpose_allowed_characters="what a payout's reason may hold; inside of a [bracket]",
    ),
    *_numbers(
        "COUNT",
        subject_max_characters="longest subject",
        description_max_characters="longest description",
        purpose_max_characters="longest reason of a payout",
        item_name_max_characters="longest name of a line",
        item_sku_max_characters="longest SKU of a line",
        item_category_max_characters="longest category, each level for itself",
        max_quantity="most pieces in one order",
        industry_code_max_characters="longest industry code",
        buyer_id_max_characters="longest buyer's number",
        device_id_max_characters="longest device's number",
        receiver_name_max_characters="longest receiver's name",
        receiver_province_max_characters="longest province",
        receiver_city_max_characters="longest city",
        receiver_district_max_characters="longest district",
        receiver_line_max_characters="longest address line",
        payee_name_max_characters="longest payee's name",
    ),
)
_TIMES = (
    *_texts(
        time_format="how an instant is written",
        time_zone="zone of a written instant",
        expiry_format="how the expiry is written",
        maintenance_hours="when it takes nothing, each day in China's time: 23:30-00:30",
    ),
    *_numbers(
        "SECONDS",
        clock_tolerance_seconds="how far the clocks may differ",
        max_age_seconds="how old an order's own time may be when it is sent",
        min_expiry_seconds="shortest time to pay",
        max_expiry_seconds="longest time to pay",
        default_expiry_seconds="time to pay where none is given",
        suggested_expiry_seconds="time to pay that the channel suggests",
        query_after_seconds="how long to wait before the first query",
        query_every_seconds="how long to wait between queries",
        query_until_seconds="how long to go on asking",
        query_keeps_seconds="how long a query still finds an order",
        close_after_seconds="how old an order must be to be closed",
        reverse_after_seconds="how old an attempt must be to be reversed",
        notify_answer_seconds="how soon a notification must be answered",
    ),
)
_NETWORK = (
    *_booleans(
        query_errors_prove_failure="whether an error in answer to a query can be the order's own",
        notify_url_https="whether a notify URL must be https",
        notify_url_query_allowed="whether a notify URL may hold a query",
        ip_public="whether the payer's IP must be a public one",
    ),
    *_texts(
        notify_answer="what answers a notification",
        ip_form="forms of IP that are taken: ipv4, or ipv4_or_ipv6",
        api_version="version of the interface",
        payload_encryption="how fields are encrypted",
    ),
    *_texts(
        many=True,
        sign_types="signatures that are taken",
        endpoint_names="last parts of the interface's addresses",
        risk_fields="fields that feed the channel's risk control",
    ),
    *_numbers(
        "COUNT",
        notify_url_max_characters="longest notify URL",
        notify_attempts="how often a notification is sent",
        ip_max_characters="longest payer's IP",
        max_requests_per_second="most requests in a second",
        max_micropay_requests_per_second="most passive-scan requests in a second",
    ),
)
_CREDIT = (
    *_numbers("COUNT", many=True, instalments="numbers of instalments that are offered"),
    *_numbers("NONE", many=True, seller_shares="per cent of the fee that the seller may bear"),
    *_texts(
        many=True,
        credit_products="names of the credit products",
        credit_not_through="sales channels through which there is no credit",
    ),
)
_PAYOUTS = (
    *_texts(
        many=True,
        payout_speeds="speeds that are offered",
        single_payout_speeds="speeds of a single payout",
        batch_payout_speeds="speeds of a batch",
    ),
    *_texts(
        default_payout_speed="speed where none is given",
        payee_kind_personal_value="what stands for a personal account",
        payee_kind_corporate_value="what stands for a corporate account",
        payee_card_debit_value="what stands for a debit card",
        payee_card_credit_value="what stands for a credit card",
        settlement="when the merchant gets the money",
    ),
    *_booleans(
        payout_branch_required_for_corporate="whether a company's branch must be named",
        batch_totals_must_match="whether a batch's totals must equal its rows",
    ),
    *_numbers(
        "COUNT",
        batch_max_rows="most payouts in a batch",
        return_working_days="working days within which a paid payout may come back",
    ),
)

CHANNEL_FACTS: Mapping[str, FactSpec] = {
    spec.name: spec for spec in (*_MONEY, *_TEXT_LIMITS, *_TIMES, *_NETWORK, *_CREDIT, *_PAYOUTS)
}
"""Every fact that a pack may state; a condition calls it `channel.NAME`."""
SINGLE_FACTS: Mapping[str, Kind] = {
    spec.name: spec.kind for spec in CHANNEL_FACTS.values() if not spec.many
}
"""What a pack may state as one value."""
SET_FACTS: Mapping[str, Kind] = {
    spec.name: spec.kind for spec in CHANNEL_FACTS.values() if spec.many
}
"""What a pack may state as a set; a condition writes `… in channel.NAME`."""
HOURS_FACTS = frozenset({"maintenance_hours"})
"""Two times of day, HH:MM-HH:MM."""
PATTERN_FACTS = frozenset({"merchant_id_pattern", "order_id_pattern", "batch_number_pattern"})
"""Regular expressions; they are compiled when the pack is loaded."""
