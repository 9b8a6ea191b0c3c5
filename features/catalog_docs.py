"""Writes a catalog down for people: one page for each family, and a page that leads to them."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from features.catalog import Catalog
from features.explained import explained
from features.families import Family, families_of

_ABOUT: Mapping[Family, str] = {
    Family.ORDER: "What the order itself says.",
    Family.VELOCITY: "How much and how often, by whoever orders, from wherever, with whatever.",
    Family.DISPERSION: "How spread out: over addresses, cities, places, people and devices.",
    Family.MISMATCH: "What does not add up, in the order or against the merchant's own record.",
    Family.PAYEE: "Who is paid out, and to which account.",
    Family.OUTCOMES: "What became of earlier orders; each outcome counts from its arrival.",
    Family.CALENDAR: "When: hour, weekday, declared peaks and cut-offs.",
}
_COLUMNS = ("feature", "is", "of", "window", "unit", "missing when")
_INDEX = "README.md"


def catalog_pages(catalog: Catalog) -> dict[str, str]:
    """Give the Markdown of every page by its file name.

    Raises CatalogError for families that do not fit the catalog.
    """
    families = families_of(catalog)
    pages = {
        f"{family}.md": _page(catalog, family, [n for n in catalog.names if families[n] is family])
        for family in Family
        if family in families.values()
    }
    counts = {family: sum(f is family for f in families.values()) for family in Family}
    return {_INDEX: _index(catalog, counts), **pages}


def _index(catalog: Catalog, counts: Mapping[Family, int]) -> str:
    rows = [
        f"| [{family}]({family}.md) | {counts[family]} | {about} |"
        for family, about in _ABOUT.items()
        if counts[family]
    ]
    return "\n".join(
        [
            f"# Features of the catalog `{catalog.name}`",
            "",
            f"{len(catalog.names)} features, schema `{catalog.schema_hash}`. Made by",
            "`preflight features docs`; [features.md](../features.md) explains time, measures and",
            "how to write a catalog.",
            "",
            "| family | features | about |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _page(catalog: Catalog, family: Family, names: Sequence[str]) -> str:
    rows = [_row(explained(catalog, name)) for name in names]
    merged = [_merged(list(group)) for _, group in groupby(rows, key=lambda row: row[1:3])]
    return "\n".join(
        [
            f"# {str(family).capitalize()}",
            "",
            _ABOUT[family],
            "",
            f"| {' | '.join(_COLUMNS)} |",
            f"|{'---|' * len(_COLUMNS)}",
            *(f"| {' | '.join(row)} |" for row in merged),
            "",
        ]
    )


def _row(said: Mapping[str, str]) -> tuple[str, ...]:
    is_expression = "reads" in said
    return (
        f"`{said['name']}`",
        f"`{said['is']}`" if is_expression else said["is"],
        said.get("entity", ""),
        said.get("window", "").removeprefix("[as_of - ").removesuffix(", as_of)"),
        said.get("unit", said["kind"]),
        said["missing"],
    )


def _merged(rows: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Bring features that differ only in their window into one line."""
    name, is_what, of, window, unit, missing = zip(*rows, strict=True)
    return (", ".join(name), is_what[0], of[0], ", ".join(window), unit[0], missing[0])
