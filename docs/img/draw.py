"""Draws docs/img/run.svg: the three example orders as a running service really answers them.

Start `make run`, then `make picture` beside it.
"""

import os
import re
from html import unescape
from io import StringIO
from pathlib import Path

import httpx
import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import MONOKAI

from features.times import now_us
from serving.answers import ScoreAnswer
from serving.demo import EXAMPLE_ORDERS, Example, example_bodies
from serving.printing import answer_panel

TARGET = Path(__file__).with_name("run.svg")
WIDTH = 100
TEXT = re.compile(r'textLength="[\d.]+"([^>]*)>([^<]*)<')
CELL = 12.2
"""Width of one cell in rich's picture."""

FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""rich names a web font; a picture in a repository loads nothing from elsewhere."""


def main() -> None:
    """Ask the service, and write its answers as a picture."""
    port = os.environ.get("PREFLIGHT_PORT", "8000")
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as service:
        for example in EXAMPLE_ORDERS:
            console.print(answer_panel(ask(service, example), example.title))
    svg = console.export_svg(title="make run", theme=MONOKAI)
    TARGET.write_text(TEXT.sub(widened, FONT_FACE.sub("", svg)), encoding="utf-8")


def widened(text: re.Match[str]) -> str:
    """Give a text the width of its cells: rich counts signs, but a Chinese sign takes two."""
    width = cell_len(unescape(text[2])) * CELL
    return f'textLength="{width:.1f}"{text[1]}>{text[2]}<'


def ask(service: httpx.Client, example: Example) -> ScoreAnswer:
    """Score an example, its burst first; the last answer is that of the order itself."""
    answers = [
        service.post("/v1/score", content=body).raise_for_status().content
        for body in example_bodies(example, now_us())
    ]
    return msgspec.json.decode(answers[-1], type=ScoreAnswer)


if __name__ == "__main__":
    main()
