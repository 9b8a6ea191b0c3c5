"""The short steps of an edit as the API takes them: the functions that the command line calls."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec import Struct

from features.errors import RuleError
from features.times import from_us
from rules.durable_files import write_folder
from rules.edit_asked import Asked, DraftView
from rules.releases.approval import approve
from rules.releases.desk import Desk
from rules.releases.drafts import DRAFTS_FOLDER, Draft, begin, discard, drafts, find
from rules.releases.history import history
from rules.releases.kinds import Kind, kind_of

Step = Callable[[Desk, Kind, Asked], Any]


def perform(asked: Asked, steps: Mapping[str, Step]) -> Any:
    """Take a step and give its report; raises PreflightError, and then nothing has changed."""
    desk = Desk(Path(asked.home), asked.by, from_us(asked.at_us))
    return steps[asked.verb](desk, kind_of(asked.kind), asked)


def _draft(desk: Desk, kind: Kind, asked: Asked) -> DraftView:
    check_no_path("source", asked.source)
    if asked.files is not None:
        _check_names(kind, asked.files)
    draft = begin(desk, kind, asked.draft, asked.source, asked.why)
    if asked.files is not None:
        _write(draft, asked.files)
    return _view(draft, with_files=True)


def _edit(desk: Desk, kind: Kind, asked: Asked) -> DraftView:
    draft = find(desk, kind, asked.draft)
    if draft.folder != desk.home.absolute() / DRAFTS_FOLDER / kind.word / draft.name:
        raise RuleError(f"draft {draft.name} is edited where it lies, in {draft.folder}")
    files = asked.files or {}
    _check_names(kind, files)
    with desk.store.writing():
        _write(draft, files)
    return _view(draft, with_files=True)


def _drafts(desk: Desk, kind: Kind, _asked: Asked) -> list[DraftView]:
    return [_view(draft) for draft in drafts(desk, kind)]


def _show(desk: Desk, kind: Kind, asked: Asked) -> DraftView:
    return _view(find(desk, kind, asked.draft), with_files=True)


def _approve(desk: Desk, kind: Kind, asked: Asked) -> Struct:
    return approve(desk, find(desk, kind, asked.draft), asked.why).line


def _history(desk: Desk, kind: Kind, _asked: Asked) -> Struct:
    return history(desk, kind)


def _discard(desk: Desk, kind: Kind, asked: Asked) -> DraftView:
    draft = find(desk, kind, asked.draft)
    view = _view(draft)
    discard(desk, draft, asked.why)
    return view


SHORT: Mapping[str, Step] = {
    "draft": _draft,
    "edit": _edit,
    "drafts": _drafts,
    "show": _show,
    "approve": _approve,
    "history": _history,
    "discard": _discard,
}


def _view(draft: Draft, *, with_files: bool = False) -> DraftView:
    files = draft.files()
    return DraftView(
        kind=draft.kind.name,
        name=draft.name,
        author=draft.author,
        base=draft.base,
        content=draft.content(),
        why=draft.why,
        files={name: text.decode("utf-8", "replace") for name, text in files.items()}
        if with_files
        else None,
    )


def _write(draft: Draft, files: Mapping[str, str]) -> None:
    write_folder(draft.folder, {name: text.encode() for name, text in files.items()})


def _check_names(kind: Kind, files: Mapping[str, str]) -> None:
    for name in files:
        if not any(_fits(name, pattern) for pattern in kind.patterns):
            raise RuleError(
                f"files[{name!r}] is no file of {kind.word}; name it as one of "
                f"{', '.join(kind.patterns)}"
            )


def _fits(name: str, pattern: str) -> bool:
    """Tell whether a name is one that a pattern means; `*` never reaches into another folder.

    >>> _fits("amounts.yaml", "*.yaml"), _fits("../amounts.yaml", "*.yaml")
    (True, False)
    """
    parts, wanted = PurePosixPath(name).parts, PurePosixPath(pattern).parts
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def check_no_path(field: str, name: str) -> None:
    """Refuse a folder of the service's machine where the name of a version or draft is meant."""
    if "/" in name or "\\" in name or name.startswith("."):
        raise RuleError(f"{field} is {name!r}; name current, shipped, a version or a draft")
