"""What may be loaded when: the command line answers at once, the service starts light."""

import json
import subprocess
import sys

import pytest

import preflight

HEAVY = {"pandas", "sklearn", "numba", "polars", "mlflow", "lightgbm", "duckdb", "matplotlib"}
LIVE = [
    "serving.app",
    "models.scorer",
    "rules.decide",
    "rules.book",
    "rules.packs",
    "features.live",
]


def loaded_by(*modules: str) -> set[str]:
    """Name the top-level packages that a fresh interpreter holds after importing `modules`."""
    code = (
        "import json, sys; [__import__(m) for m in sys.argv[1:]]; print(json.dumps([*sys.modules]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *modules], check=True, capture_output=True, text=True
    )
    return {name.split(".")[0] for name in json.loads(run.stdout)}


def test_the_service_starts_without_the_data_scientists_libraries() -> None:
    assert loaded_by(*LIVE) & HEAVY == set()


def test_the_command_line_loads_no_room_before_it_is_asked() -> None:
    loaded = loaded_by("preflight")
    assert loaded & (HEAVY | {"numpy", "fastapi", "sqlalchemy"}) == set()
    assert loaded & {"models", "rules", "serving", "training"} == set()


@pytest.mark.parametrize("name", preflight.COMMANDS)
def test_every_listed_command_exists_and_explains_itself(name: str) -> None:
    assert preflight.load_command(name).get_short_help_str(limit=200)


def test_a_command_that_does_not_exist_gets_a_hint_and_exit_2() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "preflight", "simulat"], check=False, capture_output=True, text=True
    )
    assert run.returncode == 2
    assert "simulate" in run.stderr


def test_what_preflight_refuses_is_one_plain_line_and_exit_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["preflight", "simulate", "history", "--orders", "0", "--out", "nowhere"]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as exit_:
        preflight.main()
    assert exit_.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("preflight: ")
    assert "Traceback" not in error
