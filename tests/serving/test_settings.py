import socket
from pathlib import Path

import pytest

from features.errors import PreflightError
from serving.server import bind
from serving.settings import Settings, read_settings


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_every_setting_comes_from_its_variable(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "PREFLIGHT_HOST": "0.0.0.0",
            "PREFLIGHT_PORT": "9000",
            "PREFLIGHT_HOME": str(tmp_path),
            "PREFLIGHT_RULE_ENGINE": "durable",
        }
    )
    assert settings.address == "http://0.0.0.0:9000"
    assert settings.ledger_url == f"sqlite:///{tmp_path}/ledger.sqlite"
    assert settings.rule_engine == "durable"


@pytest.mark.parametrize("port", ["", "http", "0", "65536", "-1", "８０８０"])
def test_what_is_no_port_is_named(port: str) -> None:
    with pytest.raises(PreflightError, match="PREFLIGHT_PORT is"):
        read_settings({"PREFLIGHT_PORT": port})


def test_an_unknown_rule_engine_is_named_with_the_nearest_one() -> None:
    with pytest.raises(PreflightError, match="Did you mean 'durable'"):
        read_settings({"PREFLIGHT_RULE_ENGINE": "durabel"})


def test_a_port_in_use_is_named_with_the_way_out(free_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        with pytest.raises(PreflightError, match=rf"port {free_port} .* PREFLIGHT_PORT="):
            bind(Settings(port=free_port))


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(PreflightError, match="PREFLIGHT_HOST"):
        bind(Settings(host="192.0.2.1", port=9000))
