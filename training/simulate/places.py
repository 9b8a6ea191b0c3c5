"""Where goods go: an address is a number, and everything about it follows from the number."""

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from training.simulate.chance import Ints
from training.simulate.columns import constant
from training.simulate.numbers import phone_columns
from training.simulate.traits import between, choose

_SURNAMES = np.array(list("王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗"))
_GIVEN = np.array(
    ["芳", "伟", "敏", "静", "强", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "明", "超", "霞", "平"]
)
_STREETS = np.array(
    ["人民路", "中山路", "解放路", "建设路", "文化路", "新华街", "和平街", "学府路"]
)


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
    surname = _SURNAMES[between(seed, "surname", entity, 0, len(_SURNAMES))]
    given = _GIVEN[between(seed, "given", entity, 0, len(_GIVEN))]
    return pl.Series(np.char.add(surname, given))


def receiver_columns(seed: int, address: Ints) -> list[pl.Series]:
    """Lay out each order's receiver; all missing where nothing is shipped."""
    shipped = address >= 0
    city = city_of(seed, address)
    house = between(seed, "house", address, 1, 400)
    street = _STREETS[between(seed, "street", address, 0, len(_STREETS))]
    texts = pl.DataFrame(
        {
            "receiver.country": constant("CN", len(address), "country"),
            "receiver.name": person_names(seed, address),
            "receiver.province": np.array([province for province, _, _ in _cities()])[city],
            "receiver.city": np.array([name for _, name, _ in _cities()])[city],
            "receiver.line": np.char.add(street, np.char.add(house.astype(str), "号")),
        }
    ).select(pl.when(pl.lit(pl.Series(shipped))).then(pl.all()).name.keep())
    return [*texts, *phone_columns(seed, "receiver.phone", address)]
