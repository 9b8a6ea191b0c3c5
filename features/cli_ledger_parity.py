"""The command `preflight parity --ledger URL`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from features.catalog import load_catalog
from features.errors import PreflightError
from features.ledger import sqlite_url
from features.ledger_parity import LedgerParity, check_ledger
from features.progress import progress_bar

_SHOWN = 20


def ledger_parity(ledger: str, catalog: Path | None, *, as_json: bool) -> int:
    """Compare a ledger with its replay, and print it; gives the exit status, 1 if any differs.

    `ledger` is a database URL, or the path of an SQLite file.
    """
    url = ledger if "://" in ledger else _url_of_file(Path(ledger))
    loaded = load_catalog(catalog)
    with progress_bar("parity") as progress:
        parity = check_ledger(url, loaded, progress)
    if as_json:
        _print_json(parity)
    else:
        _print(parity)
    return 1 if parity.differences else 0


def _url_of_file(file: Path) -> str:
    if not file.is_file():
        raise PreflightError(f"{file} is no file; name the ledger's SQLite file or its URL")
    return sqlite_url(file)


def _print_json(parity: LedgerParity) -> None:
    shown = [asdict(difference) for difference in parity.differences[:_SHOWN]]
    figures = {
        "decisions": parity.decisions,
        "values": parity.values,
        "of_another_catalog": parity.of_another_catalog,
        "without_state": parity.without_state,
        "differing": len(parity.differences),
        "examples": shown,
    }
    json.dump(figures, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def _print(parity: LedgerParity) -> None:
    print(
        f"{parity.decisions:,} decisions, {parity.values:,} values compared: "
        f"{len(parity.differences)} differ"
    )
    if parity.of_another_catalog or parity.without_state:
        print(
            f"not compared: {parity.of_another_catalog} made with another catalog, "
            f"{parity.without_state} made without state"
        )
    for one in parity.differences[:_SHOWN]:
        where = f"{one.decision_id} (order {one.order_id}) {one.feature}"
        print(f"  {where}: recorded {one.recorded}, replayed {one.replayed}")
