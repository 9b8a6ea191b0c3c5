"""Finds where a text begins with names of divisions, and which divisions they can be together."""

import re
from typing import NamedTuple

from features.addresses.divisions import Division, Names, gazetteer

Places = tuple[Division, ...]
"""What a text may mean, given all names so far; empty where nothing is known yet."""

_MOST_NAMES = 10
"""More names than this are not read, so that no text takes long."""

_PARTS = ("九龙", "新界", "港岛", "香港岛")
"""The three parts of Hong Kong: none has an office or a code."""
NO_CITY = re.compile(r"市辖区|县|市|林区|(?:省|自治区)?直辖县(?:级行政(?:单位|区划))?")
"""What stands in the place of a city where there is none."""
_FILLER = re.compile(r"中国|中华人民共和国|市辖区|(?:省|自治区)?直辖县(?:级行政(?:单位|区划))?")
_FILLER_SIGNS = frozenset("九新港香中市省自直")
_STREET = re.compile(
    r"[东南西北中新老前后上下内外一二三四五六七八九十]{0,2}"
    r"(?:大?[路街道巷弄里]|大道|胡同|[大中小]学|学院|医院|医科|师范|理工|广场|公园|花园|花苑|小区|新村|社区"
    r"|村|镇|乡|桥|站|湾|大厦|酒店|饭店|宾馆|银行|公司|商场|商厦|集团|店|场|门|山庄|家园|公寓)"
)
_AFTER_CITY = re.compile(r"场|政府|政路|民广场|民中心|民公园")
"""市场, 市政 and 市民 are words of their own."""


class Walk(NamedTuple):
    """How far a text was read, and what it may mean by then."""

    places: Places
    end: int


def walked(text: str, known: Places, level: int = 0) -> Walk:
    """Read names from the start of `text` as long as they go together with what is known.

    Of several ways to read it, the one that takes most. `level` is preferred
    where one name is used at several (1 a province, 2 a city, 3 a district).
    """
    return _walk(text, 0, known, level, _MOST_NAMES)


def agreed(places: Places) -> Division | None:
    """Give what all places have in common, today's names for former ones; None for nothing."""
    if not places:
        return None
    renamed = gazetteer().renamed
    first, *others = (renamed.get(place, place) for place in places)
    while any(not place.within(first) for place in others):
        if first.city is None:
            return None
        first = first._replace(district=None) if first.district else Division(first.province)
    return first


def settled(places: Places) -> Places:
    """Where a short name alone may mean several places, take the one of the highest level."""
    if len(places) < 2:
        return places
    highest = min(place.level for place in places)
    highs = tuple(place for place in places if place.level == highest)
    return highs if len(highs) == 1 else places


def _walk(text: str, start: int, known: Places, level: int, left: int) -> Walk:
    best = Walk(known, start)
    if left == 0:
        return best
    lengths = gazetteer().lengths
    for size in lengths.get(text[start : start + 1], ()):
        end = start + size
        names = gazetteer().names.get(text[start:end])
        if names is None or end > len(text):
            continue
        if best.end > end and text[end] not in lengths:
            continue
        places = _combined(known, names, level)
        if not places or _is_street(text, end, names, places):
            continue
        onward = _walk(text, end, places, level, left - 1)
        if onward.end > best.end and not _is_idle(names, known, onward, end, len(text)):
            best = onward
    return best if best.end > start else _past_filler(text, start, known, level, left)


def _past_filler(text: str, start: int, known: Places, level: int, left: int) -> Walk:
    """Read on after a word that names no division, if a name comes then or it is a part of one."""
    if text[start : start + 1] not in _FILLER_SIGNS:
        return Walk(known, start)
    part = next((part for part in _PARTS if text.startswith(part, start)), None)
    if part is not None and known:
        return _walk(text, start + len(part), known, level, left - 1)
    filler = _FILLER.match(text, start)
    if filler is None:
        return Walk(known, start)
    onward = _walk(text, filler.end(), known, level, left - 1)
    return onward if onward.end > filler.end() else Walk(known, start)


def _is_idle(names: Names, known: Places, onward: Walk, end: int, size: int) -> bool:
    """Tell a short name that says nothing new, and after which no other name comes."""
    if onward.end > end or not names.short:
        return False
    return set(onward.places) == set(known) or (names.tiny and end < size)


def _is_street(text: str, end: int, names: Names, places: Places) -> bool:
    """Tell whether a name is part of a longer word: 南山路, 武汉大学, 杭州市场."""
    if not names.short:
        return text[end - 1] == "市" and _AFTER_CITY.match(text, end) is not None
    return _STREET.match(text, end) is not None and not _name_follows(text, end, places)


def _name_follows(text: str, start: int, places: Places) -> bool:
    for size in gazetteer().lengths.get(text[start : start + 1], ()):
        names = gazetteer().names.get(text[start : start + size])
        if names is not None and size > 1 and _combined(places, names, 0):
            return True
    return False


def _combined(known: Places, names: Names, level: int) -> Places:
    """Narrow what is known by a name; former names count only where no name of today fits."""
    if not known and names.short and level == 0:
        return tuple(place for place in names.today if _is_famous(place))
    both = _narrowed(known, names.today) or _narrowed(known, names.formerly)
    if not both:
        renamed = gazetteer().renamed
        both = _narrowed(tuple(renamed.get(place, place) for place in known), names.today)
    return tuple(place for place in both if place.level == level) or both


def _is_famous(place: Division) -> bool:
    """Tell whether a short name alone may mean it: 深圳 and 昆山 do, 凤凰 (a county) does not."""
    return place.district is None or place.district.endswith("市")


def _narrowed(known: Places, found: Places) -> Places:
    if not known:
        return found
    inner = {place: None for place in found if any(place.within(other) for other in known)}
    outer = {other: None for other in known if any(other.within(place) for place in found)}
    return tuple(inner | outer)
