"""The scenario: what a simulated world is like, as one frozen object.

docs/simulator.md lists every key with its range; `scenario_file` reads one from YAML.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from features.errors import PreflightError

Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]
Least0 = Annotated[float, Meta(ge=0)]
Factor = Annotated[float, Meta(ge=0, le=1_000)]
Basis = Annotated[str, Meta(min_length=1)]
"""Where a number comes from: a source, or the word "assumed"."""
GroupName = Literal[
    "ordinary", "gift_sender", "reseller", "ring", "card_testing", "structuring", "payout"
]
ChannelName = Literal["jd_pay", "generic", "lakala_payout"]
SignalName = Literal[
    "account_pace",
    "device_sharing",
    "card_cycling",
    "spread",
    "drop_sharing",
    "crowding",
    "youth",
    "resale",
    "amount",
    "night",
]
FaultName = Literal[
    "wrong_unit",
    "list_price_as_paid",
    "coupon_not_applied",
    "coupon_not_spread",
    "price_changed_since",
    "other_subject",
    "clock_slip",
    "closed_order",
    "already_paid",
    "duplicate_number",
    "over_order_limit",
    "over_day_limit",
    "payer_funds",
    "wrong_payee_account",
    "transposed_digits",
    "bank_mismatch",
    "merchant_funds",
]
DeclineName = Literal[
    "wrong_unit",
    "list_price_as_paid",
    "coupon_not_applied",
    "coupon_not_spread",
    "price_changed_since",
    "other_subject",
    "clock_slip",
    "closed_order",
    "duplicate_number",
    "over_order_limit",
    "over_day_limit",
    "payer_funds",
    "risk_policy",
    "frequency_limit",
    "outage",
    "degradation",
    "congestion",
    "key_mismatch",
]
"""Causes after which a buyer may come back: what holds up orders for goods."""
AnswerName = Literal[
    "accepted",
    "already_paid",
    "closed_order",
    "amount",
    "content",
    "clock",
    "duplicate",
    "order_limit",
    "day_limit",
    "count_limit",
    "funds",
    "payee",
    "risk",
    "restricted",
    "arrears",
    "outage",
    "busy",
    "key_mismatch",
    "unknown",
]


class ScenarioError(PreflightError):
    """A scenario file that cannot be read, or a history that it cannot make."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Rate(_Part, frozen=True):
    """How often something is so."""

    rate: Share
    basis: Basis


class FaultRate(Rate, frozen=True):
    """How often a fault is made, and how often the channel's own check sees it."""

    caught: Share


class Session(_Part, frozen=True):
    """How one actor orders in a row."""

    smallest: Annotated[int, Meta(ge=1, le=1_000)]
    largest: Annotated[int, Meta(ge=1, le=1_000)]
    median_gap_s: Positive
    actors_per_order: Share
    basis: Basis
    life_days: Annotated[float, Meta(gt=0, le=3_650)] = 3_650.0
    """How long an actor is active; by default longer than any history."""


class Season(_Part, frozen=True):
    """A time of the year in which more, fewer or other orders come."""

    starts: Annotated[str, Meta(pattern=r"^(\d{4}-)?\d\d-\d\d \d\d:\d\d$")]
    """`MM-DD HH:MM` for every year or `YYYY-MM-DD HH:MM`, on the merchant's clock."""
    hours: Positive
    orders: Factor
    """All orders are multiplied by this."""
    basis: Basis
    groups: dict[GroupName, Factor] = {}
    """One group's share, multiplied on top."""


class WindowRate(_Part, frozen=True):
    """How often a bad time comes, how long it lasts, and what share of orders it hits."""

    per_day: Annotated[float, Meta(ge=0, le=100)]
    shortest_min: Positive
    longest_min: Positive
    share: Share
    basis: Basis


class Signal(_Part, frozen=True):
    """One thing that a channel looks at: its weight, and over how many seconds it remembers."""

    weight: float
    memory_s: Positive = 3_600.0


class Drift(_Part, frozen=True):
    """A change of policy: from `at` on, in full after `over_days`."""

    at: Share | Annotated[datetime, Meta(tz=True)]
    """A share of the period, or an instant."""
    over_days: Least0 = 0.0
    threshold: float = 0.0
    """Added to the threshold."""
    weights: dict[SignalName, Factor] = {}
    """Multiplies a weight."""
    basis: Basis = "assumed"


class Policy(_Part, frozen=True):
    """A channel's hidden policy: memory, threshold, noise, and how long it stays suspicious."""

    threshold: float
    noise: Least0
    watch_s: Positive
    """Hysteresis: for so long after a refusal the same account is looked at more sternly …"""
    watch_relief: Least0
    """… by so much."""
    patience: Share
    """How much of pace and spread is held against an account that the channel has long known."""
    orders_per_day: Annotated[int, Meta(ge=1)]
    """Frequency limit of one account; each is tolerated a little differently."""
    signals: dict[SignalName, Signal]
    basis: Basis
    drift: tuple[Drift, ...] = ()


