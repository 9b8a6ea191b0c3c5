"""The one door to the durable-rules library, on its C level; one thread owns all of it.

Held here, each with a test in tests/rules/test_durable_hazards.py: one owner thread (several
lose hits), one session id (1,024 exhaust it, deleting one corrupts the heap), assert and retract
(`post` fires one rule only), a new name for every ruleset (one cannot be replaced), no actions
(exceptions in them vanish, and updating state loops over negations), a bound on firings and
on waiting (a hang is an error). Importing the library can fail: it does on Python >= 3.13.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import count
from queue import Empty, SimpleQueue
from threading import Thread
from types import ModuleType
from typing import TypeVar, cast

from features.errors import PreflightError

T = TypeVar("T")

_ANSWER_SECONDS = 5.0
_MOST_FIRINGS = 20_000
_SESSION = '"sid":"1","id":"1"'
_HANDLED, _UNHANDLED = 0, 1


class SecondOpinionUnavailable(PreflightError):
    """durable-rules is not there; the compiled engine answers, and nothing checks it."""


class SecondOpinionFailed(PreflightError):
    """durable-rules gave no answer to trust."""


def load_library() -> ModuleType:
    """Import the library's C module; raises SecondOpinionUnavailable that says so plainly."""
    try:
        import durable_rules_engine
    except ImportError as error:
        raise SecondOpinionUnavailable(
            "There is no second opinion: durable-rules cannot be imported here "
            f"({error}). It needs Python 3.11 or 3.12 and a C compiler at install. "
            "Serve with PREFLIGHT_RULE_ENGINE=compiled."
        ) from None
    return cast(ModuleType, durable_rules_engine)


class Owner:
    """One daemon thread that does whatever it is handed, in turn."""

    def __init__(self) -> None:
        self._inbox: SimpleQueue[tuple[Callable[[], object], SimpleQueue[object]]] = SimpleQueue()
        self._is_stuck = False
        Thread(target=self._serve, name="durable-rules-owner", daemon=True).start()

    def ask(self, task: Callable[[], T], seconds: float = _ANSWER_SECONDS) -> T:
        """Run a task in the owner thread; what it raises is raised here.

        Raises SecondOpinionFailed when it takes too long; from then on, at once.
        """
        if self._is_stuck:
            raise SecondOpinionFailed("durable-rules hangs since an earlier call; restart")
        outbox: SimpleQueue[object] = SimpleQueue()
        self._inbox.put((task, outbox))
        try:
            answer = outbox.get(timeout=seconds)
        except Empty:
            self._is_stuck = True
            raise SecondOpinionFailed(f"durable-rules gave no answer in {seconds} s") from None
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    def _serve(self) -> None:
        while True:
            task, outbox = self._inbox.get()
            try:
                outbox.put(task())
            except Exception as error:  # noqa: BLE001 - handed to the caller, who raises it
                outbox.put(error)


class Ruleset:
    """One ruleset inside the library."""

    def __init__(self, conditions: Mapping[str, str]) -> None:
        self._library = load_library()
        self._owner = the_owner()
        name = f"preflight_{next(_NUMBERS)}"
        rules = ",".join(
            f'{json.dumps(code)}:{{"all":[{{"m":{condition}}}]}}'
            for code, condition in conditions.items()
        )
        self._handle = self._owner.ask(lambda: self._create(name, f"{{{rules}}}"))

    def fired(self, properties: str) -> frozenset[str]:
        """Assert a fact, collect which rules fire, and retract it."""
        return self._owner.ask(lambda: self._fire(f"{{{_SESSION},{properties}}}"))

    def _create(self, name: str, definition: str) -> int:
        try:
            handle: int = self._library.create_ruleset(name, definition)
        except self._library.error as error:
            raise SecondOpinionFailed(f"durable-rules refuses the ruleset: {error}") from None
        return handle

    def _fire(self, fact: str) -> frozenset[str]:
        try:
            code, state = self._library.assert_fact(self._handle, fact)
            try:
                if code not in (_HANDLED, _UNHANDLED):
                    raise SecondOpinionFailed(f"durable-rules answers {code} to a fact")
                return self._collect(state) if code == _HANDLED else frozenset()
            finally:
                self._library.retract_fact(self._handle, fact)
        except self._library.error as error:
            raise SecondOpinionFailed(f"durable-rules cannot read a fact: {error}") from None

    def _collect(self, state: int) -> frozenset[str]:
        """Step through the firings; an `$or` with both sides true fires its rule twice."""
        fired: set[str] = set()
        started = self._library.start_action_for_state(self._handle, state)
        message = started[1] if started else None
        for _ in range(_MOST_FIRINGS):
            if not message:
                return frozenset(fired)
            fired.update(json.loads(message))
            message = self._library.complete_and_start_action(self._handle, state)
        raise SecondOpinionFailed(f"durable-rules fired {_MOST_FIRINGS} times over one fact")


_NUMBERS = count()


@lru_cache(maxsize=1)
def the_owner() -> Owner:
    """Give the one thread of this process that may touch the library."""
    return Owner()
