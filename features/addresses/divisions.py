"""The divisions of China and every name that they are written under.

Mainland: python-stdnum's table of the codes of GB/T 2260, with the years in which each name was
in force. Hong Kong, Macau and Taiwan: `regions.txt`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import NamedTuple

from features.addresses.stems import ABBREVIATIONS, NICKNAMES, other_names, stem
from features.addresses.text import folded, traditional_table
from features.errors import PreflightError

FORGOTTEN_BEFORE = 2000
"""A city whose name ended before this year is not looked for."""

_PROVINCE = re.compile(r'(\d\d) province="(.*)"')
_COUNTY = re.compile(r'  (\d\d)(\d\d) county="(.*)"')
_NAME = re.compile(r"(?:\[(\d*)-(\d*)\])?(.+)")
_NO_CITY = re.compile(r"市辖区|县|市|林区|(?:省|自治区)直辖县级行政(?:单位|区划)")
_UNDER_PROVINCE = ("00", "90")
_MUNICIPAL = ("北京市", "天津市", "上海市", "重庆市")
_FEWEST_CITIES, _FEWEST_DISTRICTS = 300, 2_500
_FOREVER = 9_999


class Division(NamedTuple):
    """A province, a city in it, or a district in that city, by their full official names.

    A municipality, Hong Kong and Macau are their own city. A county directly under its province
    is a city without districts.
    """

    province: str
    city: str | None = None
    district: str | None = None

    @property
    def level(self) -> int:
        """1 a province, 2 a city, 3 a district."""
        return 1 + (self.city is not None) + (self.district is not None)

    @property
    def name(self) -> str:
        """Its own name, without those of what it lies in."""
        return self.district or self.city or self.province

    def called(self, name: str) -> "Division":
        """Give the same division under another name."""
        return self._replace(district=name) if self.district else self._replace(city=name)

    def within(self, other: "Division") -> bool:
        """Tell whether this is the other division or lies in it."""
        return (
            self.province == other.province
            and other.city in (None, self.city)
            and other.district in (None, self.district)
        )


@dataclass(frozen=True, slots=True)
class Names:
    """Where a name may be, today and formerly.

    `short` says that it is not written in full, `tiny` that it is a single character.
    """

    today: tuple[Division, ...]
    formerly: tuple[Division, ...]
    short: bool
    tiny: bool = False


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Every name; for the first character of a text how long a name may be, longest first.

    `renamed` gives today's division for one of former years. `fingerprint` is 12 hex digits of
    the tables' content.
    """

    names: Mapping[str, Names]
    lengths: Mapping[str, tuple[int, ...]]
    renamed: Mapping[Division, Division]
    fingerprint: str


class _Entry(NamedTuple):
    division: Division
    current: bool
    now: Division
    """What the same code is called now, or was called last."""


@cache
def gazetteer() -> Gazetteer:
    """Read both tables, once a process.

    Raises PreflightError when python-stdnum's table is not the one that is known.
    """
    mainland = (files("stdnum.cn") / "loc.dat").read_text(encoding="utf-8")
    regions = (files("features.addresses") / "regions.txt").read_text(encoding="utf-8")
    entries = [*_mainland(mainland), *_regions(regions)]
    _check(entries)
    names = _named(entries)
    lengths: dict[str, set[int]] = {}
    for name in names:
        lengths.setdefault(name[0], set()).add(len(name))
    longest_first = {first: tuple(sorted(some, reverse=True)) for first, some in lengths.items()}
    tables = f"{mainland}{regions}{traditional_table()}"
    fingerprint = blake2b(tables.encode(), digest_size=6).hexdigest()
    return Gazetteer(names, longest_first, _renamings(entries), fingerprint)


def _named(entries: Iterable[_Entry]) -> dict[str, Names]:
    full: dict[str, list[_Entry]] = {}
    short: dict[str, list[_Entry]] = {}
    for entry in entries:
        full.setdefault(entry.division.name, []).append(entry)
        for other in other_names(entry.division.name):
            short.setdefault(other, []).append(entry)
    for other, name in (ABBREVIATIONS | NICKNAMES).items():
        short[other] = [*short.get(other, ()), *full[name]]
    names = {name: _names(name, found, short=True) for name, found in short.items()}
    return names | {name: _names(name, found, short=False) for name, found in full.items()}


def _names(name: str, entries: Iterable[_Entry], *, short: bool) -> Names:
    today = dict.fromkeys(entry.division for entry in entries if entry.current)
    former = dict.fromkeys(entry.division for entry in entries if not entry.current)
    formerly = tuple(division for division in former if division not in today)
    return Names(tuple(today), formerly, short, tiny=len(name) == 1)


