"""Addresses: one stable key for a place however it is written, and its province, city, district."""

from features.addresses.address import Address, read_address, tables_version
from features.addresses.networks import ip_block
from features.addresses.text import canonical_text, folded

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

    Width, case, spacing, punctuation, traditional characters, short names of divisions and the
    way that buildings and rooms are numbered do not matter.

    >>> address_key("CN", "广东省", "深圳市", None, "科技园 1 号") == address_key(
    ...     "CN", "广东", "深圳", None, "科技园１")
    True
    """
    address = read_address(country, province, city, district, line)
    return None if address is None else address.key


__all__ = [
    "ADDRESS_PARTS",
    "Address",
    "address_key",
    "canonical_text",
    "folded",
    "ip_block",
    "read_address",
    "tables_version",
]
