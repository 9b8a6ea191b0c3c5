"""The two pages that a person opens; they load nothing from anywhere else."""

from pathlib import Path

_FOLDER = Path(__file__).parent
LANDING_PAGE = _FOLDER / "landing.html"
DOCS_PAGE = _FOLDER / "docs.html"
