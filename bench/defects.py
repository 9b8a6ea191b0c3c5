"""Measures what a diagnosis says of seeded defects, and of clean orders.

    python -m bench.defects [--json] [--defects 500] [--clean 10000] [--seed 1]

DATA names the folder of measuring sets; without BNP's there, its part is left out and said so.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from time import thread_time
from typing import Any

import msgspec

from bench.clean_orders import Seen, bnp_baskets, bnp_folder, dressed, simulated
from bench.judgement import Row, judge
from bench.mutations import seed_defects, with_full_record
from features.mismatch.diagnosis import diagnose
from features.mismatch.findings import Diagnosis
from features.order import Order
from features.progress import Progress, progress_bar

_ROUNDS = 40
_TIMED = 100


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything measured."""

    defects: list[Row]
    clean: dict[str, int]
    """Clean orders by how they were looked at."""
    alarms: dict[str, int]
    """Of these, how many had a finding."""
    micros: dict[str, float]
    left_out: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when a defect was missed or a clean order raised an alarm."""
    parser = argparse.ArgumentParser(prog="python -m bench.defects")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--defects", type=int, default=500)
    parser.add_argument("--clean", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    with progress_bar("defects") as progress:
        report = measure(asked.defects, asked.clean, asked.seed, progress)
    if asked.json:
        print(msgspec.json.encode(report).decode())
    else:
        _print(report)
    return 0 if is_exact(report) else 1


def measure(defects: int, clean: int, seed: int, progress: Progress) -> Report:
    """Measure on simulated orders, and on BNP's baskets where they are."""
    progress(0, 4, "simulating clean orders")
    orders = simulated(clean, seed)
    progress(1, 4, "simulated orders")
    rows = judge("simulated", seed_defects(bare(orders), defects, seed))
    progress(2, 4, "clean orders")
    looks = looks_at(orders)
    left_out, folder = [], bnp_folder()
    if folder is None:
        left_out.append("BNP's baskets: DATA names no folder that holds bnp/baskets.csv.gz")
    else:
        progress(3, 4, "BNP's baskets")
        baskets = bnp_baskets(folder)
        rows += judge("BNP", seed_defects(bare(dressed(baskets)), defects, seed))
        looks |= {f"BNP, {how}": look for how, look in looks_at(baskets).items()}
    return Report(
        defects=rows,
        clean={how: len(look) for how, look in looks.items()},
        alarms={how: sum(bool(one.findings) for one in look) for how, look in looks.items()},
        micros=speed(bare(orders)),
        left_out=left_out,
    )


def is_exact(report: Report) -> bool:
    """Tell whether every defect was named and no clean order raised an alarm."""
    return not any(report.alarms.values()) and all(
        row.count == row.exact_with_record == row.exact_residue == row.listed_without_record
        and not row.fewer_than_fit
        for row in report.defects
    )


def looks_at(orders: Sequence[Seen]) -> dict[str, list[Diagnosis]]:
    """Diagnose clean orders as they are, with a full record, and without any."""
    return {
        "as they came": [diagnose(seen.order, seen.as_of_us) for seen in orders],
        "with a full record": [
            diagnose(with_full_record(seen.order, seen.order), seen.as_of_us) for seen in orders
        ],
        "without a record": [
            diagnose(order, seen.as_of_us) for order, seen in zip(bare(orders), orders, strict=True)
        ],
    }


def bare(orders: Iterable[Seen]) -> list[Order]:
    """Take the records off."""
    return [msgspec.structs.replace(seen.order, record=None) for seen in orders]


def speed(orders: Sequence[Order]) -> dict[str, float]:
    """Time a diagnosis of orders of three lines: clean, and with a wrong price, in µs."""
    three = [order for order in orders if len(order.items) == 3][:_TIMED]
    clean = [with_full_record(order, order) for order in three]
    wrong = [_dearer(order) for order in three]
    recorded = [with_full_record(sent, right) for sent, right in zip(wrong, three, strict=True)]
    return {
        "clean, with a full record": _micros(diagnose, clean),
        "wrong price, with a full record": _micros(diagnose, recorded),
        "wrong price, without a record": _micros(diagnose, wrong),
    }


def _dearer(order: Order) -> Order:
    first, *rest = order.items
    dearer = msgspec.structs.replace(first, unit_price_minor=first.unit_price_minor + 700)
    return msgspec.structs.replace(order, items=(dearer, *rest))


def _micros(work: Callable[[Order], Any], orders: Sequence[Order]) -> float:
    """Time the best of some rounds in this thread: what else runs only ever adds."""
    rounds = [_round(work, orders) for _ in range(_ROUNDS)]
    return round(min(rounds) / len(orders) * 1e6, 1)


def _round(work: Callable[[Order], Any], orders: Sequence[Order]) -> float:
    started = thread_time()
    for order in orders:
        work(order)
    return thread_time() - started


def _print(report: Report) -> None:
    print(f"{'orders':<11}{'defect':<19}{'n':>5}{'with record':>13}{'residue':>9}", end="")
    print(f"{'listed':>8}{'first':>7}{'candidates':>12}{'unnamed':>9}")
    for row in report.defects:
        print(f"{row.orders:<11}{row.defect:<19}{row.count:>5}", end="")
        print(f"{row.exact_with_record:>13}{row.exact_residue:>9}", end="")
        print(f"{row.listed_without_record:>8}{row.first_without_record:>7}", end="")
        print(f"{row.mean_candidates:>12.1f}{row.fewer_than_fit:>9}")
    for how, count in report.clean.items():
        print(f"clean orders {how:<30}{count:>7}, with a finding {report.alarms[how]:>5}")
    for what, micros in report.micros.items():
        print(f"diagnosis of three lines, {what:<34}{micros:>7.1f} µs")
    for what in report.left_out:
        print(f"left out: {what}")


if __name__ == "__main__":
    sys.exit(main())
