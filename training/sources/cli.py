"""`preflight import`: a user's table becomes a canonical history."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Turn a table of yours into a history.")


@app.command(name="import")
def import_command(
    table: Annotated[Path, typer.Argument(help="A CSV (also .gz) or Parquet file of your own.")],
    mapping: Annotated[Path, typer.Option(help="What its columns mean, in YAML.")],
    out: Annotated[Path, typer.Option(help="The history folder to make.")],
    overwrite: Annotated[bool, typer.Option(help="Replace a history that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Import a table of orders by a mapping; what cannot be read is kept with its reasons."""
    from features.masking import Masker, load_or_make_key
    from features.progress import progress_bar
    from training.sources.importer import import_table

    masker = Masker(load_or_make_key(Path(os.environ.get("PREFLIGHT_HOME", ".preflight"))))
    with progress_bar("import") as progress:
        report = import_table(
            table, mapping, out, masker=masker, overwrite=overwrite, progress=progress
        )
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print("\n".join(report.lines()))
