"""A stable key for an address, so that the same place written twice counts once."""

import ipaddress
import unicodedata
from hashlib import blake2b

ADDRESS_PARTS = (
    "receiver.country",
    "receiver.province",
    "receiver.city",
    "receiver.district",
    "receiver.line",
)


def address_key(
    country: str | None,
    province: str | None,
    city: str | None,
    district: str | None,
    line: str | None,
) -> str | None:
    """Give 16 hex digits for an address, or None when neither city nor line is known.

    Width, case, spacing and punctuation do not matter.

    >>> address_key("CN", "广东省", "深圳市", None, "科技园 1 号") == address_key(
    ...     "CN", "广东省", "深圳市", None, "科技园１号")
    True
    """
    if not city and not line:
        return None
    parts = (country, province, city, district, line)
    plain = "\0".join(canonical_text(part or "") for part in parts)
    return blake2b(plain.encode(), digest_size=8).hexdigest()


def canonical_text(text: str) -> str:
    """Fold width and case (NFKC), and drop spaces and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] in "LNM")


def ip_block(ip: str | None) -> str | None:
    """Give the /24 of an IPv4 address or the /48 of an IPv6 address; None for anything else.

    >>> ip_block("203.0.113.77")
    '203.0.113.0/24'
    """
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return None
    width = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, width), strict=False))
