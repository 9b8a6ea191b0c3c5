"""Where goods go: an address is a number, and everything about it follows from the number."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from training.simulate.chance import Flags, Ints
from training.simulate.columns import named, where
from training.simulate.numbers import phone_columns
from training.simulate.traits import between, choose

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗"
_GIVEN = "芳伟敏静强磊洋艳勇杰娟涛明超霞平"
_NAMES = tuple(surname + given for surname in _SURNAMES for given in _GIVEN)
_STREETS = ("人民路", "中山路", "解放路", "建设路", "文化路", "新华街", "和平街", "学府路")
_TYPOS = ("人名路", "中山北路", "解方路", "建社路", "文华路", "新花街", "合平街", "学俯路")
_HOUSES = 400


def _lines(streets: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{street}{house}号" for street in streets for house in range(1, _HOUSES))


_LINES = _lines(_STREETS) + _lines(_TYPOS)


@cache
def _cities() -> tuple[tuple[str, str, float], ...]:
    text = Path(__file__).with_name("places.yaml").read_text(encoding="utf-8")
    return tuple((province, city, weight) for province, city, weight in yaml.safe_load(text))


def city_of(seed: int, address: Ints) -> Ints:
    """Number the city of each address; -1 for no address."""
    cities = choose(seed, "city", address, [weight for _, _, weight in _cities()])
    return np.where(address < 0, -1, cities)


def person_names(seed: int, entity: Ints) -> pl.Series:
    """Make up a name for each entity."""
    return named(_NAMES, between(seed, "name", entity, 0, len(_NAMES)))


def receiver_columns(seed: int, address: Ints, typo: Flags) -> list[pl.Series]:
    """Lay out each order's receiver, some with a mistyped street; none where nothing is shipped."""
    shipped = address >= 0
    city = city_of(seed, address)
    line = between(seed, "line", address, 0, len(_LINES) // 2)
    provinces, cities, _ = zip(*_cities(), strict=True)
    return [
        where(shipped, named(["CN"], city * 0), "receiver.country"),
        where(shipped, person_names(seed, address), "receiver.name"),
        where(shipped, named(provinces, city), "receiver.province"),
        where(shipped, named(cities, city), "receiver.city"),
        where(shipped, named(_LINES, line + typo * (len(_LINES) // 2)), "receiver.line"),
        *phone_columns(seed, "receiver.phone", address),
    ]
