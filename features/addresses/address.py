"""An address in its normal form: official names of province, city and district, and a line."""

import re
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from features.addresses.divisions import Division, gazetteer
from features.addresses.lines import canonical_line, without_people
from features.addresses.locating import NO_CITY, Places, agreed, settled, walked
from features.addresses.text import folded

RULES = 1
"""Raise this whenever a change gives any address another place or another key."""

_CACHED = 8_192
_NOTHING = frozenset(
    {"", "无", "暂无", "不详", "未知", "其他", "其它", "null", "none", "na", "nil"}
)
_CHINA = frozenset({"CN", "HK", "MO", "TW"})
_OF_COUNTRY = {"HK": "香港", "MO": "澳门", "TW": "台湾"}
_APART = re.compile(r"[\W_]+")
_HEAD = 12
_TAIL = re.compile(r"[\s,;/]+([一-鿿]{2,24})[\s,;/]*$")
_NAME_AT_HEAD = re.compile(r"[\W_]*[一-鿿]{2,4}[\W_]+")


class Address(NamedTuple):
    """Where something goes.

    `known` says that province and city are divisions of China; then the names are official
    ones. Otherwise they are what was written, folded. `key` is 16 hex digits, None when neither
    a city nor a line is known.
    """

    province: str | None
    city: str | None
    district: str | None
    line: str
    known: bool
    key: str | None


@lru_cache(maxsize=_CACHED)
def read_address(
    country: str | None,
    province: str | None,
    city: str | None,
    district: str | None,
    line: str | None,
) -> Address | None:
    """Bring an address to its normal form; None where nothing of it is written.

    The same result on every machine with the same `tables_version`.

    >>> written = read_address(None, "广东", "深圳", None, "南山区科技园3栋2单元501室")
    >>> written == read_address("CN", None, None, None, "廣東省深圳市南山區科技園３-２-５０１")
    True
    >>> written.province, written.city, written.district, written.line
    ('广东省', '深圳市', '南山区', '科技园3-2-501')
    """
    if not (province or city or district or line):
        return None
    if country is not None and country not in _CHINA:
        return _as_written(country, None, province, city, district, line)
    located = _located(country, province, city, district)
    below = without_people(folded(line or ""))
    places, rest = _into_line(below, located.places)
    found = agreed(settled(places))
    if found is None or (found.city is None and found.province not in _CITY_PROVINCES):
        return _as_written(country, found, province, city, district, line)
    if found.city is None:
        found = found._replace(city=found.province)
    detail = canonical_line(f"{located.rest}{rest}")
    shown = found.district or located.district
    key = _key(*found, detail) if city or line else None
    return Address(found.province, found.city, shown, detail, known=True, key=key)


def tables_version() -> str:
    """Say which rules and tables addresses are read with; another text may mean other places."""
    return f"addresses {RULES} {gazetteer().fingerprint}"


_CITY_PROVINCES = frozenset(
    {"北京市", "天津市", "上海市", "重庆市", "香港特别行政区", "澳门特别行政区"}
)


class _Located(NamedTuple):
    """What the fields above the line say: places, what of them is no division, the district."""

    places: Places
    rest: str
    district: str | None


@lru_cache(maxsize=_CACHED)
def _located(
    country: str | None, province: str | None, city: str | None, district: str | None
) -> _Located:
    places = walked(_OF_COUNTRY.get(country or "", ""), ()).places
    rest = ""
    for level, field in enumerate((province, city, district), start=1):
        text = _field(field)
        if text:
            walk = walked(text, places, level)
            places, left = walk.places, text[walk.end :]
            rest += left
    town = _field(district)
    return _Located(places, rest, town if rest and rest == town else None)


def _field(text: str | None) -> str:
    plain = _APART.sub("", folded(text or ""))
    return "" if plain in _NOTHING or NO_CITY.fullmatch(plain) else plain


def _into_line(line: str, known: Places) -> tuple[Places, str]:
    """Read the divisions at the head of a line, a name before them left out; give the rest."""
    tight = _APART.sub("", line[: 4 * _HEAD])
    walk = walked(tight, known)
    places = settled(walk.places)
    if walk.end and agreed(places) is not None:
        return places, _after(line, walk.end)
    name = None if known else _NAME_AT_HEAD.match(line)
    if name is not None and name.end() < len(line):
        return _into_line(line[name.end() :], known)
    return _from_end(line, known)


def _from_end(line: str, known: Places) -> tuple[Places, str]:
    """Read divisions that stand at the very end, apart from the rest."""
    tail = _TAIL.search(line) if _APART.search(line) else None
    if tail is not None:
        walk = walked(tail[1], known)
        if walk.end == len(tail[1]):
            return settled(walk.places), line[: tail.start()]
    return known, line


def _after(line: str, signs: int) -> str:
    """Drop the first `signs` letters and digits of a line, and what stands between them."""
    for place, sign in enumerate(line):
        if signs == 0:
            return line[place:]
        signs -= not _APART.match(sign)
    return ""


def _as_written(country: str | None, found: Division | None, *parts: str | None) -> Address:
    fields = [_field(part) for part in parts[:3]]
    if found is not None:
        fields[0] = found.province
    line = canonical_line(without_people(folded(parts[3] or "")))
    written = [*fields, line]
    key = None
    if fields[1] or line:
        key = _key(_folded_country(country), *written)
    province, city, district = (field or None for field in fields)
    return Address(province, city, district, line, known=False, key=key)


def _folded_country(country: str | None) -> str:
    return "" if country in (None, "CN") else str(country)


def _key(*parts: str | None) -> str:
    plain = "\0".join(part or "" for part in parts)
    return blake2b(plain.encode(), digest_size=8).hexdigest()


__all__ = ["RULES", "Address", "Division", "read_address", "tables_version"]
