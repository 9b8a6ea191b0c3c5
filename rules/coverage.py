"""What became of each rule of the starter library: the codes that decide it, or why none can."""

from pathlib import Path

from msgspec import Struct

from features.errors import suggest
from rules.book import Book
from rules.entries import Code, Note
from rules.yaml_file import read_yaml

COVERAGE_FILE = Path(__file__).with_name("coverage.yaml")


class Covered(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of the starter library."""

    rule: Note
    codes: tuple[Code, ...] = ()
    undecidable: Note | None = None
    note: Note | None = None


class CoverageFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole mapping, by the starter library's ids."""

    rules: dict[str, Covered]


def load_coverage(book: Book, path: Path = COVERAGE_FILE) -> dict[str, Covered]:
    """Read the mapping; raises RuleError for a code that the book lacks, or an id with neither."""
    file, lines = read_yaml(path, CoverageFile)
    known = [rule.code for rule in book]
    for number, covered in file.rules.items():
        at = f"rules.{number}"
        if bool(covered.codes) == (covered.undecidable is not None):
            raise lines.error(at, f"{number}: name the codes, or say why it is undecidable")
        for code in covered.codes:
            if code not in known:
                raise lines.error(at, f"{number}: no rule has {code!r}.{suggest(code, known)}")
    return file.rules
