"""Turns one batch of a user's table into orders, outcomes and rejects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from features.history_schema import AS_OF, INSTANT, SEQUENCE
from features.masking import Masker
from features.times import US_PER_SECOND
from training.sources.checks import check_blocks, check_leaf
from training.sources.fields import FieldReader, all_flaws
from training.sources.line_items import LineItems
from training.sources.mapping import SourceMapping
from training.sources.mapping_targets import LATEST_SEQUENCE
from training.sources.masking import reduce_column
from training.sources.outcome_rows import OutcomeReading, read_outcomes
from training.sources.readings import SECRET, Flaw, Reading, only_found
from training.sources.texts import as_text

_CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class BatchReading:
    """Row-aligned columns of orders, their outcomes, and all that is wrong."""

    columns: Mapping[str, pl.Series]
    outcomes: tuple[OutcomeReading, ...]
    flaws: tuple[Flaw, ...]
    item_keys: pl.Series | None


@dataclass(frozen=True, slots=True)
class BatchReader:
    """Reads batches by one mapping."""

    mapping: SourceMapping
    reader: FieldReader
    masker: Masker
    items: LineItems | None

    def read(self, frame: pl.DataFrame) -> BatchReading:
        """Read all fields of a batch; judge nothing yet that needs other batches."""
        readings = self._order_readings(frame)
        columns = {path: reading.values for path, reading in readings.items()}
        columns = self._reduced(columns)
        columns = self._with_instants(columns)
        item_columns, item_flaws, keys = self._items(frame)
        columns |= item_columns
        outcomes = tuple(
            read_outcomes(rule, self.reader, frame, columns) for rule in self.mapping.outcomes
        )
        flaws = [
            *self.reader.declared_flaws(frame),
            *_hidden(all_flaws(readings.values()), self._secret_paths()),
            *item_flaws,
            *check_blocks(columns),
            *(flaw for outcome in outcomes for flaw in outcome.flaws),
        ]
        return BatchReading(columns, outcomes, only_found(flaws), keys)

    def _order_readings(self, frame: pl.DataFrame) -> Mapping[str, Reading]:
        """Read the currency first: it says how many decimals an amount has."""
        mapping = self.mapping
        first = [rule for rule in mapping.order if rule.path == _CURRENCY]
        rest = [rule for rule in mapping.order if rule.path != _CURRENCY]
        rest = [rule for rule in rest if not rule.origin.items_total]
        ordering = [mapping.ordering] if mapping.ordering else []
        currency = self.reader.read(first, frame)
        others = self.reader.read(
            [*ordering, *rest, *mapping.attributes], frame, currency[_CURRENCY].values
        )
        return {**currency, **others}

    def _secret_paths(self) -> frozenset[str]:
        return frozenset(rule.path for rule in self.mapping.order if rule.reduction is not None)

    def _reduced(self, columns: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
        kept = dict(columns)
        for rule in self.mapping.order:
            if rule.reduction is not None:
                numbers = kept.pop(rule.path)
                kept |= reduce_column(rule.path, rule.reduction, numbers, self.masker)
        return kept

    def _with_instants(self, columns: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
        """Name the instants that are given by other means: an ordering id, or placed_at itself."""
        found = dict(columns)
        if SEQUENCE in columns:
            seconds = columns[SEQUENCE].clip(0, LATEST_SEQUENCE)
            found["placed_at"] = (seconds * US_PER_SECOND).cast(INSTANT)
        return {**found, AS_OF: found.get(AS_OF, found["placed_at"])}

    def _items(
        self, frame: pl.DataFrame
    ) -> tuple[dict[str, pl.Series], tuple[Flaw, ...], pl.Series | None]:
        if self.items is None or self.mapping.items is None:
            return {}, (), None
        rule = self.mapping.items
        keys = as_text(frame[rule.order_key], rule.place)
        items, totals, flaws = self.items.match(keys)
        found = {"items": items}
        for field in self.mapping.order:
            if field.origin.items_total and field.leaf is not None:
                found[field.path] = totals
                flaws = (*flaws, *check_leaf(field.leaf, totals))
        return found, flaws, keys


def _hidden(flaws: Iterator[Flaw], secret: frozenset[str]) -> Iterator[Flaw]:
    """Show nothing of a value that stands at a secret's place."""
    for flaw in flaws:
        if flaw.field in secret and flaw.shown is not None:
            blank = pl.repeat(SECRET, len(flaw.rows), dtype=pl.String, eager=True)
            yield Flaw(flaw.field, flaw.reason, flaw.expected, flaw.rows, blank)
        else:
            yield flaw
