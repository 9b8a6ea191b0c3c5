"""Averages several LightGBM models into one: all their trees, leaves divided by their number.

One model is one call in the service. LightGBM's own text format, version v4.
"""

import re
from collections.abc import Sequence

from training.errors import TrainingError

_TREES_BEGIN = "\nTree=0\n"
_TREES_END = "end of trees\n"
_SCALED = re.compile(r"^(leaf_value|internal_value)=(.*)$", re.MULTILINE)
_SIZES = re.compile(r"^tree_sizes=.*$", re.MULTILINE)


def merge_models(texts: Sequence[str]) -> str:
    """Give the model whose margin is the mean of the margins of `texts`.

    Raises TrainingError when a text is no LightGBM model.
    """
    parts = [_split(text) for text in texts]
    trees = [_scaled(tree, len(texts)) for _, body, _ in parts for tree in body]
    numbered = [f"Tree={place}\n{tree}" for place, tree in enumerate(trees)]
    head, _, tail = parts[0]
    sizes = " ".join(str(len(tree.encode())) for tree in numbered)
    return f"{_SIZES.sub(f'tree_sizes={sizes}', head)}{''.join(numbered)}{tail}"


def _split(text: str) -> tuple[str, list[str], str]:
    """Cut a model into its head, its trees without their numbers, and its tail."""
    begin, end = text.find(_TREES_BEGIN), text.find(_TREES_END)
    if begin < 0 or end < begin:
        raise TrainingError("a model without a single tree cannot be averaged")
    body = text[begin + 1 : end]
    trees = re.split(r"^Tree=\d+\n", body, flags=re.MULTILINE)[1:]
    return text[: begin + 1], trees, text[end:]


def _scaled(tree: str, members: int) -> str:
    def divide(match: re.Match[str]) -> str:
        numbers = [repr(float(number) / members) for number in match[2].split()]
        return f"{match[1]}={' '.join(numbers)}"

    return _SCALED.sub(divide, tree)
