"""Places on the Earth as whole metres and cells, so that live and columnar sums are exact."""

import math

EARTH_RADIUS_M = 6_371_008
"""The mean radius (IUGG: 6,371,008.8 m) in whole metres; the Earth is a sphere here."""

_CELL_SIGNS = "0123456789bcdefghjkmnpqrstuvwxyz"
_LATITUDE_STEPS, _LONGITUDE_STEPS = 1 << 12, 1 << 13
"""Five signs of a geohash are 25 bits: 13 of longitude and 12 of latitude, in turn."""

Point = tuple[int, int, int, str]
"""x, y, z in metres from the Earth's centre, and the geohash of 5 signs."""


def point(latitude: float | None, longitude: float | None) -> Point | None:
    """Give the Earth-centred coordinates and the cell of a place; None if either is not known.

    x points to 0° N 0° E, y to 0° N 90° E, z to the north pole. The chord between two points is
    shorter than the way over ground by less than 1 ‰ up to 900 km. A cell is about 4.9 km wide
    and high at the equator.

    >>> point(0.0, 90.0)
    (0, 6371008, 0, 'w0000')
    >>> point(57.64911, 10.40744)[3]
    'u4pru'
    """
    if not _is_place(latitude, longitude):
        return None
    assert latitude is not None
    assert longitude is not None
    phi, lam = math.radians(latitude), math.radians(longitude)
    flat = EARTH_RADIUS_M * math.cos(phi)
    x, y, z = flat * math.cos(lam), flat * math.sin(lam), EARTH_RADIUS_M * math.sin(phi)
    return round(x), round(y), round(z), geo_cell(latitude, longitude)


def distance_m(
    latitude: float | None,
    longitude: float | None,
    other_latitude: float | None,
    other_longitude: float | None,
) -> int | None:
    """Give the way over ground between two places in whole metres (haversine).

    >>> distance_m(30.25, 120.15, 31.23, 121.47)
    166699
    """
    if not _is_place(latitude, longitude) or not _is_place(other_latitude, other_longitude):
        return None
    assert latitude is not None
    assert longitude is not None
    assert other_latitude is not None
    assert other_longitude is not None
    phi, psi = math.radians(latitude), math.radians(other_latitude)
    lam = math.radians(other_longitude - longitude)
    half = math.sin((psi - phi) / 2) ** 2 + math.cos(phi) * math.cos(psi) * math.sin(lam / 2) ** 2
    return round(2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half))))


def geo_cell(latitude: float, longitude: float) -> str:
    """Name the geohash cell of 5 signs (G. Niemeyer, 2008) that holds a place."""
    north = _step(latitude, 180, _LATITUDE_STEPS)
    east = _step(longitude, 360, _LONGITUDE_STEPS)
    bits = _spread(east) | _spread(north) << 1
    signs = _CELL_SIGNS
    return (
        signs[bits >> 20]
        + signs[bits >> 15 & 31]
        + signs[bits >> 10 & 31]
        + signs[bits >> 5 & 31]
        + signs[bits & 31]
    )


def _spread(number: int) -> int:
    """Put a zero between every two bits of a number below 2**16."""
    number = (number | number << 8) & 0x00FF00FF
    number = (number | number << 4) & 0x0F0F0F0F
    number = (number | number << 2) & 0x33333333
    return (number | number << 1) & 0x55555555


def _step(degrees: float, span: int, steps: int) -> int:
    """Number the step that holds an angle; exact at every border, the last one included."""
    return min(int(degrees * steps // span) + steps // 2, steps - 1)


def _is_place(latitude: float | None, longitude: float | None) -> bool:
    """Refuse what is absent, not a number, or off the globe."""
    if latitude is None or longitude is None:
        return False
    return -90 <= latitude <= 90 and -180 <= longitude <= 180
