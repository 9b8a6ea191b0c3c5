"""Two runs over the same orders, held to each other order by order: with the advice and without."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from training.simulate.load.course import Played
from training.simulate.load.estimate import Estimate, in_all, per_1000
from training.simulate.load.worth import accepted_minor, refused_minor

_Pair = tuple[Played, Played]
"""One order when the advice was ignored, and when it was obeyed."""


class Lost(Struct, frozen=True, kw_only=True):
    """What one advice cost: sales that were made when it was ignored, and not when obeyed."""

    orders: int
    minor: int
    for_nothing: int
    """Of the orders: nothing was wrong with them, and the history's channel took them."""


class Contrast(Struct, frozen=True, kw_only=True):
    """Two runs over the same orders, with and without obeying. The same luck reigns in both."""

    orders: int
    refused_ignoring: int
    refused_obeying: int
    avoided: int
    """Refused when the advice was ignored, not refused when it was obeyed."""
    avoided_and_sold: int
    """Of these: accepted instead."""
    avoided_by: dict[str, int]
    """Of the avoided: stopped, reviewed (as far as reviews go, an assumption), rerouted, waited,
    fixed, or sent as they were."""
    sold_by: dict[str, int]
    """Not accepted when the advice was ignored, accepted when it was obeyed, by the same."""
    new_refusals: int
    """The reverse: refused only when the advice was obeyed."""
    sales_lost: int
    """Accepted when ignoring, stopped or held when obeying."""
    sales_lost_minor: int
    lost_by: dict[str, Lost]
    """Accepted when ignoring, not when obeying, by the reason that the advice gave; an order with
    several counts under each. `expected costs` is the model's; `sent` was sent all the same."""
    accepted_money_change: Estimate
    """Minor units in all, obeying less ignoring, of the same orders."""
    refused_money_change: Estimate
    avoided_per_1000: Estimate
    sales_lost_per_1000: Estimate


def contrast_of(
    ignoring: Mapping[str, Played], obeying: Mapping[str, Played], seed: int
) -> Contrast:
    """Compare two runs, order by order."""
    pairs = [(ignoring[order_id], obeying[order_id]) for order_id in ignoring]
    avoided = [after for before, after in pairs if before.is_refused and not after.is_refused]
    lost = [after for before, after in pairs if before.is_accepted and after.held is not None]
    new = [after for before, after in pairs if after.is_refused and not before.is_refused]
    net = {one.order_id: 1.0 for one in avoided} | {one.order_id: -1.0 for one in new}
    lost_ids = {one.order_id for one in lost}
    after = [one for _, one in pairs]
    sold = [after for before, after in pairs if after.is_accepted and not before.is_accepted]
    return Contrast(
        orders=len(pairs),
        refused_ignoring=sum(one.is_refused for one, _ in pairs),
        refused_obeying=sum(one.is_refused for one in after),
        avoided=len(avoided),
        avoided_and_sold=sum(one.is_accepted for one in avoided),
        avoided_by=_counted(_how(one) for one in avoided),
        sold_by=_counted(_how(one) for one in sold),
        new_refusals=len(new),
        sales_lost=len(lost),
        sales_lost_minor=sum(one.amount_minor for one in lost),
        lost_by=_lost_by(pairs),
        accepted_money_change=in_all(
            after, seed, lambda one: accepted_minor(one) - accepted_minor(ignoring[one.order_id])
        ),
        refused_money_change=in_all(
            after, seed, lambda one: refused_minor(one) - refused_minor(ignoring[one.order_id])
        ),
        avoided_per_1000=per_1000(after, seed, lambda one: net.get(one.order_id, 0.0)),
        sales_lost_per_1000=per_1000(after, seed, lambda one: one.order_id in lost_ids),
    )


def _lost_by(pairs: Sequence[_Pair]) -> dict[str, Lost]:
    """Put each lost sale under the reasons for which it was lost, the most money first."""
    lost: defaultdict[str, list[_Pair]] = defaultdict(list)
    for before, after in pairs:
        if before.is_accepted and not after.is_accepted:
            for reason in _reasons_of(after):
                lost[reason].append((before, after))
    summed = {
        reason: Lost(
            orders=len(those),
            minor=sum(accepted_minor(before) for before, _ in those),
            for_nothing=sum(before.fate.is_clean for before, _ in those),
        )
        for reason, those in lost.items()
    }
    return dict(sorted(summed.items(), key=lambda one: (-one[1].minor, one[0])))


def _reasons_of(one: Played) -> tuple[str, ...]:
    if one.held is None:
        return (_how(one),)
    return tuple(f"{one.held.value}: {code}" for code in one.because or ("no reason",))


def _how(one: Played) -> str:
    if one.held is not None:
        return one.held.value
    if one.rerouted_from is not None:
        return "rerouted"
    if one.waits:
        return "waited"
    return "fixed" if one.is_fixed else "sent"


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())
