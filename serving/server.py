"""Runs the app in one process: state has a single writer, so there is one worker."""

import errno
import socket

import uvicorn
from fastapi import FastAPI

from features.errors import PreflightError
from serving.settings import Settings

GRACE_S = 10
"""Seconds that open requests get at shutdown."""


def bind(settings: Settings) -> socket.socket:
    """Take the port before anything else is built.

    Raises PreflightError naming the port and the variable that moves it.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise PreflightError(_why(settings, error)) from error
    return listener


def make_server(app: FastAPI) -> uvicorn.Server:
    """Set up the server; `run(sockets=[...])` serves until SIGINT or SIGTERM.

    What is queued for the ledger is written before it ends.
    """
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE_S
    )
    return uvicorn.Server(config)


def _why(settings: Settings, error: OSError) -> str:
    where = f"port {settings.port} of {settings.host}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where} is in use: stop what listens there, "
            f"or choose another port, such as PREFLIGHT_PORT={settings.port + 1}"
        )
    return f"{where} cannot be used ({error.strerror}): set PREFLIGHT_PORT or PREFLIGHT_HOST"
