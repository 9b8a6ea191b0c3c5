"""Checks of settings that need no sample: addresses, version, numbers, signature, rate."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from rules.checks.network import is_local, is_public, read_ip, split_url, url_faults
from rules.doctor.config import Config
from rules.doctor.report import Fault, NotChecked, Passed, Verdict
from rules.pack import Pack

_SANDBOX = re.compile(r"(?:^|[./\-_])(?:sandbox|test|uat|sit|dev|qa|mock)\d*(?=[./\-_:]|$)")


def check_endpoint(config: Config, pack: Pack) -> Iterator[Verdict]:
    """Check the address of the interface: form, environment, name, and the adapter's own."""
    parts = split_url(config.endpoint)
    if parts is None:
        yield Fault(name="ENDPOINT_NOT_WEB", field="endpoint", found=config.endpoint)
        return
    scheme, host, _ = parts
    faults = tuple(_endpoint_faults(config, pack, scheme, host))
    yield from faults
    if not faults:
        yield Passed("endpoint")
    if pack.value("endpoint_names") is None:
        yield NotChecked(field="endpoint", why="the names of the interface were not found")


def _endpoint_faults(config: Config, pack: Pack, scheme: str, host: str) -> Iterator[Fault]:
    shown, environment = config.endpoint, config.environment
    looks_sandbox = _SANDBOX.search(shown.lower()) is not None
    if scheme != "https":
        yield Fault(name="ENDPOINT_NOT_HTTPS", field="endpoint", found=shown)
    if looks_sandbox != (environment == "sandbox"):
        wrong = "ENDPOINT_WRONG_ENVIRONMENT" if looks_sandbox else "ENDPOINT_MAYBE_PRODUCTION"
        yield Fault(name=wrong, field="endpoint", found=shown, expected=environment)
    names, last = pack.value("endpoint_names"), urlsplit(shown).path.rpartition("/")[2]
    if isinstance(names, list) and last.partition(".")[0] not in names:
        yield Fault(
            name="ENDPOINT_UNKNOWN_NAME",
            field="endpoint",
            found=last or "/",
            expected=", ".join(map(str, names)),
            fact="endpoint_names",
        )
    pinned = config.adapter.endpoint if config.adapter else None
    pinned_host = None if pinned is None else urlsplit(pinned).hostname or pinned
    if pinned_host is not None and pinned_host != host:
        yield Fault(name="ENDPOINT_NOT_PINNED", field="endpoint", found=host, expected=pinned_host)


def check_version(config: Config, pack: Pack) -> Iterator[Verdict]:
    """Check the version of the interface against the channel's and the adapter's."""
    pinned = config.adapter.api_version if config.adapter else None
    yield from _same(
        "API_VERSION_DIFFERS", "api_version", config.api_version, pack, "api_version", pinned
    )


def check_merchant_id(config: Config, pack: Pack) -> Iterator[Verdict]:
    """Check the form of the merchant's number."""
    pattern, found = pack.text("merchant_id_pattern"), config.merchant_id
    expected = pattern or "without spaces"
    fits = re.fullmatch(pattern, found) if pattern else found == "".join(found.split())
    if not fits:
        yield Fault(
            name="MERCHANT_ID_FORM",
            field="merchant_id",
            found=repr(found),
            expected=expected,
            fact="merchant_id_pattern",
        )
    elif pattern is None:
        yield _unknown("merchant_id", pack, "merchant_id_pattern")
    else:
        yield Passed("merchant_id")


def check_signature(config: Config, pack: Pack) -> Iterator[Verdict]:
    """Check how requests are signed and encrypted."""
    signature, pinned = config.signature, config.adapter.sign_type if config.adapter else None
    stated = pack.value("sign_types")
    kind = signature.type if signature else None
    if isinstance(stated, list) and kind is not None and kind not in stated:
        yield Fault(
            name="SIGNATURE_TYPE_DIFFERS",
            field="signature.type",
            found=kind,
            expected=" / ".join(map(str, stated)),
            fact="sign_types",
        )
    elif pinned is not None or stated is None:
        yield from _same(
            "SIGNATURE_TYPE_DIFFERS", "signature.type", kind, pack, "sign_types", pinned
        )
    if pack.text("payload_encryption") is not None:
        used = signature.encryption if signature else None
        yield from _same(
            "ENCRYPTION_DIFFERS", "signature.encryption", used, pack, "payload_encryption", None
        )


def check_notify_url(config: Config, pack: Pack) -> Iterator[Verdict]:
    """Check the URL for notifications: what the channel takes, and that it can be reached."""
    url = config.notify_url
    if url is None:
        yield NotChecked(field="notify_url", why="the settings name none")
        return
    broken = url_faults(pack, url)
    if broken:
        expected = ", ".join(_wanted(name, pack) for name in broken)
        yield Fault(
            name="NOTIFY_URL_FORM",
            field="notify_url",
            found=url,
            expected=expected,
            fact=broken[0],
        )
    parts = split_url(url)
    if parts is not None and is_local(parts[1]):
        yield Fault(name="NOTIFY_URL_UNREACHABLE", field="notify_url", found=parts[1])
    elif not broken:
        yield Passed("notify_url")


def check_egress(config: Config) -> Iterator[Verdict]:
    """Check the addresses that requests leave from; a channel may let only known ones in."""
    for text in config.egress_ips:
        address = read_ip(text)
        if address is None or not is_public(address):
            yield Fault(name="EGRESS_IP_NOT_PUBLIC", field="egress_ips", found=text)
        else:
            yield Passed(f"egress_ips {text}")


def check_rate(config: Config, pack: Pack) -> Iterator[Verdict]:
    """Check the planned rate of requests."""
    planned, most = config.requests_per_second, pack.number("max_requests_per_second")
    if planned is None:
        return
    if most is None:
        yield _unknown("requests_per_second", pack, "max_requests_per_second")
    elif planned > most:
        yield Fault(
            name="RATE_ABOVE_LIMIT",
            field="requests_per_second",
            found=str(planned),
            expected=f"{most:.0f}",
            fact="max_requests_per_second",
        )
    else:
        yield Passed("requests_per_second")


def _same(
    name: str, field: str, found: str | None, pack: Pack, fact: str, pinned: str | None
) -> Iterator[Verdict]:
    """Compare a setting with what the channel states, or else with what the adapter is for."""
    stated = pack.text(fact)
    expected = stated or pinned
    if expected is None:
        yield _unknown(field, pack, fact)
    elif found is None:
        yield NotChecked(field=field, why=f"the settings do not say it; expected {expected}")
    elif found != expected or (pinned is not None and found != pinned):
        told = expected if found != expected else str(pinned)
        yield Fault(name=name, field=field, found=found, expected=told, fact=fact)
    else:
        yield Passed(field)


def _unknown(field: str, pack: Pack, fact: str) -> NotChecked:
    stated = pack.file.facts.get(fact)
    why = f"the pack does not know {fact}"
    return NotChecked(field=field, why=f"{why} ({stated.source})" if stated else why)


def _wanted(name: str, pack: Pack) -> str:
    return {
        "form": "a whole web address",
        "notify_url_https": "https",
        "notify_url_query_allowed": "no query",
    }.get(name, f"at most {pack.value(name)} characters")
