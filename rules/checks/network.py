"""Checks of addresses on the network: the payer's IP and the URL for notifications. No look-up."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from features.kinds import Kind
from rules.checks.check import Check, Prepared, when_known
from rules.pack import Pack

_CLOSED: Mapping[int, tuple[tuple[int, int], ...]] = {
    version: tuple(
        (int(block.network_address), int(block.broadcast_address))
        for block in map(ip_network, blocks)
    )
    for version, blocks in {
        4: (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
            "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
        ),
        6: ("::/127", "fc00::/7", "fe80::/10", "ff00::/8"),
    }.items()
}  # fmt: skip
"""Blocks that no buyer can come from, as RFC 6890 lists them, by the IP's version. Blocks for
documentation pass: examples are written with them."""
_IPV6 = 6
_LOCAL_NAMES = (".localhost", ".local", ".internal")
_PORTABLE_URL_LENGTH = 255
"""The shortest limit of all channels (WeChat Pay)."""


def read_ip(text: str) -> IPv4Address | IPv6Address | None:
    """Read an IP address; None where the text is none."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address can be met on the open network.

    >>> is_public(ip_address("36.152.44.95")), is_public(ip_address("::ffff:192.168.0.1"))
    (True, False)
    """
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    met = mapped or address
    number = int(met)
    return not any(first <= number <= last for first, last in _CLOSED[met.version])


@lru_cache(maxsize=65_536)
def ip_traits(text: str) -> tuple[int, bool] | None:
    """Tell an IP's version and whether it is public; None where the text is no IP."""
    address = read_ip(text)
    return None if address is None else (address.version, is_public(address))


def is_local(host: str) -> bool:
    """Tell whether a host's name or literal address leads nowhere for a channel."""
    address = read_ip(host.strip("[]"))
    if address is not None:
        return not is_public(address)
    return host == "localhost" or host.endswith(_LOCAL_NAMES) or "." not in host


def split_url(url: str) -> tuple[str, str, bool] | None:
    """Read a URL's scheme, host and whether it holds a query; None where it is no web address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or url != url.strip():
        return None
    return parts.scheme, host, "?" in url


def _public_ip(text: str) -> bool:
    traits = ip_traits(text)
    return traits is not None and traits[1]


_IP_PUBLIC = when_known(("device.ip",), _public_ip)


def _ip_accepted(pack: Pack) -> Prepared | None:
    form, longest = pack.text("ip_form"), pack.number("ip_max_characters")
    must_be_public = pack.value("ip_public") is True
    if form is None and longest is None and not must_be_public:
        return None

    def answer(text: str) -> bool:
        traits = ip_traits(text)
        if traits is None or (must_be_public and not traits[1]):
            return False
        if form == "ipv4" and traits[0] == _IPV6:
            return False
        return longest is None or len(text) <= longest

    return when_known(("device.ip",), answer)


def url_faults(pack: Pack, url: str) -> tuple[str, ...]:
    """Name the facts of the pack that a notify URL breaks; `form` where it is none at all."""
    parts = split_url(url)
    if parts is None:
        return ("form",)
    scheme, _, has_query = parts
    longest = pack.number("notify_url_max_characters")
    broken = {
        "notify_url_https": pack.value("notify_url_https") is True and scheme != "https",
        "notify_url_query_allowed": pack.value("notify_url_query_allowed") is False and has_query,
        "notify_url_max_characters": longest is not None and len(url) > longest,
    }
    return tuple(name for name, is_broken in broken.items() if is_broken)


_URL_FACTS = ("notify_url_https", "notify_url_query_allowed", "notify_url_max_characters")


def _notify_url_accepted(pack: Pack) -> Prepared | None:
    if all(pack.value(name) is None for name in _URL_FACTS):
        return None
    return when_known(("notify_url",), lambda url: not url_faults(pack, url))


def portable_url(url: str) -> bool:
    """Tell whether every channel could notify this URL: https, short, no query, an open host."""
    parts = split_url(url)
    if parts is None or len(url) > _PORTABLE_URL_LENGTH:
        return False
    scheme, host, has_query = parts
    return scheme == "https" and not has_query and not is_local(host)


_URL_PUBLIC = when_known(("notify_url",), portable_url)

NETWORK_CHECKS = (
    Check(
        "check.ip_accepted",
        "the payer's IP is of the form that the channel takes",
        Kind.BOOLEAN,
        _ip_accepted,
    ),
    Check(
        "check.ip_public", "the payer's IP is a public address", Kind.BOOLEAN, lambda _: _IP_PUBLIC
    ),
    Check(
        "check.notify_url_accepted",
        "the notify URL is what the channel takes",
        Kind.BOOLEAN,
        _notify_url_accepted,
    ),
    Check(
        "check.notify_url_public",
        "every channel could reach and take the notify URL",
        Kind.BOOLEAN,
        lambda _: _URL_PUBLIC,
    ),
)
