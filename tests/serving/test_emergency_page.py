"""The runbook runs from top to bottom, against a real service: its commands and its prompts."""

import doctest
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import sleep

import httpx
import pytest
from typer.testing import CliRunner

from preflight import COMMANDS, app
from rules.cli import rules_app
from rules.cli_channels import channels_app
from serving.app import build_app
from serving.server import bind, make_server
from serving.settings import Settings
from serving.watch import LOOK_EVERY_S
from serving.wiring import build_service

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "emergency.md").read_text("utf-8")
BLOCKS = re.findall(r"```(sh|pycon)\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def served(tmp_path: Path, free_port: int) -> Iterator[str]:
    """Serve a data folder of the test's own."""
    settings = Settings(home=tmp_path, port=free_port)
    server = make_server(build_app(build_service(settings)))
    thread = Thread(target=server.run, kwargs={"sockets": [bind(settings)]}, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.01)
    yield settings.address
    server.should_exit = True
    thread.join(timeout=10)


def _run(command: str, home: Path) -> None:
    arguments = shlex.split(command)
    environment = {"PREFLIGHT_HOME": str(home), "PREFLIGHT_BY": "ana"}
    done = CliRunner().invoke(app, arguments[1:], env=environment, catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_the_page_runs_as_it_stands(served: str, tmp_path: Path) -> None:
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner()
    for kind, text in BLOCKS:
        if kind == "sh":
            for command in text.strip().splitlines():
                _run(command, tmp_path)
            sleep(3 * LOOK_EVERY_S)
            continue
        text = text.replace("http://127.0.0.1:8000", served)
        text = text.replace("examples/order.json", str(ROOT / "examples" / "order.json"))
        block = doctest.DocTestParser().get_doctest(text, names, "emergency.md", None, 0)
        runner.run(block, clear_globs=False)
        names = block.globs
    client = names["service"]
    assert isinstance(client, httpx.Client)
    client.close()
    assert runner.summarize(verbose=False).failed == 0
    assert runner.tries > 15


def test_every_command_that_the_page_names_exists() -> None:
    known = {
        "rules": {command.name for command in rules_app.registered_commands},
        "channels": {command.name for command in channels_app.registered_commands},
    }
    for command, verb in re.findall(r"`?preflight ([a-z]+)(?: ([a-z]+))?", PAGE):
        assert command in COMMANDS
        assert not verb or command not in known or verb in known[command], (command, verb)
