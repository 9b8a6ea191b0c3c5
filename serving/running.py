"""Serves until stopped; `run` also scores the examples once the service answers."""

import signal
import sys
from threading import Thread
from time import sleep
from types import FrameType

import httpx
import msgspec
import uvicorn
from rich.console import Console

from features.times import now_us
from serving.answers import ScoreAnswer
from serving.app import build_app
from serving.demo import EXAMPLE_ORDERS, EXAMPLES, Example, example_bodies
from serving.printing import answer_panel
from serving.server import bind, make_server
from serving.settings import Settings
from serving.watch import Watch
from serving.wiring import build_service

_POLL_S = 0.02


def serve_until_stopped(settings: Settings, *, with_examples: bool) -> None:
    """Serve until SIGINT or SIGTERM, then end with status 0.

    Raises PreflightError when the port is taken or a part cannot be built.
    """
    listener = bind(settings)
    service = build_service(settings)
    _look_on_sighup(service.watch)
    server = make_server(build_app(service))
    announce = Thread(target=_announce, args=(server, settings, with_examples), daemon=True)
    announce.start()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()


def end_on_sigterm() -> None:
    """Make SIGTERM end the process with status 0, after everything has been closed."""
    signal.signal(signal.SIGTERM, _end)


def _look_on_sighup(watch: Watch) -> None:
    """Make SIGHUP look at the disk at once; in a terminal it ends the process, as ever."""
    if sys.platform != "win32" and not sys.stdin.isatty():
        signal.signal(signal.SIGHUP, lambda _number, _frame: watch.wake())


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _announce(server: uvicorn.Server, settings: Settings, with_examples: bool) -> None:
    while not server.started:
        sleep(_POLL_S)
    console = Console()
    if with_examples:
        _show_examples(console, settings.address)
    console.print(f"Serving on [bold]{settings.address}[/bold] (API: {settings.address}/docs)")


def _show_examples(console: Console, address: str) -> None:
    if not EXAMPLES.is_dir():
        console.print("The example orders come with the project's sources, not with the package.")
        return
    with httpx.Client(base_url=address, timeout=30) as client:
        for example in EXAMPLE_ORDERS:
            _show(console, client, example)


def _show(console: Console, client: httpx.Client, example: Example) -> None:
    bodies = example_bodies(example, now_us())
    answers = [client.post("/v1/score", content=body).raise_for_status() for body in bodies]
    decoded = msgspec.json.decode(answers[-1].content, type=ScoreAnswer)
    console.print(answer_panel(decoded, f"examples/{example.file} · {example.title}"))
