"""Repairs of the payer's IP and of the URL for notifications: the same place, written otherwise."""

from collections.abc import Collection, Iterator
from ipaddress import IPv6Address
from urllib.parse import urlsplit, urlunsplit

from features.mismatch.equation import Change
from rules.checks.network import read_ip, url_faults
from rules.decision import Text
from rules.repairs.part import Part, Scene, Slot

_IP = Text(
    zh="同一地址换一种写法：去掉空格或 IPv6 映射前缀，地址不变。",
    en="Write the same address otherwise: without blanks, or without the prefix that maps it into "
    "IPv6; the address stays the same.",
)
_SPACES = Text(zh="去掉通知地址前后的空白。", en="Take the blanks off both ends of the URL.")
_URL = Text(
    zh="通知地址按渠道的要求写：https，且不带查询串。先确认该地址能用 https 访问，"
    "且回调不依赖查询串里的参数。",
    en="Write the URL as the channel asks: https, and without a query. First make sure that the "
    "address answers over https and that your callback needs nothing from the query.",
)


def ip(scene: Scene, wanted: Collection[str]) -> Iterator[Slot]:
    """Propose the same IP in the form that channels take."""
    device = scene.order.device
    if "ip" not in wanted or device is None or device.ip is None:
        return
    plain = plain_ip(device.ip)
    if plain is not None and plain != device.ip:
        proof = f"device.ip = {plain}, the same address (sent: {device.ip!r})"
        yield (Part("ip", (Change("/device/ip", device.ip, plain),), proof, _IP, certain=True),)


def plain_ip(text: str) -> str | None:
    """Write an IP address plainly; None where the text is none.

    >>> plain_ip(" ::ffff:36.152.44.95 ")
    '36.152.44.95'
    """
    address = read_ip(text.strip())
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return None if address is None else text.strip()


def notify_url(scene: Scene, wanted: Collection[str]) -> Iterator[Slot]:
    """Propose the notify URL in the form that the channel takes, at the same host and path."""
    url = scene.order.notify_url
    if "notify_url" not in wanted or url is None:
        return
    stripped = url.strip()
    right = _accepted_form(scene, stripped)
    if right == url:
        return
    proof = f"notify_url = {right} (sent: {url!r})"
    is_blank = right == stripped
    change = Change("/notify_url", url, right)
    text = _SPACES if is_blank else _URL
    yield (Part("notify_url", (change,), proof, text, certain=is_blank),)


def _accepted_form(scene: Scene, url: str) -> str:
    faults = url_faults(scene.pack, url)
    if "form" in faults:
        return url
    parts = urlsplit(url)
    if "notify_url_https" in faults and parts.port is None:
        parts = parts._replace(scheme="https")
    if "notify_url_query_allowed" in faults:
        parts = parts._replace(query="")
    return urlunsplit(parts)
