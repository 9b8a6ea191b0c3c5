"""Turns one line of a catalog's `links` into features, one for each width."""

from collections.abc import Callable, Iterator, Mapping

from features.catalog_file import LinkEntry
from features.errors import CatalogError, suggest
from features.feature import Entity, LinkFeature, LinkMeasure
from features.kinds import Kind
from features.leaves import LeafKind, order_leaves
from features.times import parse_duration_us

NEWEST = 16
"""How many of the newest orders of an entity, and of each linking value, `reach` follows."""
BUDGET = 64
"""Where `reach` stops counting, unless told."""
MOST_NEWEST = 32
"""Each read follows up to `newest` × `newest` orders for each linking entity: so a bound."""
MOST_THROUGH = 8
KEY_LISTS = tuple(p for p, leaf in order_leaves().items() if leaf.kind is LeafKind.WORDS)
"""The facts that are lists of keys; two accounts that share one are near each other."""


def link_features(
    entry: LinkEntry,
    entities: Mapping[str, Entity],
    kind_of: Callable[[str, str], Kind],
    place: str,
) -> Iterator[LinkFeature]:
    """Give the features of an entry; `kind_of` gives the kind of a fact for an entry.

    Raises CatalogError that names what is wrong with the entry, and the way out.
    """
    checks = _Entry(entry, entities, place)
    measure = checks.measure()
    owner = checks.entity(entry.entity)
    if measure is LinkMeasure.REACH:
        checks.reach()
    else:
        checks.near()
    for name in entry.of:
        kind_of(name, checks.where)
    is_reach = measure is LinkMeasure.REACH
    for width in entry.over:
        yield LinkFeature(
            name=_name(entry, width),
            entity=owner,
            measure=measure,
            width_us=checks.width_us(width),
            through=tuple(map(checks.entity, entry.through)),
            newest=(entry.newest or NEWEST) if is_reach else 0,
            budget=(entry.budget or BUDGET) if is_reach else 0,
            of=entry.of,
            keys=entry.keys or "",
        )


class _Entry:
    """The checks of one entry."""

    def __init__(self, entry: LinkEntry, entities: Mapping[str, Entity], place: str) -> None:
        self._entry = entry
        self._entities = entities
        self._place = place
        self.where = f"links ({entry.entity} {entry.measure})"

    def error(self, text: str) -> CatalogError:
        return CatalogError(f"{self._place}: {self.where}: {text}")

    def measure(self) -> LinkMeasure:
        try:
            return LinkMeasure(self._entry.measure)
        except ValueError:
            raise self.error(f"measure is one of {', '.join(LinkMeasure)}") from None

    def entity(self, name: str) -> Entity:
        if name not in self._entities:
            hint = suggest(name, self._entities)
            raise self.error(f"no entity is named {name!r}.{hint}")
        return self._entities[name]

    def width_us(self, width: str) -> int:
        try:
            return parse_duration_us(width)
        except ValueError as error:
            raise self.error(str(error)) from None

    def reach(self) -> None:
        entry = self._entry
        if entry.of or entry.keys is not None:
            raise self.error("reach takes no `of` and no `keys`; it links by `through`")
        if not 1 <= len(entry.through) <= MOST_THROUGH:
            raise self.error(
                f"`through` names {len(entry.through)} linking entities; "
                f"write 1 to {MOST_THROUGH}, such as [device, card]"
            )
        if len(set(entry.through)) < len(entry.through) or entry.entity in entry.through:
            raise self.error(
                f"`through` names {entry.entity!r} itself, or one entity twice; "
                "write each other linking entity once"
            )
        if entry.newest is not None and not 1 <= entry.newest <= MOST_NEWEST:
            raise self.error(f"`newest` is {entry.newest}; write 1 to {MOST_NEWEST}")
        if entry.budget is not None and entry.budget < 1:
            raise self.error(f"`budget` is {entry.budget}; write 1 or more")

    def near(self) -> None:
        entry = self._entry
        if entry.through or entry.newest is not None or entry.budget is not None:
            raise self.error("near takes no `through`, no `newest` and no `budget`")
        if not entry.of:
            raise self.error("`of` must name what is counted, such as payout.payee.account.hash")
        if entry.keys not in KEY_LISTS:
            hint = suggest(entry.keys or "", KEY_LISTS)
            raise self.error(
                f"`keys` is {entry.keys!r}; write a fact that is a list of keys: "
                f"{', '.join(KEY_LISTS)}.{hint}"
            )


def _name(entry: LinkEntry, width: str) -> str:
    if entry.name:
        return entry.name.replace("{window}", width)
    leaf = "_".join(name.rpartition(".")[2] for name in entry.of)
    noun = f"near_{leaf}" if leaf else entry.measure
    return f"{entry.entity}_{noun}_{width}"
