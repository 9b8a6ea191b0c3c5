"""Child processes of a circle: started, awaited, and never left behind.

Their standard input is a pipe that only this process holds: they end when it is closed, be it by
the end of this process (see `training.simulate.load.leash`).
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import httpx

from training.simulate.channel.protocol import ChannelError

_LEASH = "training.simulate.load.leash"
_START_S = 120.0
_POLL_S = 0.1
_GRACE_S = 10.0


class Children:
    """Starts Python modules as processes; leaving the block ends all that still run.

    A parent that is killed leaves no block, and its children end all the same.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Children":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop_all()

    def start(
        self, module: str, *arguments: object, extra: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a module; what it prints goes to the log."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", _LEASH, module, *map(str, arguments)],
                env={**os.environ, **(extra or {})},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        self._running.append(process)
        return process

    def run(self, module: str, *arguments: object) -> None:
        """Run a module to its end. Raises ChannelError, with the end of the log, if it fails."""
        process = self.start(module, *arguments)
        if process.wait() != 0:
            raise ChannelError(f"{module} {' '.join(map(str, arguments))} failed:\n{self._tail()}")

    def await_url(self, process: subprocess.Popen[bytes], url: str) -> None:
        """Wait until a server answers. Raises ChannelError when it ends or takes too long."""
        until = time.monotonic() + _START_S
        while process.poll() is None and time.monotonic() < until:
            with suppress(httpx.HTTPError):
                if httpx.get(url, trust_env=False).status_code == httpx.codes.OK:
                    return
            time.sleep(_POLL_S)
        raise ChannelError(f"nothing answers at {url}:\n{self._tail()}")

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a process: asked first, made to after a while."""
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def stop_all(self) -> None:
        """End all that still run."""
        for process in tuple(self._running):
            self.stop(process)

    def _tail(self) -> str:
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


def free_port() -> int:
    """Find a port of this machine that nobody uses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
