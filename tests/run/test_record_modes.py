"""The record modes work over real sockets as vcrpy documents them."""

import os
import pty
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from fixtures.recordings.lock import lock_cassette
from tests.helpers.simulated import serve_folder
from tests.helpers.suite import Run, make_images, run_suite

MODEL = "gemini-3.5-flash"


class Place:
    """Two images, a folder of cassettes, and a server."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.images = make_images(folder / "two", {"a.jpg": 1, "b.jpg": 2})
        self.cassette = folder / "cassettes" / MODEL / "two" / "sequential.yaml"

    def run(self, mode: str, *options: str, url: str | None = None) -> Run:
        """Run the sequential strategy in a record mode."""
        places = (f"--images={self.images}", f"--cassette-dir={self.folder / 'cassettes'}", f"--model={MODEL}")
        server = () if mode == "none" else (f"--base-url={url or self.url}",)
        return run_suite(self.folder, f"--record-mode={mode}", *server, *places, "-k", "sequential", *options)

    def recorded(self) -> list[tuple[int, str]]:
        """Return the round and the image's digest of each interaction."""
        interactions = yaml.safe_load(self.cassette.read_text())["interactions"]
        return [
            (
                each["response"]["recorded"]["round"],
                each["request"]["body"]["contents"][0]["parts"][0]["inlineData"]["sha256"],
            )
            for each in interactions
        ]

    def drop(self, index: int) -> bytes:
        """Remove an interaction from the cassette; return the new content of the file."""
        document = yaml.safe_load(self.cassette.read_text())
        del document["interactions"][index]
        self.cassette.write_text(yaml.safe_dump(document, sort_keys=False))
        return self.cassette.read_bytes()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return a place with a cassette of two rounds, which no test changes."""
    folder = tmp_path_factory.mktemp("recorded")
    images = make_images(folder / "known", {"a.jpg": 1, "b.jpg": 2})
    with serve_folder(images) as url:
        place = Place(folder, url)
        run = place.run("rewrite", "--rounds=2")
        assert run.code == 0, run.output
        yield place


@pytest.fixture
def place(tmp_path: Path, recorded: Place) -> Place:
    """Return a place for one test with a copy of that cassette."""
    place = Place(tmp_path, recorded.url)
    place.cassette.parent.mkdir(parents=True)
    shutil.copy(recorded.cassette, place.cassette)
    return place


def test_a_second_recording_of_the_same_cassette_at_once_is_refused(place: Place) -> None:
    """A recording fails if another process is recording the same cassette, and leaves the cassette unchanged."""
    before = place.cassette.read_bytes()
    with lock_cassette(place.cassette):
        second = place.run("rewrite", "--rounds=1")
    assert second.code == 1
    assert f"{place.cassette} is being recorded by another process" in second.output
    assert place.cassette.read_bytes() == before
    assert place.run("rewrite", "--rounds=1").code == 0


def test_a_terminal_shows_how_far_a_recording_is(place: Place) -> None:
    """A terminal shows the round, the requests done and in flight, and the cost; other output has none of these."""
    assert "in flight" not in place.run("rewrite", "--rounds=1").output
    images, cassettes = f"--images={place.images}", f"--cassette-dir={place.folder / 'cassettes'}"
    server = ("--record-mode=rewrite", f"--base-url={place.url}", f"--model={MODEL}")
    options = [*server, "--rounds=60", images, cassettes, "-k", "sequential"]
    seen = bytearray()

    def read(descriptor: int) -> bytes:
        data = os.read(descriptor, 4096)
        seen.extend(data)
        return data

    # A new terminal has a width of 0, and pytest-benchmark disables benchmarks in the workers of pytest-xdist.
    wide = ["sh", "-c", 'unset PYTEST_XDIST_WORKER; stty cols 160 rows 40; exec "$0" "$@"']
    code = pty.spawn([*wide, sys.executable, "-m", "pytest", "benchmarks", "-p", "no:cacheprovider", *options], read)
    assert code == 0, seen.decode()
    assert re.search(r"gemini-3\.5-flash-two-sequential.*/60 .*[01] done, 1 in flight", seen.decode())
    assert "so far" in seen.decode()


NOWHERE = "http://127.0.0.1:1"


def test_none_replays_and_never_records(place: Place) -> None:
    """With `none`, a request that is not recorded is a miss."""
    assert place.run("none").code == 0
    before = place.drop(3)
    missed = place.run("none")
    assert missed.code == 1
    assert re.search(r"has no recording of a request: in round 2, [ab]\.jpg differs", missed.output)
    assert place.cassette.read_bytes() == before


def test_once_records_only_where_there_is_no_cassette(place: Place) -> None:
    """With `once`, an existing cassette is replayed and a miss is an error; a missing cassette is recorded."""
    before = place.cassette.read_bytes()
    assert place.run("once", url=NOWHERE).code == 0
    assert place.cassette.read_bytes() == before
    before = place.drop(3)
    assert place.run("once").code == 1
    assert place.cassette.read_bytes() == before
    place.cassette.unlink()
    assert place.run("once", "--rounds=1").code == 0
    assert [number for number, _ in place.recorded()] == [0, 0]


def test_new_episodes_replays_what_is_recorded_and_records_the_rest(place: Place) -> None:
    """With `new_episodes`, only the missing request is sent, and the other recordings are kept."""
    complete = place.recorded()
    place.drop(1)
    kept = yaml.safe_load(place.cassette.read_text())["interactions"]
    run = place.run("new_episodes")
    assert run.code == 0, run.output
    assert sorted(place.recorded()) == sorted(complete)
    now = yaml.safe_load(place.cassette.read_text())["interactions"]
    assert all(each in now for each in kept)
    before = place.cassette.read_bytes()
    assert place.run("none", "--strict-cassettes").code == 0
    assert place.cassette.read_bytes() == before


def test_all_records_everything_and_keeps_what_is_not_recorded_again(place: Place) -> None:
    """With `all`, new recordings replace those of the same requests; a recording of another image is kept."""
    document = yaml.safe_load(place.cassette.read_text())
    other = yaml.safe_load(yaml.safe_dump(document["interactions"][0]))
    other["request"]["body"]["contents"][0]["parts"][0]["inlineData"]["sha256"] = "f" * 64
    other["response"]["recorded"]["elapsed"] = 0.0
    del other["response"]["recorded"]["phases"]
    document["interactions"].append(other)
    place.cassette.write_text(yaml.safe_dump(document, sort_keys=False))
    before = yaml.safe_load(place.cassette.read_text())["interactions"]
    assert place.run("all", "--rounds=2").code == 0
    after = yaml.safe_load(place.cassette.read_text())["interactions"]
    assert len(after) == 5
    assert [each for each in before if each in after] == [other]


def test_rewrite_records_everything_and_keeps_nothing(place: Place) -> None:
    """With `rewrite`, the cassette has only the rounds and recordings of this run."""
    before = place.cassette.read_bytes()
    assert place.run("rewrite", "--rounds=1").code == 0
    assert [number for number, _ in place.recorded()] == [0, 0]
    assert place.cassette.read_bytes() != before


@pytest.mark.parametrize("mode", ["all", "rewrite", "new_episodes"])
def test_a_mode_that_records_needs_its_server(place: Place, mode: str) -> None:
    """If the server cannot be reached, the run fails and the cassette is unchanged."""
    before = place.cassette.read_bytes()
    run = place.run(mode, url=NOWHERE)
    assert run.code == 1
    assert "cannot be reached" in run.output
    assert place.cassette.read_bytes() == before
