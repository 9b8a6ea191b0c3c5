"""The disposable process of the second opinion: it holds durable-rules, answers once, and ends.

What durable-rules does to memory ends with it. One JSON goes in by a file, one comes out.
"""

import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from features.errors import PreflightError
from rules.engines.durable import DurableEngine
from rules.engines.durable_door import SecondOpinionUnavailable
from rules.engines.engine import EngineMaker
from rules.releases.hearing import Docket, Hearing, hear


class Answer(Struct, frozen=True, kw_only=True):
    """What the child found, or why it could not."""

    hearing: Hearing | None = None
    unavailable: str = ""
    """The other engine is not there at all."""
    failed: str = ""
    """It is there and gave no answer to trust."""


def answer(docket: Docket, engine: EngineMaker) -> Answer:
    """Hear a docket by an engine."""
    try:
        return Answer(hearing=hear(docket, engine))
    except SecondOpinionUnavailable as error:
        return Answer(unavailable=str(error))
    except PreflightError as error:
        return Answer(failed=str(error))


def main(engine: EngineMaker = DurableEngine) -> None:
    """Hear the docket in the file that the command line names, and print the answer."""
    docket = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Docket)
    sys.stdout.buffer.write(msgspec.json.encode(answer(docket, engine)) + b"\n")


if __name__ == "__main__":
    main()
