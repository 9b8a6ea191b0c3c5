"""Only this machine: addresses of other hosts are refused, whatever is asked."""

import ipaddress
from urllib.parse import urlsplit

from training.simulate.channel.protocol import ChannelError


def loopback_url(url: str, what: str) -> str:
    """Give the address back without its final slash.

    Raises ChannelError for one that is no http address of this machine.

    >>> loopback_url("http://127.0.0.1:8000/", "--to")
    'http://127.0.0.1:8000'
    >>> loopback_url("https://pay.example.com", "--to")
    Traceback (most recent call last):
    training.simulate.channel.protocol.ChannelError: --to is 'https://pay.example.com', but only \
this machine may be played against: http://127.0.0.1:PORT
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_here = parts.scheme == "http" and (host == "localhost" or _is_loopback(host))
    except ValueError:
        is_here = False
    if not is_here:
        raise ChannelError(
            f"{what} is {url!r}, but only this machine may be played against: http://127.0.0.1:PORT"
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
