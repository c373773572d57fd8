"""A run continues when the API fails: failures are reported, stored, recorded and replayed with their time."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from tests.helpers.forks import ROOT
from tests.helpers.simulated import serve_folder
from tests.helpers.suite import Run, environment_of_users, make_images, run_suite

MODEL = "gemini-2.5-flash"
PEOPLE = {f"{name}.jpg": number for number, name in enumerate("abcdefgh", start=1)}


class Place:
    """Images and cassettes, and a simulator that injects faults."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images = make_images(folder / "eight", PEOPLE)
        self.cassettes = folder / "cassettes"

    def run(self, *options: str) -> Run:
        """Run the suite."""
        return run_suite(self.folder, f"--images={self.images}", f"--cassette-dir={self.cassettes}", *options)

    def record(self, faults: str, *options: str) -> Run:
        """Record one round."""
        with serve_folder(self.images, faults=faults) as url:
            return self.run(*recording(url), *options)


def recording(url: str) -> Sequence[str]:
    """Return the options of a recording."""
    return "--record-mode=rewrite", f"--base-url={url}", f"--model={MODEL}", "--rounds=1"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a place for one test."""
    return Place(tmp_path)


def test_too_many_errors_fail_the_test_after_the_figures_were_stored(place: Place) -> None:
    """Failures are in the stored run and in the output; no cassette is written."""
    run = place.record("safety=0.4", "-k", "concurrent")
    assert run.code == pytest.ExitCode.TESTS_FAILED
    errors = run.info("concurrent")["errors"]
    assert 0 < len(errors) < len(PEOPLE)
    assert set(errors.values()) == {"blocked: SAFETY"}
    assert run.info("concurrent")["answers"] == {
        name: None if name in errors else people for name, people in PEOPLE.items()
    }
    name = next(iter(errors))
    assert re.search(rf"^concurrent has no answer for {name}.*: blocked: SAFETY$", run.output, re.MULTILINE)
    assert f"round 1: {len(errors)} of 8 images have no answer, more than --max-errors=0" in run.output
    assert "some images failed; nothing was recorded" in run.output
    assert "Traceback" not in run.output
    assert not list(place.cassettes.rglob("*.yaml"))


def test_allowed_errors_are_recorded_and_replayed(place: Place) -> None:
    """With `--max-errors`, a run with failures is recorded and replayed."""
    recorded = place.record("safety=0.4", "-k", "concurrent", "--max-errors=8")
    assert recorded.code == 0, recorded.output
    replayed = place.run("--strict-cassettes", "-k", "concurrent", "--max-errors=8")
    assert replayed.code == 0, replayed.output
    assert replayed.info("concurrent")["errors"] == recorded.info("concurrent")["errors"] != {}
    assert place.run("-k", "concurrent").code == pytest.ExitCode.TESTS_FAILED


def test_a_run_without_any_answer_is_not_recorded(place: Place) -> None:
    """If every image fails, nothing is recorded, whatever `--max-errors` is."""
    run = place.record("max-tokens", "-k", "concurrent", "--max-errors=8")
    assert "no image has an answer; nothing was recorded" in run.output
    assert not list(place.cassettes.rglob("*.yaml"))


def test_a_round_without_any_answer_does_not_end_the_run(place: Place) -> None:
    """The figures of all rounds are stored."""
    run = place.record("403", "-k", "concurrent", "--rounds=3")
    assert run.code == pytest.ExitCode.TESTS_FAILED
    assert "round 1: 8 of 8 images have no answer" in run.output
    assert len(run.seconds("concurrent")) == 3
    assert len(run.info("concurrent")["errors"]) == len(PEOPLE)


def test_retries_are_counted_and_replay_with_their_waits(place: Place) -> None:
    """Failed requests are in the cassette, and the waits before their retries replay with the same seconds."""
    recorded = place.record("429=0.3,reset=0.2", "-v", "-k", "concurrent")
    assert recorded.code == 0, recorded.output
    info = recorded.info("concurrent")
    assert info["retries"] > 0
    assert info["requests"] == len(PEOPLE) + info["retries"]
    assert info["backoff_seconds"] > 1
    assert f"{info['retries']} retries" in recorded.output
    (path,) = place.cassettes.rglob("*.yaml")
    kept = yaml.safe_load(path.read_text())["interactions"]
    failed = [each["response"] for each in kept if each["response"]["status"]["code"] == 599]
    assert failed
    assert all(each["body"]["string"] == "" and each["recorded"]["error"] for each in failed)
    replayed = place.run("--strict-cassettes", "-k", "concurrent")
    assert replayed.code == 0, replayed.output
    assert replayed.info("concurrent")["retries"] == info["retries"]
    assert replayed.info("concurrent")["backoff_seconds"] == pytest.approx(info["backoff_seconds"], abs=0.2)
    assert replayed.seconds("concurrent") == pytest.approx(recorded.seconds("concurrent"), abs=0.2)


def test_the_bundled_simulator_fails_as_it_is_told(place: Place) -> None:
    """`--simulate --faults` starts a simulator that injects these faults at real speed."""
    run = run_suite(
        place.folder,
        f"--images={place.images}",
        "--live",
        "--simulate",
        f"--model={MODEL}",
        "--rounds=1",
        "--faults=403",
        "-k",
        "concurrent",
        "--max-errors=8",
    )
    assert run.code == 0, run.output
    assert {text.partition(":")[0] for text in run.info("concurrent")["errors"].values()} == {"refused request"}


@pytest.mark.parametrize(
    ("strategy", "faults", "rpm"),
    [
        *((strategy, "silent", None) for strategy in ("concurrent", "streamed", "files", "threads")),
        ("threads", "", 1),  # all images but one have to wait a minute for their retry
    ],
)
def test_ctrl_c_ends_a_run_at_once(place: Place, strategy: str, faults: str, rpm: int | None) -> None:
    """Ctrl-C cancels long requests and waits; no thread or task is left, and there is no warning about one."""
    with serve_folder(place.images, scale=1.0, faults=faults, rpm=rpm) as url:
        command = [sys.executable, "-X", "dev", "-W", "error", "-c", LISTENING, "benchmarks", *recording(url)]
        options = [f"--images={place.images}", f"--cassette-dir={place.cassettes}", "-k", strategy, "-s"]
        with subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env=environment_of_users() | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert any(ASKED in line for line in process.stdout)
            time.sleep(0.5)  # until the request is answered, unless the server stays silent
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=120)
    assert "KeyboardInterrupt" in output
    for unwanted in ("never awaited", "was destroyed", "ResourceWarning", "never retrieved", "Exception ignored"):
        assert unwanted not in output


ASKED = "a question is sent"
"""Printed when the process sends a question or an upload to the server."""
LISTENING = f"""
import runpy, signal
import httpx2

def tell(name, kind):
    send = getattr(kind, name)
    def told(self, request):
        if request.method == "POST":
            print({ASKED!r}, flush=True)
        return send(self, request)
    setattr(kind, name, told)

tell("handle_request", httpx2.HTTPTransport)
tell("handle_async_request", httpx2.AsyncHTTPTransport)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts jobs in the background without a handler
runpy.run_module("pytest", run_name="__main__")
"""
