"""The circle's parts, and the whole of it."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import preflight
from features.history import read_history
from training.simulate.channel.protocol import ChannelError
from training.simulate.channel.registry import load_registry
from training.simulate.history import simulate_history
from training.simulate.load.circle import CirclePlan, run_circle
from training.simulate.load.clock_file import ClockFile, MappedClock
from training.simulate.load.conduct import Reviewer
from training.simulate.load.cut import cut_history
from training.simulate.load.processes import Children, free_port
from training.simulate.load.running import LoadPlan, play


def test_the_past_knows_nothing_of_the_future(tmp_path: Path) -> None:
    simulate_history(600, 10, 3, tmp_path / "whole")
    cut_history(tmp_path / "whole", tmp_path / "past", tmp_path / "future", 120)
    past, future = read_history(tmp_path / "past"), read_history(tmp_path / "future")
    begins = future.orders["as_of"][0]
    assert past.orders.height + future.orders.height == 600
    assert future.orders.height >= 120
    assert (past.orders["as_of"] < begins).all()
    assert (past.outcomes["received_at"] < begins).all()
    truth = pl.read_parquet(tmp_path / "future" / "truth.parquet")
    assert set(truth["order_id"]) == set(future.orders["order_id"])


def test_a_clock_file_is_read_as_it_was_set(tmp_path: Path) -> None:
    clock = ClockFile(tmp_path / "clock")
    clock.move_to(5)
    mapped = MappedClock(tmp_path / "clock")
    clock.move_to(1_780_000_000_000_000)
    assert mapped.now_us() == clock.read_us() == 1_780_000_000_000_000


def test_a_command_runs_under_the_clock_that_it_is_given(tmp_path: Path) -> None:
    ClockFile(tmp_path / "clock").move_to(42)
    code = (
        "import runpy, sys\n"
        "from training.simulate.load import steered\n"
        "runpy.run_module = lambda *_, **__: print(__import__('features.times').times.now_us())\n"
        "sys.argv = ['steered', sys.argv[1]]\n"
        "steered.main()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "clock")],
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == "42"


def test_children_end_with_their_block(tmp_path: Path) -> None:
    with Children(tmp_path / "log") as children:
        child = children.start("http.server", "0", "--bind", "127.0.0.1")
        assert child.poll() is None
    assert child.poll() is not None


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    port = free_port()
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from training.simulate.load.processes import Children\n"
        "with Children(Path(sys.argv[1])) as children:\n"
        "    child = children.start('http.server', sys.argv[2], '--bind', '127.0.0.1')\n"
        "    children.await_url(child, f'http://127.0.0.1:{sys.argv[2]}/')\n"
        "    print('up', flush=True)\n"
        "    time.sleep(60)\n"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path / "log"), str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=tmp_path) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        parent.kill()
    assert wait_until(lambda: not is_open(port), 10)


def is_open(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


def test_a_truth_without_the_right_amount_is_refused(tmp_path: Path) -> None:
    simulate_history(200, 3, 3, tmp_path / "h")
    truth = tmp_path / "h" / "truth.parquet"
    pl.read_parquet(truth).drop("right_amount_minor").write_parquet(truth)
    with pytest.raises(ChannelError, match=r"no column right_amount_minor.*simulate it again"):
        load_registry(tmp_path / "h")


def test_the_right_amount_is_the_truths_own(tmp_path: Path) -> None:
    simulate_history(2_000, 10, 3, tmp_path / "h")
    fates = load_registry(tmp_path / "h").fates
    truth = pl.read_parquet(tmp_path / "h" / "truth.parquet")
    said = dict(zip(truth["order_id"], truth["right_amount_minor"], strict=True))
    assert {order_id: fate.right_minor for order_id, fate in fates.items()} == said
    assert any(fate.right_minor is None for fate in fates.values())


def test_a_channel_ends_in_order_when_it_is_told_to(tmp_path: Path) -> None:
    port = free_port()
    with Children(tmp_path / "log") as children:
        arguments = ("simulate", "channel", "--pack", "jd_pay", "--port", port)
        child = children.start("preflight", *arguments)
        children.await_url(child, f"http://127.0.0.1:{port}/")
        children.stop(child)
    assert child.returncode == 0


def test_a_step_that_fails_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    with (
        Children(tmp_path / "log") as children,
        pytest.raises(ChannelError, match="orders is 1, but"),
    ):
        children.run("preflight", "simulate", "history", "--orders", 1, "--out", tmp_path / "h")


@pytest.mark.parametrize("url", ["http://198.51.100.7:8000", "https://api.example.com"])
def test_only_this_machine_is_played_against(tmp_path: Path, url: str) -> None:
    with pytest.raises(ChannelError, match="only this machine"):
        play(LoadPlan(tmp_path, url, "http://127.0.0.1:9", 1.0, obey=True))


def test_the_command_line_refuses_a_foreign_host_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["simulate", "load", "--history", "nowhere", "--to", "http://198.51.100.7"]
    monkeypatch.setattr(sys, "argv", ["preflight", *arguments])
    with pytest.raises(SystemExit) as exit_:
        preflight.main()
    assert exit_.value.code == 2
    assert "only this machine" in capsys.readouterr().err


def test_more_than_five_scenarios_are_refused(tmp_path: Path) -> None:
    plan = CirclePlan(tmp_path / "out", ["default"] * 6, 1_000, 10, 1, Reviewer(1))
    with pytest.raises(ChannelError, match="at most 5"):
        run_circle(plan)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_full_circle_pays_nothing_twice_and_adds_up(tmp_path: Path) -> None:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "preflight", "simulate", "circle"),
            *("--out", str(tmp_path / "circle"), "--orders", "3000", "--days", "20", "--json"),
        ],
        check=True,
        capture_output=True,
    )
    (report,) = json.loads(run.stdout)
    for side in ("ignoring", "obeying"):
        worth = report[side]
        assert worth["double_payments"] == 0
        assert worth["orders"] == report["played"]
        held = worth["stopped"] + worth["held_after_review"] + worth["waiting"]
        assert worth["submitted"] + held == worth["orders"]
        settled = ("accepted", "refused", "cancelled", "unresolved")
        assert sum(worth[name] for name in settled) == worth["submitted"]
        assert worth["payments"] <= worth["accepted"]
    assert report["ignoring"]["submitted"] == report["played"]
    pointer = json.loads((tmp_path / "circle/default-1/home/releases/current.json").read_bytes())
    assert "routes" in pointer["versions"]
    contrast = report["contrast"]
    net = contrast["avoided"] - contrast["new_refusals"]
    assert contrast["refused_ignoring"] - contrast["refused_obeying"] == net