def _renamings(entries: Iterable[_Entry]) -> dict[Division, Division]:
    """Find today's division for each former one: by its code, else by its name's stem."""
    current = {entry.division for entry in entries if entry.current}
    alike: dict[tuple[str, str], list[Division]] = {}
    for division in sorted(current, key=str):
        alike.setdefault((division.province, stem(division.name)), []).append(division)
    renamed: dict[Division, Division] = {}
    for entry in sorted(entries, key=lambda entry: entry.division.level):
        if entry.division not in current:
            now = entry.now if entry.now in current else _successor(entry.division, alike, renamed)
            if now is not None:
                renamed[entry.division] = now
    return renamed


def _successor(
    former: Division,
    alike: Mapping[tuple[str, str], list[Division]],
    renamed: Mapping[Division, Division],
) -> Division | None:
    """Find the one division of today with the same stem, else what became of the whole city."""
    same = alike.get((former.province, stem(former.name)), [])
    found = [division for division in same if division.level >= former.level]
    nearest = [division for division in found if division.city == former.city] or found
    if len(nearest) == 1:
        return nearest[0]
    city = renamed.get(former._replace(district=None))
    if former.district is None or city is None or city.district is not None:
        return city
    return city._replace(district=former.district)


def _check(entries: list[_Entry]) -> None:
    levels = [entry.division.level for entry in entries if entry.current]
    if levels.count(2) < _FEWEST_CITIES or levels.count(3) < _FEWEST_DISTRICTS:
        raise PreflightError(
            f"python-stdnum's table of Chinese divisions gives {levels.count(2)} cities and "
            f"{levels.count(3)} districts, so it is of another form; install python-stdnum 2.2"
        )


def _regions(text: str) -> Iterator[_Entry]:
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        province, city, *districts = line.split()
        found = [Division(province), Division(province, city)]
        found += [Division(province, city, district) for district in districts]
        for division in found:
            yield _Entry(division, True, division)


def _mainland(text: str) -> Iterator[_Entry]:
    for province, rows in _provinces(text):
        yield from _entries_of(province, rows)


def _provinces(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each mainland province with its names by the last four digits of their codes."""
    found: dict[str, dict[str, str]] = {}
    rows: dict[str, str] = {}
    for line in text.splitlines():
        if province := _PROVINCE.fullmatch(line):
            rows = found.setdefault(folded(province[2]), {})
        elif county := _COUNTY.fullmatch(line):
            rows[county[1] + county[2]] = folded(county[3])
    for name, counties in found.items():
        if len(counties) > 1:
            yield name, counties


def _entries_of(province: str, rows: Mapping[str, str]) -> Iterator[_Entry]:
    whole = Division(province)
    yield _Entry(whole, True, whole)
    cities: dict[str, Division] = {}
    if province in _MUNICIPAL:
        own = Division(province, province)
        yield _Entry(own, True, own)
        cities = {code[:2]: own for code in rows}
    for code, names in rows.items():
        if code.endswith("00") and code[:2] not in (*_UNDER_PROVINCE, *cities):
            for name, until in _periods(names):
                if not _NO_CITY.fullmatch(name) and until >= FORGOTTEN_BEFORE:
                    cities[code[:2]] = Division(province, name)
            if code[:2] in cities:
                yield from _renamed(names, cities[code[:2]])
    yield from _districts(province, rows, cities)


def _districts(
    province: str, rows: Mapping[str, str], cities: Mapping[str, Division]
) -> Iterator[_Entry]:
    for code, names in rows.items():
        city = cities.get(code[:2])
        if code.endswith("00") or (city is None and code[:2] not in _UNDER_PROVINCE):
            continue
        newest, _ = _periods(names)[-1]
        if _NO_CITY.fullmatch(newest):
            continue
        if city is None:
            yield from _renamed(names, Division(province, newest))
        else:
            yield from _renamed(names, city._replace(district=newest))


def _renamed(names: str, now: Division) -> Iterator[_Entry]:
    """Yield each name that a code stood for, and what it stands for now."""
    for name, until in _periods(names):
        if not _NO_CITY.fullmatch(name):
            yield _Entry(now.called(name), until == _FOREVER, now)


def _periods(names: str) -> list[tuple[str, int]]:
    """Split `[-2010]old,[2011-]new` into names and the last year of each."""
    found = []
    for part in names.split(","):
        match = _NAME.fullmatch(part)
        assert match is not None
        _, until, name = match.groups()
        found.append((name, int(until) if until else _FOREVER))
    return found
