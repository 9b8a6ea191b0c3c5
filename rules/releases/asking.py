"""Asks for a second opinion in a disposable child process."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from rules.releases.child import Answer
from rules.releases.hearing import Docket

DURABLE = (sys.executable, "-m", "rules.releases.child")
"""The command of the child that holds durable-rules."""
MOST_SECONDS = 900

Ask = Callable[[Docket], Answer]
"""Has a docket heard."""


def ask_a_child(docket: Docket, command: tuple[str, ...] = DURABLE) -> Answer:
    """Hear a docket in a process that ends with it; whatever becomes of it, there is an answer."""
    with tempfile.TemporaryDirectory(prefix="preflight-opinion-") as place:
        path = Path(place, "docket.json")
        path.write_bytes(msgspec.json.encode(docket))
        return _answered([*command, str(path)])


def _answered(command: list[str]) -> Answer:
    try:
        ended = subprocess.run(command, capture_output=True, check=False, timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        return Answer(failed=f"it gave no answer in {MOST_SECONDS} s")
    if ended.returncode != 0:
        last = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return Answer(failed=f"its process ended with {ended.returncode}: {''.join(last)}")
    try:
        return msgspec.json.decode(ended.stdout.splitlines()[-1], type=Answer)
    except (IndexError, msgspec.DecodeError, msgspec.ValidationError) as error:
        return Answer(failed=f"its process answered nothing that can be read ({error})")
