"""Turns lines of Python that the live state wrote itself into a function."""

from collections.abc import Callable, Mapping, Sequence


def compile_function(
    signature: str, lines: Sequence[str], names: Mapping[str, object]
) -> Callable[..., object]:
    """Compile `def signature:` over lines; `names` is all that they can see besides arguments.

    A caller writes numbers and its own words into the lines, and what a user wrote only by
    `repr`: no text of a user becomes code.
    """
    namespace = dict(names)
    source = "\n    ".join([f"def {signature}:", *(lines or ["pass"])])
    # Callers keep the promise of the docstring.
    exec(compile(source, f"<{signature}>", "exec"), namespace)  # noqa: S102
    function = namespace[signature.partition("(")[0]]
    if not callable(function):
        raise TypeError(f"{signature} is no function")
    return function
