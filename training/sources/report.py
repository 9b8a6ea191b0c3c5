"""What an import did, in numbers and in words."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts of one import: read = orders + rejected + skipped, where read is every data row.

    `by_reason` counts reasons, so a row with two is in it twice; `unmapped_outcomes` counts the
    raw values that `classes` does not name.
    """

    out: str
    read: int
    orders: int
    rejected: int
    skipped: int
    outcomes: int
    unmapped_outcomes: Mapping[str, int]
    by_reason: Mapping[str, int]
    item_lines: int
    unmatched_item_lines: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Lay it out for JSON."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """Say it in words."""
        yield (
            f"{self.read:,} rows read in {self.seconds:.1f} s: {self.orders:,} orders"
            + (f", {self.rejected:,} rejected" if self.rejected else ", none rejected")
            + (f", {self.skipped:,} skipped" if self.skipped else "")
        )
        yield f"{self.outcomes:,} outcomes"
        if self.item_lines:
            yield (
                f"{self.item_lines:,} item lines, {self.unmatched_item_lines:,} of them without "
                "an order"
            )
        yield from _listed("rejected, by reason", self.by_reason)
        yield from _listed("outcomes with no class in the mapping", self.unmapped_outcomes)
        if self.rejected:
            yield f"every rejected row with its reasons: {self.out}/rejects.parquet"
        yield f"history: {self.out}"


def _listed(title: str, counts: Mapping[str, int]) -> Iterator[str]:
    if not counts:
        return
    yield f"{title}:"
    for name, count in list(counts.items())[:_MOST_SHOWN]:
        yield f"  {count:>10,}  {name}"
    if len(counts) > _MOST_SHOWN:
        yield f"  and {len(counts) - _MOST_SHOWN} more"
