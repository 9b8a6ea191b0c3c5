"""YAML as plain data: no tags, no anchors that are used again, bounded in size and in depth.

A tag could ask for any Python object, an alias could make a few lines stand for more nodes than
memory holds. Nothing here needs either.
"""

from collections.abc import Iterator

import yaml

from features.errors import PreflightError

MAX_CHARACTERS = 1_000_000
"""Longest file that is read; a book of 500 rules has about 400,000."""
MAX_DEPTH = 40
"""Deepest nesting that is read."""


class NotPlain(PreflightError):
    """A text that is no YAML, or more than plain data."""


class _PlainLoader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call] # the stubs leave it out
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise _refused(mark, f"the alias *{event.anchor} is not read; write the value out")
        if getattr(event, "tag", None) not in (None, "!"):
            raise _refused(mark, f"the tag {event.tag} is not read; write a plain value")
        if self.depth == MAX_DEPTH:
            raise _refused(mark, f"nested deeper than {MAX_DEPTH} levels")
        self.depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)  # type: ignore[arg-type]
        self.depth -= 1
        return node


def read_plain(text: str, place: str) -> tuple[yaml.Node | None, object]:
    """Read a text as its YAML nodes and its plain value; `place` is what errors call it.

    Raises NotPlain with the line.
    """
    if len(text) > MAX_CHARACTERS:
        raise NotPlain(
            f"{place}: has {len(text)} characters, at most {MAX_CHARACTERS} are read; split it"
        )
    try:
        loader = _PlainLoader(text)
        root = loader.get_single_node()
    except NotPlain as error:
        raise NotPlain(f"{place}, {error}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise NotPlain(f"{place}: is not YAML: {error}") from None
    try:
        return root, None if root is None else loader.construct_document(root)
    except yaml.YAMLError as error:
        raise NotPlain(f"{place}: is not YAML: {error}") from None
    except (ValueError, OverflowError) as error:
        line, what = _bad_scalar(root)
        raise NotPlain(f"{place}, line {line}: {what}: {error}") from None


def _refused(mark: yaml.Mark, problem: str) -> NotPlain:
    return NotPlain(f"line {mark.line + 1}, column {mark.column + 1}: {problem}")


def _bad_scalar(root: yaml.Node | None) -> tuple[int, str]:
    """Find what looks like a date or a number and is none: 2026-11-31, ten thousand digits."""
    for node in _scalars(root):
        try:
            yaml.SafeLoader("").construct_object(node)
        except (ValueError, OverflowError):
            is_date = node.tag.endswith(":timestamp")
            what = "no date of the calendar" if is_date else "no number that can be read"
            return node.start_mark.line + 1, what
    return 1, "no value"


def _scalars(root: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    pending = [root]
    while pending:
        node = pending.pop()
        match node:
            case yaml.ScalarNode():
                yield node
            case yaml.SequenceNode():
                pending.extend(node.value)
            case yaml.MappingNode():
                pending.extend(part for pair in node.value for part in pair)
