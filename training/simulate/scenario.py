"""The scenario: what a simulated world is like, as one frozen object read from YAML."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
import yaml
from msgspec import Meta, Struct

from features.errors import PreflightError

DEFAULT_SCENARIO = Path(__file__).with_name("scenario.yaml")
Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]
Basis = Annotated[str, Meta(min_length=1)]
"""Where a number comes from: a source, or the word "assumed"."""


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

    smallest: Annotated[int, Meta(ge=1)]
    largest: Annotated[int, Meta(ge=1)]
    median_gap_s: Positive
    actors_per_order: Share
    basis: Basis


class WindowRate(_Part, frozen=True):
    """How often a bad time comes, how long it lasts, and what share of orders it hits."""

    per_day: Annotated[float, Meta(ge=0)]
    shortest_min: Positive
    longest_min: Positive
    share: Share
    basis: Basis


class Weights(_Part, frozen=True):
    """What a channel's policy gives to each thing that it remembers of raw events."""

    account_pace: float
    device_sharing: float
    card_cycling: float
    spread: float
    youth: float
    resale: float
    amount: float
    night: float


class Policy(_Part, frozen=True):
    """A channel's hidden policy: memory, threshold, noise, and how long it stays suspicious."""

    memory_s: Positive
    threshold: float
    noise: Annotated[float, Meta(ge=0)]
    watch_s: Positive
    watch_relief: Annotated[float, Meta(ge=0)]
    weights: Weights


class Aml(_Part, frozen=True):
    """When a payout is looked at by hand, and how often it is then refused."""

    threshold_minor: Annotated[int, Meta(gt=0)]
    review_share: Share
    refused_share: Share
    basis: Basis


class Delay(_Part, frozen=True):
    """A log-normal delay."""

    median_s: Positive
    sigma: Annotated[float, Meta(ge=0)]
    basis: Basis


class Unknown(_Part, frozen=True):
    """How often the first answer says nothing, and how often no later one ever comes."""

    rate: Share
    never_resolved: Share
    basis: Basis


class Answer(_Part, frozen=True):
    """One raw code that a channel answers with, and how often among its like."""

    code: Annotated[str, Meta(min_length=1)]
    weight: Positive = 1.0


class Groups(_Part, frozen=True):
    """Shares of orders that are not ordinary shopping."""

    gift_sender: Rate
    ring: Rate
    card_testing: Rate
    payout: Rate


class Sessions(_Part, frozen=True):
    """How each group orders in a row."""

    gift_sender: Session
    ring: Session
    card_testing: Session


class Shares(_Part, frozen=True):
    """How often ordinary orders have each trait."""

    new_buyer: Rate
    other_receiver: Rate
    shared_household: Rate
    carrier_ip: Rate
    second_device: Rate
    coupon: Rate
    import_tax: Rate
    consumer_credit: Rate
    instalments: Rate
    record_present: Rate
    record_behind: Rate
    account_present: Rate
    new_payee: Rate


class Windows(_Part, frozen=True):
    """Bad times."""

    outage: WindowRate
    key_mismatch: WindowRate
    merchant_restricted: WindowRate
    mispriced_campaign: WindowRate


class Delays(_Part, frozen=True):
    """From the order to what is learned of it."""

    refusal: Delay
    acceptance: Delay
    payout: Delay
    resolution: Delay


class Scenario(_Part, frozen=True):
    """A whole world, but for its seed, its length and its number of orders."""

    name: str
    end: Annotated[datetime, Meta(tz=True)]
    merchant_id: str
    groups: Groups
    sessions: Sessions
    shares: Shares
    faults: dict[str, FaultRate]
    windows: Windows
    policies: dict[str, Policy]
    aml: Aml
    delays: Delays
    unknown: Unknown
    answers: dict[str, dict[str, list[Answer]]]


@cache
def load_scenario(path: Path = DEFAULT_SCENARIO) -> Scenario:
    """Read a scenario.

    Raises ScenarioError naming the path inside the file and the form that belongs there.
    """
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Scenario)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise ScenarioError(f"scenario {path} cannot be used: {error}") from error