class Reorders(_Part, frozen=True):
    """How buyers of declined orders come back under a new order number."""

    rates: dict[DeclineName, Rate]
    """By the cause of the decline: how many come back; a cause that is not named brings none."""
    median_s: Positive
    sigma: Annotated[float, Meta(ge=0, le=5)]
    """From the first answer to the new order: log-normal …"""
    longest_h: Positive
    """… and no longer than this."""
    other_channel: Share
    """Of them, how many take the other channel."""
    smaller: Share
    """Of them, how many order but one thing of the basket, without a coupon."""
    fault_stays: Share
    """Of the faults that an order had itself, how many are made again."""
    most: Annotated[int, Meta(ge=0, le=2)]
    """How often one buyer comes back in a row."""
    basis: Basis


class Congestion(_Part, frozen=True):
    """A channel that chokes when too much is sent within ten minutes."""

    times_mean: Positive
    """Capacity as a multiple of the mean sending rate …"""
    at_least: Positive
    """… and never below so many orders in ten minutes."""
    share: Share
    """Of the orders, at twice the capacity."""
    basis: Basis


class Aml(_Part, frozen=True):
    """When a payout is looked at by hand, and how often it is then refused."""

    threshold_minor: Annotated[int, Meta(gt=0)]
    day_threshold_minor: Annotated[int, Meta(gt=0)]
    """Sum to one payee on one day."""
    unusual_minor: Annotated[int, Meta(gt=0)]
    """Amount that is large for a payee who was never paid before."""
    review_share: Share
    refused_share: Share
    basis: Basis


class PayeeAccounts(_Part, frozen=True):
    """Payees' accounts that stop taking money at some instant, for good."""

    closed: Share
    frozen: Share
    returned_share: Share
    """Of what they refuse, how much is accepted first and returned days later."""
    shortest_h: Positive
    longest_h: Positive
    basis: Basis


class Delay(_Part, frozen=True):
    """A log-normal delay."""

    median_s: Positive
    sigma: Annotated[float, Meta(ge=0, le=5)]
    basis: Basis


class Unknown(_Part, frozen=True):
    """How often the first answer says nothing, and how often no later one ever comes."""

    rate: Share
    never_resolved: Share
    late: Share
    """Of later answers, how many come late."""
    late_median_s: Positive
    basis: Basis


class Settlement(_Part, frozen=True):
    """When money arrives, and how often it is late for no reason but the clearing itself."""

    cut_off_hour: Annotated[int, Meta(ge=0, le=23)]
    """From this local hour on, the next day counts."""
    late_share: Share
    late_median_s: Positive
    basis: Basis


class Answer(_Part, frozen=True):
    """One raw code that a channel answers with, and how often among its like."""

    code: Annotated[str, Meta(min_length=1)]
    weight: Positive = 1.0
    unseen: bool = False
    """On purpose none of the codes that the channel's pack knows: channels do send such."""


class Groups(_Part, frozen=True):
    """Shares of orders that are not ordinary shopping."""

    gift_sender: Rate
    reseller: Rate
    ring: Rate
    card_testing: Rate
    structuring: Rate
    payout: Rate


class Sessions(_Part, frozen=True):
    """How each group orders in a row."""

    gift_sender: Session
    reseller: Session
    ring: Session
    card_testing: Session
    structuring: Session


class Shares(_Part, frozen=True):
    """How often ordinary orders have each trait."""

    new_buyer: Rate
    other_receiver: Rate
    shared_household: Rate
    carrier_ip: Rate
    office_ip: Rate
    second_device: Rate
    corporate_sender: Rate
    coupon: Rate
    coupon_spread: Rate
    import_tax: Rate
    consumer_credit: Rate
    instalments: Rate
    address_typo: Rate
    retried: Rate
    promised: Rate
    record_present: Rate
    record_behind: Rate
    account_present: Rate
    new_payee: Rate


class Windows(_Part, frozen=True):
    """Bad times."""

    outage: WindowRate
    degradation: WindowRate
    key_mismatch: WindowRate
    merchant_restricted: WindowRate
    arrears: WindowRate
    mispriced_campaign: WindowRate


class Delays(_Part, frozen=True):
    """From the order to what is learned of it."""

    refusal: Delay
    acceptance: Delay
    payout: Delay
    resolution: Delay


class Scenario(_Part, frozen=True):
    """A whole world, but for its seed, its length and its number of orders."""

    name: Annotated[str, Meta(min_length=1)]
    seed: Annotated[int, Meta(ge=0)]
    """Shifts the seed, so that worlds of different make never share their draws."""
    end: Annotated[datetime, Meta(tz=True)]
    merchant_id: Annotated[str, Meta(min_length=1, max_length=64)]
    seasons: tuple[Season, ...]
    groups: Groups
    sessions: Sessions
    shares: Shares
    faults: dict[FaultName, FaultRate]
    reorders: Reorders
    windows: Windows
    congestion: dict[ChannelName, Congestion]
    policies: dict[ChannelName, Policy]
    aml: Aml
    payee_accounts: PayeeAccounts
    settlement: Settlement
    delays: Delays
    unknown: Unknown
    answers: dict[ChannelName, dict[AnswerName, list[Answer]]]
