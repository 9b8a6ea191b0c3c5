"""The whole examination of an integration's settings; pure, and nothing is called."""

from collections.abc import Iterator
from datetime import datetime

from rules.doctor.config import Config
from rules.doctor.deadlines import check_clock, check_credentials
from rules.doctor.report import Fault, NotChecked, Passed, Report, Verdict, Weight, finding_of
from rules.doctor.sample import check_sample
from rules.doctor.sample_texts import check_texts
from rules.doctor.settings import (
    check_egress,
    check_endpoint,
    check_merchant_id,
    check_notify_url,
    check_rate,
    check_signature,
    check_version,
)
from rules.pack import Pack


def examine(config: Config, pack: Pack, at: datetime) -> Report:
    """Check settings against a channel's contract as of an instant; blocking findings first."""
    verdicts = list(dict.fromkeys(_verdicts(config, pack, at)))
    faults = [finding_of(one, pack) for one in verdicts if isinstance(one, Fault)]
    broken = {fault.field for fault in faults}
    passed = [one.field for one in verdicts if isinstance(one, Passed)]
    return Report(
        channel=pack.channel,
        version=pack.version,
        findings=tuple(sorted(faults, key=lambda one: one.weight is not Weight.BLOCK)),
        passed=tuple(field for field in dict.fromkeys(passed) if field not in broken),
        not_checked=tuple(one for one in verdicts if isinstance(one, NotChecked)),
    )


def _verdicts(config: Config, pack: Pack, at: datetime) -> Iterator[Verdict]:
    yield from check_endpoint(config, pack)
    yield from check_version(config, pack)
    yield from check_merchant_id(config, pack)
    yield from check_signature(config, pack)
    yield from check_credentials(config, at)
    yield from check_clock(config, pack)
    yield from check_notify_url(config, pack)
    yield from check_egress(config)
    yield from check_rate(config, pack)
    yield from check_sample(config, pack)
    yield from check_texts(config, pack)
