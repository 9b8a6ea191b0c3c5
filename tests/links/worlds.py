"""Small random worlds of linked orders: ties, late, dated ahead, corrected, missing keys."""

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl
from hypothesis import strategies as st

from features.catalog import Catalog, parse_catalog
from features.links.columnar import build_links
from features.links.live import LiveLinks
from features.links.rescan import rescan_link
from features.times import from_us
from features.windows import OrderEvent, make_past

CATALOG_TEXT = """
catalog: links
entities:
  buyer: buyer.id
  device: device.id
  card: buyer.card.hash
  place: [receiver.province, receiver.city]
  merchant: merchant_id
links:
  - {entity: buyer, measure: reach, through: [device, card, place], over: [3s, 10s]}
  - entity: buyer
    measure: reach
    through: [device, card]
    over: [3s, 10s]
    newest: 1
    name: one_{window}
  - entity: buyer
    measure: reach
    through: device
    over: [5s, 10s]
    newest: 2
    budget: 1
    name: tight_{window}
  - entity: place
    measure: reach
    through: [buyer, device]
    over: [2s, 10s]
    newest: 3
    budget: 2
  - entity: merchant
    measure: near
    of: payout.payee.account.hash
    keys: payout.payee.account.near
    over: [3s, 10s]
  - entity: buyer
    measure: near
    of: [buyer.card.hash, device.id]
    keys: payout.payee.account.near
    over: 10s
"""

HALF_SECOND_US = 500_000
HALF_DAY_US = 43_200_000_000
KEY_LIST = "payout.payee.account.near"
INSTANTS = ("placed_at", "as_of")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """Facts of the rows in the order in which they arrived; instants are microseconds."""

    rows: tuple[Row, ...]

    def events(self) -> list[OrderEvent]:
        return [OrderEvent(r["order_id"], r["placed_at"], r["as_of"], r) for r in self.rows]

    def facts(self, names: frozenset[str]) -> pl.DataFrame:
        schema = dict.fromkeys(sorted(names | {"order_id"}), pl.String)
        return pl.DataFrame([{n: r.get(n) for n in schema} for r in self.rows], schema=schema)

    def orders(self) -> pl.DataFrame:
        return pl.DataFrame([{n: from_us(r[n]) for n in INSTANTS} for r in self.rows])


def linked() -> Catalog:
    return parse_catalog(CATALOG_TEXT)


def linked_by_days() -> Catalog:
    """The same links over as many days, which are long enough for events to be freed."""
    return parse_catalog(re.sub(r"(\d+)s\b", r"\1d", CATALOG_TEXT))


def by_rescan(world: World, catalog: Catalog) -> list[Row]:
    past = make_past(world.events(), [], [])
    return [
        {f.name: rescan_link(f, row, row["as_of"], past) for f in catalog.links}
        for row in world.rows
    ]


def by_columns(world: World, catalog: Catalog) -> list[Row]:
    table = build_links(catalog.links, world.facts(catalog.fact_names), world.orders())
    return pl.DataFrame([table[f.name] for f in catalog.links]).to_dicts()


def by_live(world: World, catalog: Catalog, *, patient: bool, sweep: bool) -> list[Row]:
    """Replay in order of arrival; `patient`: at one instant all are read before any is applied."""
    links = LiveLinks(catalog.links)
    built: list[Row] = []
    for instant, group in groupby(world.rows, key=lambda row: row["as_of"]):
        members = list(group)
        for batch in [members] if patient else [[row] for row in members]:
            for row in batch:
                read: Row = {}
                links.read(row, instant, read)
                built.append({f.name: read.get(f.name) for f in catalog.links})
            for row in batch:
                links.apply_order(row, row["placed_at"], instant)
        if sweep:
            links.sweep(instant)
    return built


@st.composite
def _row(draw: st.DrawFn, ids: list[str], step_us: int) -> Row:
    as_of = draw(st.integers(0, 24)) * step_us
    lateness = draw(st.sampled_from([0, 0, 0, 0, 1, 2, 9, 30, -1, -4])) * step_us
    row = {
        "order_id": draw(st.sampled_from(ids)),
        "merchant_id": draw(st.sampled_from(["M", "M", "M", "N"])),
        "placed_at": as_of - lateness,
        "as_of": as_of,
        "buyer.id": draw(st.sampled_from(["b1", "b1", "b2", "b3", "b4", None])),
        "device.id": draw(st.sampled_from(["d1", "d1", "d2", "d3", None])),
        "buyer.card.hash": draw(st.sampled_from(["c1", "c2", "c3", None, None])),
        "receiver.province": draw(st.sampled_from(["p1", "p1", None])),
        "receiver.city": draw(st.sampled_from(["x", "y"])),
        "payout.payee.account.hash": draw(st.sampled_from(["A", "A", "B", "C", "D", None])),
        KEY_LIST: draw(st.sampled_from(["k1 k2", "k2 k3", "k3", "k3 k3", None])),
    }
    return {name: value for name, value in row.items() if value is not None}


@st.composite
def worlds(draw: st.DrawFn, step_us: int = HALF_SECOND_US) -> World:
    size = draw(st.integers(1, 18))
    ids = [f"o{number}" for number in range(size)]
    rows = [draw(_row(ids, step_us)) for _ in range(size)]
    return World(tuple(sorted(rows, key=lambda row: row["as_of"])))
