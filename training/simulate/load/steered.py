"""Runs a Preflight command under a simulated clock: `python -m … CLOCK_FILE serve`.

A history of weeks is played in minutes, and a service that reads this machine's clock would see
every order in one burst. The product has no setting for another clock, on purpose; this runner
puts one in its place before anything else is imported.
"""

import runpy
import sys
from pathlib import Path

from features import times
from training.simulate.load.clock_file import MappedClock


def main() -> None:
    """Put the clock in place, then be `preflight` with the remaining arguments."""
    clock = MappedClock(Path(sys.argv[1]))
    vars(times)["now_us"] = clock.now_us
    sys.argv = ["preflight", *sys.argv[2:]]
    runpy.run_module("preflight", run_name="__main__")


if __name__ == "__main__":
    main()
