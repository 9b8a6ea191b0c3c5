"""Several mistakes at once: one way out of each, put together, the likeliest together first."""

from collections.abc import Iterator, Sequence
from itertools import islice, product

from rules.decision import Fix, Text
from rules.repairs.part import Part, Scene, Slot
from rules.repairs.patching import changes_what_buyer_pays, patch_of

_MOST_ALTERNATIVES = 6
"""Of one mistake; further ones are too unlikely to be tried."""
_MOST_SLOTS = 4
_MOST_TRIES = 24


def combinations(needed: Sequence[Slot], also: Sequence[Slot]) -> Iterator[tuple[Part, ...]]:
    """Yield what to try, the likeliest first: every mistake put right, then some of them.

    `also` are mistakes that hold nothing up: put right along with the rest where that is certain.
    """
    slots = [slot[:_MOST_ALTERNATIVES] for slot in needed[:_MOST_SLOTS]]
    more = [slot[0] for slot in also if len(slot) == 1 and slot[0].certain]
    yield from _distinct(slots, more)
    fewer = _fewer(slots, is_whole=not more)
    yield from islice(fewer, _MOST_TRIES)


def fix_of(scene: Scene, parts: Sequence[Part]) -> Fix:
    """Write parts as one repair: one patch, all equations, all texts."""
    changes = [change for part in parts for change in part.changes]
    patch = patch_of(scene.order, changes)
    texts = list(dict.fromkeys(part.text for part in parts))
    return Fix(
        repair="+".join(dict.fromkeys(part.repair for part in parts)),
        patch=patch,
        equation="; ".join(part.proof for part in parts),
        text=Text(zh="".join(t.zh for t in texts), en=" ".join(t.en for t in texts)),
        changes_what_buyer_pays=changes_what_buyer_pays(patch),
        certain=all(part.certain for part in parts),
    )


def _distinct(slots: Sequence[Slot], more: Sequence[Part]) -> Iterator[tuple[Part, ...]]:
    """Choose one of each slot, by the sum of their ranks; no field twice."""
    ranked = sorted(product(*map(enumerate, slots)), key=_rank)
    chosen = ((*(part for _, part in choice), *more) for choice in ranked)
    yield from islice((parts for parts in chosen if parts and _apart(parts)), _MOST_TRIES)


def _fewer(slots: Sequence[Slot], *, is_whole: bool) -> Iterator[tuple[Part, ...]]:
    """Leave some mistakes as they are: first what holds nothing up, then any one, then more."""
    if not is_whole:
        yield from _distinct(slots, ())
    for number in range(len(slots)):
        if len(slots) > 1:
            yield from _distinct([*slots[:number], *slots[number + 1 :]], ())
    if len(slots) > 2:
        for slot in slots:
            yield from _distinct([slot], ())


def _rank(choice: tuple[tuple[int, Part], ...]) -> int:
    return sum(rank for rank, _ in choice)


def _apart(parts: Sequence[Part]) -> bool:
    pointers = [pointer for part in parts for pointer in part.pointers]
    return len(pointers) == len(set(pointers))
