"""The three example orders: dated to now, the burst before the last one, and answers for people."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from features.times import from_us

EXAMPLES = Path(__file__).parent.parent / "examples"
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+Z].*")
_BURST = (
    ("广东省", "深圳市", "南山区", "科技园路 1 号"),
    ("浙江省", "杭州市", "西湖区", "文三路 20 号"),
    ("湖北省", "武汉市", "洪山区", "珞喻路 37 号"),
    ("陕西省", "西安市", "雁塔区", "小寨路 5 号"),
    ("辽宁省", "沈阳市", "和平区", "太原街 18 号"),
    ("福建省", "厦门市", "思明区", "湖滨南路 9 号"),
    ("山东省", "青岛市", "市南区", "香港中路 61 号"),
    ("河南省", "郑州市", "金水区", "花园路 44 号"),
    ("云南省", "昆明市", "五华区", "东风西路 7 号"),
    ("湖南省", "长沙市", "岳麓区", "麓山路 2 号"),
    ("黑龙江省", "哈尔滨市", "南岗区", "西大直街 92 号"),
)
BURST_GAP = timedelta(seconds=40)


@dataclass(frozen=True, slots=True)
class Example:
    """One order to score, with the earlier orders that must have been seen before it."""

    file: str
    title: str
    has_burst: bool = False


EXAMPLE_ORDERS: Sequence[Example] = (
    Example("order.json", "正常订单 · a clean order"),
    Example(
        "order_wrong_amount.json", "金额与商户记录不符 · an amount that differs from the record"
    ),
    Example(
        "order_dispersed.json",
        f"同一买家连续下单，收货地分散 · the {len(_BURST) + 1}th order of a burst to many cities",
        has_burst=True,
    ),
)


def example_bodies(example: Example, now_us: int) -> Iterator[bytes]:
    """Yield the requests of an example, the burst first; the last one is the order itself.

    Instants are moved so that the order is placed now, and ids carry the run's number, so that
    each run scores orders of its own instead of reading back stored decisions.
    """
    order = dated(msgspec.json.decode((EXAMPLES / example.file).read_bytes()), now_us)
    for number, place in enumerate(_BURST if example.has_burst else ()):
        yield msgspec.json.encode(_earlier(order, number, place))
    yield msgspec.json.encode(order)


def dated(order: dict[str, Any], now_us: int) -> dict[str, Any]:
    """Move an order to now and give it, its buyer and its device ids of this run."""
    shift = from_us(now_us) - datetime.fromisoformat(order["placed_at"])
    moved: dict[str, Any] = _moved(order, shift)
    run = f"{now_us // 1_000:x}"
    moved["order_id"] += run
    moved["buyer"]["id"] += f"-{run}"
    moved["device"]["id"] += f"-{run}"
    return moved


def _earlier(order: Mapping[str, Any], number: int, place: tuple[str, ...]) -> dict[str, Any]:
    names = ("province", "city", "district", "line")
    earlier: dict[str, Any] = _moved(order, -BURST_GAP * (len(_BURST) - number))
    earlier["buyer"] = order["buyer"]
    earlier["order_id"] = f"{order['order_id']}b{number}"
    earlier["receiver"] |= dict(zip(names, place, strict=True))
    return earlier


def _moved(part: Any, shift: timedelta) -> Any:
    if isinstance(part, dict):
        return {name: _moved(value, shift) for name, value in part.items()}
    if isinstance(part, list):
        return [_moved(value, shift) for value in part]
    if isinstance(part, str) and _INSTANT.fullmatch(part):
        return (datetime.fromisoformat(part) + shift).isoformat()
    return part
