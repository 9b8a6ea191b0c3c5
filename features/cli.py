"""The commands `preflight features …` and `preflight parity`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from features.errors import PreflightError
from features.progress import progress_bar

app = typer.Typer(help="List, explain and build the features.", no_args_is_help=True)

CatalogFile = Annotated[
    Path | None, typer.Option("--catalog", help="A catalog of your own instead of the shipped one.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
DIFFERENCES_SHOWN = 20


@app.callback()
def features() -> None:
    """List, explain and build the features."""


@app.command(name="list")
def list_features(catalog: CatalogFile = None, as_json: AsJson = False) -> None:
    """List every feature of the catalog with its kind."""
    from features.catalog import load_catalog

    loaded = load_catalog(catalog)
    if as_json:
        _print_json(
            {
                "catalog": loaded.name,
                "schema_hash": loaded.schema_hash,
                "features": {name: str(kind) for name, kind in loaded.kinds.items()},
            }
        )
        return
    for name, kind in loaded.kinds.items():
        print(f"{name:<40} {kind}")
    print(f"{len(loaded.names)} features, schema {loaded.schema_hash}")


@app.command()
def explain(name: str, catalog: CatalogFile = None, as_json: AsJson = False) -> None:
    """Say what one feature is: its source, window, unit, and when it is missing."""
    from features.catalog import load_catalog
    from features.explained import explained

    loaded = load_catalog(catalog)
    loaded.kind_of(name)
    described = explained(loaded, name)
    if as_json:
        _print_json(described)
        return
    for key, value in described.items():
        print(f"{key:<10} {value}")


@app.command()
def docs(
    out: Annotated[Path, typer.Option(help="Folder for the pages.")],
    catalog: CatalogFile = None,
    as_json: AsJson = False,
) -> None:
    """Write the catalog down: one Markdown page for each family of features."""
    from features.catalog import load_catalog
    from features.catalog_docs import catalog_pages

    pages = catalog_pages(load_catalog(catalog))
    out.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (out / name).write_text(text, encoding="utf-8")
    if as_json:
        _print_json({"folder": str(out), "pages": sorted(pages)})
        return
    print(f"{len(pages)} pages in {out}")


@app.command()
def fields(
    markdown: Annotated[bool, typer.Option(help="Print the table of docs/orders.md.")] = False,
    as_json: AsJson = False,
) -> None:
    """List every field of the canonical order with the form that is expected there."""
    from features.leaves import expected, order_leaves

    forms = {path: expected(leaf) for path, leaf in order_leaves().items()}
    if as_json:
        _print_json(forms)
        return
    for path, form in forms.items():
        print(
            f"| `{path}` | {form.replace('|', chr(92) + '|')} |"
            if markdown
            else f"{path:<36} {form}"
        )


@app.command()
def build(
    history: Annotated[Path, typer.Option(help="Folder of the history.")],
    out: Annotated[Path, typer.Option(help="Parquet file to write.")],
    catalog: CatalogFile = None,
    memory: Annotated[
        str | None,
        typer.Option(help="How much to use, such as 2GB; half of the machine's unless told."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Build every feature of a history, point in time, into one Parquet file.

    A history that needs more memory than this is built piece by piece on disk.
    """
    from features.streaming.file import build_file
    from features.streaming.plan import parse_memory

    limit = None if memory is None else parse_memory(memory)
    with progress_bar("features") as progress:
        built = build_file(history, out, catalog=catalog, memory=limit, progress=progress)
    names = built.catalog.names
    summary = {
        "rows": built.rows,
        "features": len(names),
        "schema": built.catalog.schema_hash,
        "streamed": built.streamed,
        "spilled_bytes": built.spilled_bytes,
    }
    if as_json:
        _print_json(summary)
        return
    print(f"{built.rows:,} orders × {len(names)} features in {out}")


@app.command()
def parity(
    history: Annotated[Path | None, typer.Option(help="Folder of the history.")] = None,
    ledger: Annotated[
        str | None, typer.Option(help="Instead, a service's ledger: its URL or SQLite file.")
    ] = None,
    catalog: CatalogFile = None,
    orders: Annotated[int | None, typer.Option(min=1, help="Compare only so many orders.")] = None,
    skip: Annotated[
        int, typer.Option(min=0, help="Replay so many first, without comparing them.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Replay a history, or a ledger, through the live path and compare every feature.

    With --history the values are held to the columns, with --ledger to what the service said
    when it decided. Exit status 1 when any value differs.
    """
    if ledger is not None:
        from features.cli_ledger_parity import ledger_parity

        raise typer.Exit(ledger_parity(ledger, catalog, as_json=as_json))
    if history is None:
        raise PreflightError("what shall be replayed? Name --history DIR or --ledger URL")
    from features.catalog import load_catalog
    from features.columnar_facts import attribute_kinds
    from features.history import read_history
    from features.parity import check_parity

    read = read_history(history)
    loaded = load_catalog(catalog, attribute_kinds(read.orders))
    with progress_bar("parity") as progress:
        report = check_parity(read, loaded, orders=orders, skip=skip, progress=progress)
    shown = report.differences[:DIFFERENCES_SHOWN]
    if as_json:
        _print_json(
            {
                "orders": report.orders,
                "values": report.values,
                "differing": len(report.differences),
                "examples": [
                    {
                        "order_id": d.order_id,
                        "feature": d.feature,
                        "live": d.live,
                        "columnar": d.columnar,
                    }
                    for d in shown
                ],
            }
        )
    else:
        print(
            f"{report.orders:,} orders, {report.values:,} values compared: "
            f"{len(report.differences)} differ"
        )
        for one in shown:
            print(f"  {one.order_id} {one.feature}: live {one.live}, columnar {one.columnar}")
    if report.differences:
        raise typer.Exit(1)


def _print_json(value: dict[str, Any]) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
