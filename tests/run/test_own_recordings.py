"""Recordings of one's own images are replayed beside the others, and do not prevent any other replay."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from benchmarks.strategies import STRATEGIES
from fixtures.simulator.serving.process import run_simulator
from tests.helpers.forks import ROOT
from tests.helpers.suite import Run, make_images, run_suite

MODEL = "gemini-3-pro-preview"
PEOPLE = {"a.jpg": 3, "b.jpg": 5}
NAMES = "sequential or concurrent or single_prompt"
RECORDED = "sequential or single_prompt"
OWN = f"{MODEL}-u_receipts"


class Place:
    """Cassettes of a bundled set, and of two strategies about two images of one's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images = folder / "photos" / "u_receipts"
        self.cassettes = folder / "cassettes"
        self.own = self.cassettes / MODEL / "u_receipts"

    def run(self, *options: str, names: str = NAMES, **environment: str) -> Run:
        """Run these strategies with these cassettes."""
        return run_suite(self.folder, f"--cassette-dir={self.cassettes}", "-k", names, *options, **environment)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Record one round of the images."""
    place = Place(tmp_path_factory.mktemp("recorded"))
    make_images(place.images, PEOPLE)
    shutil.copytree(ROOT / "cassettes" / MODEL, place.cassettes / MODEL)
    with run_simulator(time_scale=0.01, folders=[place.images]) as url:
        options = ("--record-mode=rewrite", f"--base-url={url}", "--rounds=1", f"--model={MODEL}")
        run = place.run(*options, f"--images={place.images}", names=RECORDED)
    assert run.code == 0, run.output
    return place


@pytest.fixture
def place(recorded: Place, tmp_path: Path) -> Place:
    """Return a copy for one test, at the same depth in the file system."""
    place = Place(tmp_path / "own")
    shutil.copytree(recorded.folder, place.folder)
    for path in place.own.iterdir():
        document = yaml.safe_load(path.read_text())
        document["metadata"]["folder"] = os.path.relpath(place.images, ROOT)
        path.write_text(yaml.safe_dump(document, sort_keys=False))
    return place


def find_skipped(run: Run) -> list[str]:
    """Return the lines of the summary that say which tests were skipped, and why."""
    return [line for line in run.output.splitlines() if line.startswith("SKIPPED")]


def test_a_plain_replay_finds_the_folder(recorded: Place) -> None:
    """The folder of the images is found by its relative path in the cassette, for the report too."""
    told = yaml.safe_load((recorded.own / "sequential.yaml").read_text())["metadata"]["folder"]
    assert (ROOT / told).resolve() == recorded.images
    assert not Path(told).is_absolute()
    run = recorded.run(f"--report={recorded.folder / 'report'}", "--strict-cassettes")
    assert run.code == 0, run.output
    assert "5 passed" in run.output
    assert (recorded.folder / "report" / "gemini-3-pro-preview-u-receipts-images.png").is_file()


def test_a_folder_that_is_gone_skips_its_group_alone(place: Place) -> None:
    """A missing folder skips its group with a reason; the gates compare the rest and count what was skipped."""
    stored = place.run("--benchmark-save=all")
    assert stored.code == 0, stored.output
    moved = place.images.parent.rename(place.folder / "moved") / "u_receipts"
    run = place.run("--benchmark-compare", "--fail-on-regression", "--strict-cassettes")
    assert run.code == 0, run.output
    assert "3 passed" in run.output
    (told,) = find_skipped(run)
    assert told.startswith("SKIPPED [2] ")
    assert (
        f"The folder of this recording's images, {place.images}, does not exist; give its path with --images=" in told
    )
    counted = f"In 0001_all.json, not in this run: 2 benchmarks, 2 of them skipped ({OWN}-sequential, {OWN}-single"
    assert counted in run.output.replace("replayed/", "")
    nothing = place.run("--benchmark-compare", "--fail-on-regression", names="u_receipts")
    assert nothing.code == pytest.ExitCode.TESTS_FAILED
    assert "nothing was compared (exit code 1)" in nothing.output
    given = place.run(f"--images={moved}", names=RECORDED)
    assert given.code == 0
    assert "2 passed" in given.output


def without_folder(place: Place) -> None:
    """Remove the folder from the recordings, as in those of an earlier version."""
    for path in place.own.iterdir():
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.startswith("  folder:")))


def with_damage(place: Place) -> None:
    """Put a file that is not an image into the folder."""
    (place.images / "c.jpg").write_text("no image")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            without_folder,
            "The folder of this recording's images, u_receipts, does not exist; give its path with --images=",
        ),
        (with_damage, "c.jpg is not an image"),
    ],
)
def test_images_that_cannot_be_loaded_skip_their_group_alone(
    place: Place, change: Callable[[Place], None], reason: str
) -> None:
    """Without `--images`, a recording without its folder or with a damaged image is skipped."""
    change(place)
    run = place.run()
    assert run.code == 0, run.output
    assert "3 passed, 2 skipped" in run.output
    assert reason in find_skipped(run)[0]


def test_a_strategy_that_was_never_recorded_for_ones_own_images_is_skipped(recorded: Place) -> None:
    """One reason is printed for all skipped strategies, with a command that keeps the user's options."""
    run = recorded.run(f"--images={recorded.images}", "--chunk=3", names="u_receipts")
    assert run.code == 0, run.output
    (told,) = find_skipped(run)
    lacking = [name for name in STRATEGIES if name not in ("sequential", "single_prompt")]
    assert told.startswith(f"SKIPPED [{len(lacking)}] ")
    assert f"{', '.join(lacking)} were not recorded for u_receipts with {MODEL}. " in told
    assert f"--model={MODEL} --images={recorded.images} --chunk=3 --cassette-dir={recorded.cassettes} -k " in told
    assert f'-k "{" or ".join(lacking)}"' in told


