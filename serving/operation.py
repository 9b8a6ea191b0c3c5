"""How an operation of the API is described."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API: what it takes, what it answers, how it can fail."""

    method: str
    path: str
    summary: str
    answer: type
    request: type | None = None
    example: dict[str, Any] | None = None
    parameters: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    problems: tuple[int, ...] = ()
    description: str = ""
    queries: tuple[str, ...] = ()
    status: int = 200
