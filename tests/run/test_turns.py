"""Strategies take turns in live runs and recordings, and finished rounds are kept however the run ends."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from fixtures.base.errors import RunError
from fixtures.exchange.answer import Answer
from fixtures.run.rounds.turns import Blocks, Turn, order_block
from tests.helpers.simulated import serve_folder
from tests.helpers.suite import Run, environment_of_users, make_images, run_suite

MODEL = "gemini-3.8-flash"
ROUNDS = 3
STRATEGIES = ("sequential", "bounded", "single_prompt")
OPTIONS = (f"--rounds={ROUNDS}", "--thinking-level=low", "-k", " or ".join(STRATEGIES))


class Runner:
    """A stand-in for the rounds of a contender, which logs each round and raises an error in a given one."""

    def __init__(self, name: str, log: list[tuple[str, int]], error: BaseException | None = None, at: int = 0) -> None:
        self.contender = SimpleNamespace(id=name, model="m")
        self.wire = SimpleNamespace(problem=None, responder=SimpleNamespace(sends=False))
        self.done: dict[int, Any] = {}
        self._log, self._error, self._at = log, error, at

    @contextmanager
    def open(self) -> Iterator[object]:
        """Open nothing."""
        yield self

    def run_round(self, _session: object, number: int, _progress: object) -> float:
        """Log the round, and return its number as its seconds."""
        if self._error is not None and number == self._at:
            raise self._error
        self._log.append((self.contender.id, number))
        self.done[number] = SimpleNamespace(answers=[Answer("a.jpg", 1)])
        return float(number)


class Kept:
    """A stand-in for a file of finished rounds."""

    def __init__(self, seconds: dict[int, float] | None = None) -> None:
        self.seconds = seconds or {}
        self.added: list[int] = []

    def load(self, _begun: object, _count: int) -> None:
        """Do nothing; the rounds are given to the constructor."""

    def restore(self, runner: Runner) -> None:
        """Mark the kept rounds as done."""
        runner.done.update(dict.fromkeys(self.seconds))

    def add(self, number: int, *_: object) -> None:
        """Note that a round is kept."""
        self.added.append(number)


def make_turn(runner: Runner, kept: Kept | None = None) -> Turn:
    """Return the turn of a stand-in for a contender."""
    return Turn(cast("Any", runner), cast("Any", kept or Kept()), cast("Any", None))


def run(turns: Sequence[Turn], count: int = ROUNDS, *, resumes: bool = False) -> None:
    """Run the blocks of these turns."""
    Blocks(count, sys.stderr, bool, resumes=resumes).run(turns)


def test_every_contender_runs_once_in_each_block_in_random_order() -> None:
    """Over many blocks each is about equally often first; the order depends on the names and the block's number."""
    names = ["a", "b", "c", "d"]
    log: list[tuple[str, int]] = []
    run([make_turn(Runner(name, log)) for name in names], count=200)
    blocks = [log[start : start + 4] for start in range(0, len(log), 4)]
    assert all({name for name, _ in block} == set(names) for block in blocks)
    assert all({number for _, number in block} == {index} for index, block in enumerate(blocks))
    first = [block[0][0] for block in blocks]
    assert all(30 <= first.count(name) <= 70 for name in names)
    assert [name for name, _ in blocks[7]] == order_block(names, 7)


def test_an_error_ends_its_own_contender_alone() -> None:
    """A contender that fails runs no further round and keeps its finished ones; the others run all of theirs."""
    log: list[tuple[str, int]] = []
    broken = make_turn(Runner("broken", log, ZeroDivisionError("x"), at=1), kept := Kept())
    others = [make_turn(Runner(name, log)) for name in ("a", "b")]
    run([broken, *others])
    assert isinstance(broken.error, ZeroDivisionError)
    assert (broken.seconds, cast("Any", kept).added) == ({0: 0.0}, [0])
    assert all(turn.error is None and turn.seconds == {0: 0.0, 1: 1.0, 2: 2.0} for turn in others)


def test_kept_rounds_are_not_run_again() -> None:
    """Kept rounds have their earlier seconds; a contender without kept rounds runs all of them."""
    log: list[tuple[str, int]] = []
    resumed = make_turn(Runner("resumed", log), Kept({0: 7.0, 2: 9.0}))
    fresh = make_turn(Runner("fresh", log))
    run([resumed, fresh], resumes=True)
    assert [number for name, number in log if name == "resumed"] == [1]
    assert resumed.seconds == {0: 7.0, 1: 1.0, 2: 9.0}
    assert [number for name, number in log if name == "fresh"] == [0, 1, 2]


