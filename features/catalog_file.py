"""The shape of a catalog file: what may stand in the YAML, before any name is resolved."""

from pathlib import Path
from typing import Any

import msgspec
import yaml

from features.errors import CatalogError, suggest
from features.faults import find_faults
from features.plain_yaml import NotPlain, read_plain

_SHIPPED = "default"


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class WindowEntry(_Entry, frozen=True, omit_defaults=True):
    """One line of `windows`: a measure of an entity over one or more widths."""

    entity: str
    measure: str
    over: tuple[str, ...]
    of: tuple[str, ...] = ()
    outcome: str | None = None
    without: tuple[str, ...] = ()
    newest: int | None = None
    name: str | None = None


class LinkEntry(_Entry, frozen=True, omit_defaults=True):
    """One line of `links`: a count of linked entities over one or more widths."""

    entity: str
    measure: str
    over: tuple[str, ...]
    through: tuple[str, ...] = ()
    newest: int | None = None
    budget: int | None = None
    of: tuple[str, ...] = ()
    keys: str | None = None
    name: str | None = None


class CatalogFile(_Entry, frozen=True, omit_defaults=True):
    """A whole catalog file, after `extends` has been followed."""

    catalog: str
    version: int = 1
    time_zone: str = "UTC"
    peaks: tuple[dict[str, str], ...] = ()
    cut_offs: dict[str, str] = {}
    bins: str | None = None
    """A CSV file beside the catalog; once it is read, its text."""
    attributes: dict[str, str] = {}
    entities: dict[str, tuple[str, ...]] = {}
    fields: tuple[str, ...] = ()
    windows: tuple[WindowEntry, ...] = ()
    links: tuple[LinkEntry, ...] = ()
    derived: dict[str, str | int | float] = {}
    families: dict[str, tuple[str, ...]] = {}
    """Names or patterns of features by family; it decides no value, so no fingerprint holds it."""


def read_catalog_text(text: str, place: str) -> CatalogFile:
    """Read YAML text into a `CatalogFile`; raises CatalogError listing every bad entry."""
    try:
        _, raw = read_plain(text, place)
    except NotPlain as error:
        raise CatalogError(str(error)) from None
    if not isinstance(raw, dict):
        raise CatalogError(f"{place}: expected a mapping with catalog, entities, fields, windows")
    raw = _with_single_names_as_lists(raw)
    if "extends" in raw:
        raw = _extended(raw, place)
    faults = list(find_faults(raw, CatalogFile))
    if faults:
        raise CatalogError(f"{place}: " + "; ".join(map(str, faults)))
    return msgspec.convert(raw, CatalogFile)


def _with_single_names_as_lists(raw: dict[str, Any]) -> dict[str, Any]:
    """Let `of: amount_minor`, `over: 7d` and `buyer: buyer.id` stand for lists of one."""
    rewritten = dict(raw)
    if isinstance(raw.get("entities"), dict):
        rewritten["entities"] = {name: _listed(key) for name, key in raw["entities"].items()}
    if isinstance(raw.get("families"), dict):
        rewritten["families"] = {name: _listed(key) for name, key in raw["families"].items()}
    for section in ("windows", "links"):
        if isinstance(raw.get(section), list):
            rewritten[section] = list(map(_listed_entry, raw[section]))
    return {key: value for key, value in rewritten.items() if value is not None}


_LISTS = ("of", "over", "through", "without")


def _listed_entry(entry: object) -> object:
    if not isinstance(entry, dict):
        return entry
    lists = {key: _listed(entry[key]) for key in _LISTS if key in entry}
    return {**entry, **lists}


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _extended(raw: dict[str, Any], place: str) -> dict[str, Any]:
    if raw["extends"] != _SHIPPED:
        hint = suggest(str(raw["extends"]), [_SHIPPED])
        raise CatalogError(f"{place}: extends: the only catalog to extend is {_SHIPPED!r}.{hint}")
    own = {key: value for key, value in raw.items() if key != "extends"}
    shipped_text = Path(__file__).with_name("catalog.yaml").read_text(encoding="utf-8")
    base = _with_single_names_as_lists(yaml.safe_load(shipped_text))
    for key, value in own.items():
        if isinstance(value, dict):
            base[key] = {**base.get(key, {}), **value}
        elif isinstance(value, list):
            base[key] = [*base.get(key, []), *value]
        else:
            base[key] = value
    return base
