"""A recording that is killed at any moment leaves either the unchanged old cassette or the complete new one."""

import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.recordings.cassette import Cassette
from tests.helpers.forks import run_python
from tests.helpers.simulated import serve_folder
from tests.helpers.suite import environment_of_users, make_images, run_suite

MODEL = "gemini-3.5-flash"
ROUNDS = 3
MOMENTS = (0.02, 0.4, 0.6, 0.75, 0.9, 1.0)
"""The moments at which a recording is killed, as shares of its duration."""
SIGNALS = (signal.SIGKILL, signal.SIGINT)
MEASURING = "interrupted while measuring"
"""Printed if Ctrl-C interrupts the suite's measuring; elsewhere, in a hook of pytest, the traceback is pytest's."""

RECORDER = """
import os, signal, sys, time
from pathlib import Path

import httpx2
import pytest

number, point, moment, begun = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4] == "begun"
rounds, written = int(sys.argv[5]), 0
terminal = os.dup(1)  # pytest captures the output of a test
fsync, replace, send = os.fsync, Path.replace, httpx2.HTTPTransport.handle_request

def interrupt(number, frame):
    while frame is not None:
        if frame.f_code.co_filename.endswith("fixtures/run/measure.py"):
            os.write(terminal, b"interrupted while measuring\\n")
            break
        frame = frame.f_back
    raise KeyboardInterrupt

signal.default_int_handler = interrupt  # asyncio compares the current handler with it
signal.signal(signal.SIGINT, interrupt)  # a shell starts jobs in the background without a handler

def kill(now):
    if now == point:
        os.kill(os.getpid(), number)

def is_last():
    return written == rounds  # the earlier writes were those of the file of finished rounds

def killed_fsync(file):
    if is_last():
        kill("before fsync")
    fsync(file)
    if is_last():
        kill("after fsync")

def killed_replace(self, target):
    global written
    if not self.name.startswith(".recording-"):
        return replace(self, target)
    if is_last():
        kill("before the renaming")
    moved = replace(self, target)
    if is_last():
        kill("after the renaming")
    written += 1
    return moved

def killed_send(self, request):
    if b"contents" in request.content:
        kill("while asking")
    return send(self, request)

def kill_later():
    recorder = os.getpid()
    if not os.fork():
        time.sleep(moment)
        if os.getppid() == recorder:
            os.kill(recorder, number)
        os._exit(0)

class Begun:
    def pytest_sessionstart(self):
        kill_later()

if point:
    os.fsync, Path.replace, httpx2.HTTPTransport.handle_request = killed_fsync, killed_replace, killed_send
if moment and not begun:
    kill_later()
sys.exit(pytest.main(sys.argv[6:], plugins=[Begun()] if moment and begun else []))
"""
"""A script that runs pytest, prints where SIGINT interrupted it, and gets a signal at a point of the recording or after
some seconds."""
KEPT = "sequential.partial"
"""The name of the file of finished rounds."""
POINTS = ("while asking", "before fsync", "after fsync", "before the renaming", "after the renaming")