def test_an_interrupt_ends_all_of_them_and_leaves_what_is_kept() -> None:
    """Ctrl-C ends all contenders, and their finished rounds are kept."""
    log: list[tuple[str, int]] = []
    keeps = [Kept(), Kept()]
    turns = [make_turn(Runner("a", log), keeps[0]), make_turn(Runner("b", log, KeyboardInterrupt(), at=1), keeps[1])]
    with pytest.raises(KeyboardInterrupt):
        run(turns)
    assert keeps[1].added == [0]
    assert keeps[0].added in ([0], [0, 1])


def test_a_round_that_cannot_be_kept_does_not_stop_the_run() -> None:
    """If finished rounds cannot be written, as on a full disk, the run continues and reports it once."""

    class Full(Kept):
        def add(self, number: int, *_: object) -> None:
            super().add(number)
            raise RunError("no room.")

    turn = make_turn(Runner("a", []), full := Full())
    run([turn])
    assert len(turn.seconds) == ROUNDS
    assert full.added == [0]
    assert turn.not_kept == "a: its finished rounds are not kept for --resume. no room."


class Place:
    """Two images, a server, and a folder of cassettes."""

    def __init__(self, folder: Path, images: Path, url: str) -> None:
        self.folder, self.images, self.url = folder, images, url
        self.cassettes = folder / "cassettes"
        self.top = self.cassettes / MODEL / "two" / "thinking.low"

    @property
    def options(self) -> list[str]:
        """The options of a recording."""
        places = (f"--images={self.images}", f"--cassette-dir={self.cassettes}", f"--base-url={self.url}")
        return ["--record-mode=rewrite", *places, f"--model={MODEL}", *OPTIONS]

    def record(self, *options: str) -> Run:
        """Record, with further options."""
        return run_suite(self.folder, *self.options, *options)

    def replay(self) -> Run:
        """Replay what was recorded."""
        return run_suite(self.folder, f"--images={self.images}", f"--cassette-dir={self.cassettes}", *OPTIONS[2:])

    def kill(self, sent: signal.Signals) -> list[Path]:
        """Start a recording, send a signal once every strategy has a finished round, and return the kept files."""
        command = [sys.executable, "-m", "pytest", "benchmarks", "-p", "no:cacheprovider", *self.options]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment_of_users()) as process:
            while len(kept := sorted(self.top.glob("*.partial"))) < len(STRATEGIES):
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(sent)
            process.wait(60)
        return kept

    def read(self, name: str) -> dict[str, Any]:
        """Return the metadata of a file."""
        document: dict[str, Any] = yaml.safe_load((self.top / name).read_text())["metadata"]
        return document


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Return two images, and a server whose answers take some tenths of a second."""
    images = make_images(tmp_path_factory.mktemp("served") / "two", {"a.jpg": 3, "b.jpg": 5})
    with serve_folder(images, scale=0.15) as url:
        yield images, url


@pytest.fixture
def place(tmp_path: Path, served: tuple[Path, str]) -> Place:
    """Return a place for one test."""
    return Place(tmp_path, *served)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT], ids=lambda sent: sent.name)
def test_a_killed_recording_goes_on_with_the_rounds_that_are_missing(place: Place, sent: signal.Signals) -> None:
    """Finished rounds keep their seconds, none is counted twice, and the record says how many were kept."""
    place.kill(sent)
    assert list(place.top.glob("*.yaml")) == []
    before = {name: place.read(f"{name}.partial")["rounds"] for name in STRATEGIES}
    refused = place.record()
    assert refused.code == pytest.ExitCode.USAGE_ERROR
    assert (
        "(and 2 more) contains finished rounds of a run that ended early: continue it with --resume" in refused.output
    )
    resumed = place.record("--resume")
    assert resumed.code == 0, resumed.output
    assert list(place.top.glob("*.partial")) == []
    for name, rounds in before.items():
        metadata = place.read(f"{name}.yaml")
        assert metadata["rounds"][: len(rounds)] == rounds
        assert (len(metadata["rounds"]), metadata["resumed"], metadata["order"]) == (ROUNDS, len(rounds), "interleaved")
        assert resumed.info(name)["resumed"] == len(rounds)
        assert resumed.seconds(name) == pytest.approx(metadata["rounds"], abs=1e-6)
    replayed = place.replay()
    assert replayed.code == 0, replayed.output
    assert replayed.info("bounded")["answers_by_round"] == resumed.info("bounded")["answers_by_round"]


def test_a_resumed_run_has_to_ask_the_same(place: Place) -> None:
    """Another prompt, other settings or a damaged file end the run in one sentence, and the kept file is unchanged."""
    kept = place.kill(signal.SIGKILL)
    texts = {path: path.read_text() for path in kept}
    other = place.record("--resume", "--concurrency=3")
    assert "bounded.partial was started with other values of the settings; restore them, or delete it" in other.output
    kept[0].write_text(texts[kept[0]].replace("Count the number", "Count any number"))
    asked = place.record("--resume")
    assert f"--resume: {kept[0]} has no recording of a request" in asked.output
    kept[0].write_text(texts[kept[0]][:-200])
    assert f"--resume: {kept[0]} is damaged" in place.record("--resume").output
    assert kept[0].read_text() == texts[kept[0]][:-200]
    kept[0].write_text(texts[kept[0]])
    assert place.record("--resume").code == 0
    assert place.read("bounded.yaml")["resumed"] >= 1


def test_the_order_of_the_rounds_is_recorded(place: Place) -> None:
    """A record of `--order=blocks` says so; its cassette has no entry, as older cassettes, and replays as `blocks`."""
    run = place.record("--order=blocks")
    assert run.code == 0, run.output
    assert run.info("bounded")["order"] == "blocks"
    assert "order" not in place.read("bounded.yaml"), "as in recordings that do not tell"
    assert place.replay().info("bounded")["order"] == "blocks"
    stored = json.loads((place.folder / "run.json").read_text())
    assert stored["benchmarks"]


def test_fewer_rounds_than_are_kept_are_refused(place: Place) -> None:
    """A resumed run needs at least as many rounds as are kept."""
    place.kill(signal.SIGKILL)
    kept = len(place.read("bounded.partial")["rounds"])
    run = place.record("--resume", "--rounds=1")
    assert (f"bounded.partial contains round {kept}; give --rounds={kept} or more." in run.output) == (kept > 1)
    assert place.record("--resume" if kept > 1 else "--rounds=3").code == 0


def test_another_order_is_not_resumed(place: Place) -> None:
    """A run cannot be resumed in another order, because a recording has one order for all of its rounds."""
    place.kill(signal.SIGKILL)
    run = place.record("--resume", "--order=blocks")
    assert "was started with other values of the order of the rounds; restore them, or delete it" in run.output


def test_all_replaces_recordings_of_other_rounds(place: Place) -> None:
    """`--record-mode=all` with more rounds replaces all recordings, so that a strict replay leaves none unused."""
    assert place.record("--rounds=2").code == 0
    options = [each for each in place.options if not each.startswith("--record-mode")]
    run = run_suite(place.folder, "--record-mode=all", *options)
    assert run.code == 0, run.output
    places = (f"--images={place.images}", f"--cassette-dir={place.cassettes}", "--strict-cassettes")
    replayed = run_suite(place.folder, *places, *OPTIONS[2:])
    assert replayed.code == 0, replayed.output
    assert len(replayed.seconds("bounded")) == ROUNDS


def test_a_live_run_that_ends_early_is_not_stored_until_it_is_complete(place: Place) -> None:
    """A live run is stored once, when it is complete; rounds with a refused setting are not kept."""
    stored = place.folder / "stored"
    partial = stored / "partial"
    live = ["--live", *place.options[1:2], *place.options[3:], f"--benchmark-storage={stored}"]
    command = [sys.executable, "-m", "pytest", "benchmarks", "-p", "no:cacheprovider", *live, "--benchmark-autosave"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment_of_users()) as process:
        while len(list(partial.glob("*.partial"))) < len(STRATEGIES):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert list(stored.rglob("*.json")) == []
    done = run_suite(place.folder, *live, "--benchmark-autosave", "--resume")
    assert done.code == 0, done.output
    assert len(list(stored.rglob("*.json"))) == 1
    assert list(partial.glob("*.partial")) == []
    refused = run_suite(place.folder, *(each for each in live if "thinking" not in each), "--thinking-level=minimal")
    assert refused.code == pytest.ExitCode.TESTS_FAILED
    assert list(partial.glob("*.partial")) == []


def test_resuming_needs_finished_rounds(place: Place) -> None:
    """Without any kept rounds `--resume` is an error; if some strategies have none, the run says that they run all."""
    assert (
        "ERROR: --resume: no finished rounds of these strategies are kept; leave it out."
        in place.record("--resume").output
    )
    kept = place.kill(signal.SIGKILL)
    kept[0].unlink()
    run = place.record("--resume")
    assert "No rounds are kept for 1 of these 3; they run all rounds." in run.output
    assert run.code == 0
