"""Measures the rule engines side by side, and verdicts over a whole history.

Run as `python -m bench.rules [--json]`, or `preflight bench rules`. Engines that are not installed
are named as left out: `pip install zen-engine rule-engine common-expression-language
business-rules` somewhere on PYTHONPATH brings them. Ratios hold between machines.
"""

import sys

from training.bench.cli import app


def main() -> None:
    """Do what `preflight bench rules` does."""
    app(["rules", *sys.argv[1:]])


if __name__ == "__main__":
    main()
