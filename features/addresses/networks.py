"""The block of addresses that an IP address belongs to."""

import ipaddress


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