def test_a_strategy_without_any_cassette_is_skipped_where_only_ones_own_images_are_recorded(place: Place) -> None:
    """Without a recorded bundled set, a strategy without a cassette is skipped and does not fail."""
    shutil.rmtree(place.cassettes / MODEL / "four")
    run = place.run()
    assert run.code == 0, run.output
    assert "2 passed, 1 skipped" in run.output
    assert "not recorded for u_receipts with gemini-3-pro-preview" in find_skipped(run)[0]


def test_an_image_that_was_added_is_told_once_with_a_command_that_fits(place: Place) -> None:
    """The image is reported once; the suggested command has the user's options and names the recorded server."""
    names = "u_receipts and single_prompt"
    assert place.run("--benchmark-save=all", names=names).code == 0
    shutil.copy(ROOT / "fixtures" / "images" / "four" / "bus.jpg", place.images / "c.jpg")
    run = place.run("--max-errors=1", "--benchmark-compare", names=names, CI="1")
    assert run.code == pytest.ExitCode.TESTS_FAILED
    told = run.output.partition("short test summary")[0]  # the summary repeats the errors
    assert told.count("c.jpg was added after the recording; the same: model (0 of ") == 1
    assert f"tox -e record -- --model={MODEL} --images={place.images} --max-errors=1 --cassette-dir=" in run.output
    assert "--base-url=URL -k single_prompt', where URL is the address of 127.0.0.1:" in run.output
    assert "Traceback" not in run.output


def test_an_image_that_was_removed_is_told(place: Place) -> None:
    """Replayed one by one, the image is listed as gone; in a prompt about all images it is reported as removed."""
    (place.images / "b.jpg").unlink()
    task = place.images / "task.toml"
    task.write_text("".join(line for line in task.read_text().splitlines(keepends=True) if "b.jpg" not in line))
    run = place.run(names="u_receipts")
    assert "b.jpg was removed after the recording; the same: model (0 of " in run.output
    assert "sequential.yaml: these images are gone: b.jpg." in run.output
    strict = place.run("--strict-cassettes", names="u_receipts and sequential")
    assert strict.code == pytest.ExitCode.TESTS_FAILED
    assert "1 of 2 recordings were not used" in strict.output
    assert "These images are gone: b.jpg." in strict.output