@dataclass(frozen=True)
class Killed:
    """The result of a killed recording."""

    folder: Path
    code: int
    output: str
    before: bytes | None
    """The cassette before the recording."""

    @property
    def path(self) -> Path:
        """The path of the cassette."""
        return cassette_in(self.folder)

    @property
    def leftovers(self) -> list[str]:
        """The names of all files except the cassette."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file() and path != self.path)

    def is_whole(self) -> bool:
        """Return whether the cassette is the new one; fail if it is neither the new nor the old one."""
        if not self.path.exists():
            assert self.before is None, "the old cassette is gone"
            return False
        cassette = Cassette.open_to_replay(self.path)
        assert cassette.metadata is not None
        rounds = cassette.metadata.rounds
        assert len(cassette) == 2 * len(rounds), "it holds both images of each round"
        if self.path.read_bytes() == self.before:
            return False
        assert len(rounds) == ROUNDS, "it is the new one, and complete"
        return True

    def was_told(self) -> None:
        """Fail if a run interrupted while measuring did not end with an expected exit code and no traceback."""
        if MEASURING in self.output:
            # Python swallows an interrupt during the last step of a coroutine or in a finalizer.
            assert self.code in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.OK), self.output
            assert "Traceback" not in self.output
            assert "never awaited" not in self.output


def cassette_in(folder: Path) -> Path:
    """Return the path of the cassette in a folder of cassettes."""
    return folder / MODEL / "two" / "sequential.yaml"


class Place:
    """Two images, a server, and an old cassette of one round."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.images = folder / "two"
        self.url = url
        self.old = folder / "old"
        self._record(self.old, "--rounds=1")
        start = time.perf_counter()
        timed = self.kill("timed", signal.SIGINT)  # neither a time nor a point is given, so no signal is sent
        self.seconds = time.perf_counter() - start
        assert timed.code == 0, timed.output

    def options(self, cassettes: Path, *options: str) -> list[str]:
        """Return the options of a recording."""
        server = ("--record-mode=rewrite", f"--base-url={self.url}", f"--model={MODEL}")
        return [f"--images={self.images}", f"--cassette-dir={cassettes}", *server, "-k", "sequential", *options]

    def _record(self, cassettes: Path, *options: str) -> None:
        done = run_suite(self.folder, *self.options(cassettes, *options))
        assert done.code == 0, done.output

    def kill(self, name: str, number: int, *, after: float = 0.0, point: str = "", begun: bool = False) -> Killed:
        """Record, and kill the recording at a point or after some seconds (of the session, if `begun`)."""
        folder = self.folder / f"{name} {number} {after:.3f}"
        if name != "new":
            shutil.copytree(self.old, folder)
        before = cassette_in(folder).read_bytes() if name != "new" else None
        arguments = [str(int(number)), point, str(after), "begun" if begun else "", str(ROUNDS)]
        options = self.options(folder, f"--rounds={ROUNDS}", "-p", "no:cacheprovider")
        done = run_python(["-c", RECORDER, *arguments, "benchmarks", *options], env=environment_of_users())
        return Killed(folder, done.returncode, done.stdout + done.stderr, before)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return a place with an old cassette."""
    folder = tmp_path_factory.mktemp("killed")
    images = make_images(folder / "two", {"a.jpg": 1, "b.jpg": 2})
    with serve_folder(images) as url:
        yield Place(folder, url)


def assert_goes_on(place: Place, killed: Killed) -> None:
    """Check that the cassette replays after a killed recording, and that the recording can be resumed."""
    places = (f"--images={place.images}", f"--cassette-dir={killed.folder}")
    replayed = run_suite(place.folder, *places, "-k", "sequential")
    assert replayed.code == 0, replayed.output
    assert list(replayed.benchmarks) == ["sequential"]
    recorded = run_suite(place.folder, *place.options(killed.folder, f"--rounds={ROUNDS}", "--resume"))
    assert recorded.code == 0, recorded.output
    assert killed.is_whole(), "it is the new one now"


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_recording_killed_at_any_moment_leaves_a_whole_cassette(place: Place, number: signal.Signals) -> None:
    """After any signal the cassette is whole; after Ctrl-C, only the file of finished rounds may be left beside it."""
    begun = number == signal.SIGINT  # pytest handles SIGINT only once the session has begun
    seconds = place.seconds * (0.8 if begun else 1.0)  # a fifth of the time passes before the session begins
    for moment in MOMENTS:
        killed = place.kill("moment", number, after=moment * seconds, begun=begun)
        killed.is_whole()
        if number == signal.SIGINT:
            killed.was_told()
            assert killed.leftovers in ([], [KEPT])


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_recording_killed_while_it_writes_leaves_a_whole_cassette(place: Place, number: signal.Signals) -> None:
    """The new cassette exists from the renaming on, the old one before that; other files that remain do no harm."""
    for point in POINTS:
        killed = place.kill(point, number, point=point)
        assert killed.is_whole() == (point == "after the renaming"), (point, killed.output)
        if number == signal.SIGINT:
            killed.was_told()
            assert MEASURING in killed.output
            assert killed.code == pytest.ExitCode.INTERRUPTED
            assert killed.leftovers == ([] if point == "while asking" else [KEPT])
        else:
            assert killed.code == -signal.SIGKILL
            others = [name for name in killed.leftovers if name != KEPT]
            assert all(name.startswith(".recording-") for name in others)
            assert len(others) == (point not in ("while asking", "after the renaming"))
            assert (KEPT in killed.leftovers) == (point != "while asking")
            if point == "before the renaming":
                assert_goes_on(place, killed)


def test_a_first_recording_killed_while_it_writes_leaves_no_cassette(place: Place) -> None:
    """A temporary file is not taken for a cassette, so a replay reports that there are no cassettes."""
    killed = place.kill("new", signal.SIGKILL, point="before the renaming")
    assert not killed.is_whole()
    assert len(killed.leftovers) == 2
    replayed = run_suite(place.folder, f"--images={place.images}", f"--cassette-dir={killed.folder}")
    assert replayed.code == pytest.ExitCode.USAGE_ERROR
    assert "There are no cassettes in " in replayed.output
