"""The canonical order and payout, frozen; fields after the channels' own documents.

Money is integer minor units (fen, cents) in the order's currency. Instants are aware and
stored in UTC. Card and account numbers, phones and identity numbers exist here only as
BIN, last four and keyed hash: `features.edge` reduces them before anything else sees them.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

MAX_MINOR = 10**12
"""Largest amount that is read: ten billion yuan. Alipay's own cap is 100,000,000 yuan (S26)."""

Minor = Annotated[int, Meta(ge=0, le=MAX_MINOR)]
Instant = Annotated[datetime, Meta(tz=True)]
Id = Annotated[str, Meta(min_length=1, max_length=64)]
Short = Annotated[str, Meta(max_length=128)]
Long = Annotated[str, Meta(max_length=1024)]
# A pattern's $ also matches before a final line break; the length forbids that.
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$", max_length=32)]
NearKey = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$", max_length=16)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", max_length=3)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Scalar = bool | int | float | str | None


class _Block(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class AccountRef(_Block, frozen=True):
    """A card or account number, reduced: never the number itself."""

    hash: Hash
    bin: Annotated[str, Meta(pattern=r"^[0-9]{6,8}$", max_length=8)] | None = None
    last4: Annotated[str, Meta(max_length=4)] | None = None
    length: int | None = None
    luhn_valid: bool | None = None
    all_digits: bool | None = None


class PayeeAccountRef(AccountRef, frozen=True):
    """The account that a payout goes to.

    Two numbers that differ by one digit, or by two neighbours changed over, share a near key.
    """

    near: Annotated[tuple[NearKey, ...], Meta(max_length=67)] = ()


class PhoneRef(_Block, frozen=True):
    """A phone number, reduced."""

    hash: Hash
    last4: Annotated[str, Meta(max_length=4)] | None = None


class Item(_Block, frozen=True):
    """One line of the basket; `unit_price_minor` is after the merchant's own discount (S25)."""

    quantity: Count
    unit_price_minor: Minor
    list_price_minor: Minor | None = None
    sku: Short | None = None
    name: Long | None = None
    category: Short | None = None
    kind: Literal["physical", "virtual", "service"] | None = None


class Buyer(_Block, frozen=True):
    """Who pays."""

    id: Id | None = None
    registered_at: Instant | None = None
    address_changed_at: Instant | None = None
    phone_changed_at: Instant | None = None
    phone: PhoneRef | None = None
    email_hash: Hash | None = None
    identity_hash: Hash | None = None
    card: AccountRef | None = None


class Device(_Block, frozen=True):
    """What the order was placed from."""

    id: Id | None = None
    kind: Literal["pc", "app", "browser", "mini_program", "pos"] | None = None
    os: Short | None = None
    ip: Annotated[str, Meta(max_length=45)] | None = None
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None


class Receiver(_Block, frozen=True):
    """Where the goods go."""

    name: Annotated[str, Meta(max_length=100)] | None = None
    phone: PhoneRef | None = None
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$", max_length=2)] | None = None
    province: Short | None = None
    city: Short | None = None
    district: Short | None = None
    line: Annotated[str, Meta(max_length=500)] | None = None
    postcode: Annotated[str, Meta(max_length=16)] | None = None
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None


class Credit(_Block, frozen=True):
    """The credit product and its instalment plan."""

    product: Short | None = None
    instalments: Annotated[int, Meta(ge=1, le=120)] | None = None
    seller_bears_percent: Annotated[int, Meta(ge=0, le=100)] | None = None
    plan_total_minor: Minor | None = None
    plan_fee_minor: Minor | None = None
    first_pay_minor: Minor | None = None
    later_pay_minor: Minor | None = None


class Payee(_Block, frozen=True):
    """Who is paid by a payout."""

    id: Id | None = None
    kind: Literal["personal", "corporate"] | None = None
    name: Annotated[str, Meta(max_length=100)] | None = None
    account: PayeeAccountRef | None = None
    phone: PhoneRef | None = None
    card_type: Literal["debit", "credit"] | None = None
    bank_code: Short | None = None
    bank_name: Short | None = None
    branch_code: Short | None = None
    account_changed_at: Instant | None = None


class Payout(_Block, frozen=True):
    """The payout block: money from the merchant to a payee."""

    payee: Payee
    speed: Literal["D0", "T0", "D1", "T1"] | None = None
    purpose: Long | None = None
    batch_id: Short | None = None


class RecordItem(_Block, frozen=True):
    """One line as the merchant's own record has it."""

    sku: Short | None = None
    quantity: Count | None = None
    unit_price_minor: Minor | None = None
    list_price_minor: Minor | None = None


OrderState = Literal["created", "paying", "paid", "cancelled", "closed", "refunded", "failed"]


class Record(_Block, frozen=True):
    """The merchant's own record of the order, read at `read_at`: the other side to compare."""

    amount_minor: Minor | None = None
    list_amount_minor: Minor | None = None
    discount_minor: Minor | None = None
    freight_minor: Minor | None = None
    tax_minor: Minor | None = None
    currency: Currency | None = None
    subject: Long | None = None
    created_at: Instant | None = None
    read_at: Instant | None = None
    state: OrderState | None = None
    items: tuple[RecordItem, ...] = ()


class Account(_Block, frozen=True):
    """What is known of the paying account: balance, arrears, use of its limits."""

    balance_minor: Minor | None = None
    arrears_minor: Minor | None = None
    restricted: bool | None = None
    limit_per_order_minor: Minor | None = None
    limit_per_day_minor: Minor | None = None
    used_today_minor: Minor | None = None
    used_today_count: Annotated[int, Meta(ge=0)] | None = None


class Attempt(_Block, frozen=True):
    """One earlier call to the channel for this order, with its own answer.

    `request_id` is the number that the channel was given, where it is not the order's id;
    `channel` is where it was sent, where that is not the order's channel.
    """

    attempt_no: Count
    sent_at: Instant
    channel: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    request_id: Short | None = None
    http_status: Annotated[int, Meta(ge=100, le=599)] | None = None
    raw_code: Short | None = None
    raw_sub_code: Short | None = None
    raw_message: Long | None = None
    latency_ms: Annotated[int, Meta(ge=0)] | None = None


class Order(_Block, frozen=True):
    """What the buyer placed, or (with a `payout` block) what the merchant pays out."""

    order_id: Id
    merchant_id: Id
    channel: Annotated[str, Meta(min_length=1, max_length=64)]
    placed_at: Instant
    amount_minor: Minor
    currency: Currency
    kind: Literal["order", "payout"] = "order"
    state: OrderState | None = None
    product: Short | None = None
    sales_channel: Short | None = None
    campaign_id: Short | None = None
    industry_code: Annotated[str, Meta(max_length=32)] | None = None
    goods_kind: Literal["physical", "virtual", "service"] | None = None
    subject: Long | None = None
    description: Long | None = None
    notify_url: Long | None = None
    expires_at: Instant | None = None
    promised_at: Instant | None = None
    list_amount_minor: Minor | None = None
    discount_minor: Minor = 0
    freight_minor: Minor = 0
    tax_minor: Minor = 0
    items: Annotated[tuple[Item, ...], Meta(max_length=1000)] = ()
    buyer: Buyer | None = None
    device: Device | None = None
    receiver: Receiver | None = None
    credit: Credit | None = None
    payout: Payout | None = None
    record: Record | None = None
    account: Account | None = None
    attempts: Annotated[tuple[Attempt, ...], Meta(max_length=100)] = ()
    attributes: Annotated[dict[str, Scalar], Meta(max_length=200)] = field(default_factory=dict)
