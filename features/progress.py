"""A progress bar for work that takes longer than a moment, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and what is being done."""


def silent(done: int, total: int, what: str) -> None:
    """Show nothing: the progress of work that nobody watches."""


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """Show a bar on standard error while the block runs; off a terminal nothing is shown."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    shown = sys.stderr.isatty()
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task(title, total=None)

        def report(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{title}: {what}")

        yield report
