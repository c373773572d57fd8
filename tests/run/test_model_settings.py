"""Settings run as contenders: their ids and cassettes, smaller images, and settings that the model refuses."""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from fixtures.simulator.serving.process import run_simulator
from tests.helpers.suite import Run, make_images, run_suite

MODEL = "gemini-3.8-flash"
PEOPLE = {"a.jpg": 3, "b.jpg": 5}
LOW = "thinking.low-side.32"
REFUSAL = "The model refused a setting: Thinking level MINIMAL is not supported for this model. "


TWO = "bounded or (batch and not files)"
"""The expression for `-k` that selects the two strategies."""


class Recorded:
    """Two strategies, recorded and replayed with low thinking, with small images, with both and with neither."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images = make_images(folder / "own", PEOPLE)
        options = ("--thinking-level=low,default", "--max-side=32,default", "--rounds=1", "-k", TWO)
        with run_simulator(time_scale=0.01, folders=[self.images], max_sides=[32]) as url:
            self.recorded = self.run("--record-mode=rewrite", f"--base-url={url}", *options)
        self.replayed = self.run("-k", TWO, "--strict-cassettes")

    def run(self, *options: str) -> Run:
        """Run the suite on these images and cassettes."""
        return run_suite(
            self.folder, f"--images={self.images}", f"--cassette-dir={self.folder / 'cassettes'}", *options
        )


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Record eight contenders, and replay them."""
    made = Recorded(tmp_path_factory.mktemp("own"))
    assert made.recorded.code == 0, made.recorded.output
    assert made.replayed.code == 0, made.replayed.output
    return made


def test_each_combination_has_a_cassette_in_a_folder_of_its_name(own: Recorded) -> None:
    """Without settings, the cassettes are directly in the folder of the image set."""
    top = own.folder / "cassettes" / MODEL / "own"
    found = {path.relative_to(top).as_posix() for path in top.rglob("*.yaml")}
    folders = ("", f"{LOW}/", "thinking.low/", "side.32/")
    assert found == {f"{folder}{name}.yaml" for folder in folders for name in ("bounded", "batch")}


def test_a_replay_finds_all_of_them_without_options(own: Recorded) -> None:
    """A replay without options runs all eight contenders in one group, and leaves no recording unused."""
    rows = re.findall(r"^bounded(?: \((.*)\))?  ", own.replayed.output, re.MULTILINE)
    assert sorted(rows) == ["", "side 32", "thinking low", "thinking low, side 32"]
    assert own.replayed.output.count(f"= {MODEL}, own =") == 1
    assert "8 passed" in own.replayed.output


def test_one_can_be_chosen_by_option_or_by_name(own: Recorded) -> None:
    """The options select combinations of settings; `-k` matches parts of the test id."""
    by_name = own.run("-k", f"bounded and {LOW}")
    assert "1 passed" in by_name.output
    by_option = own.run("--thinking-level=low", "--max-side=32", "-k", "bounded")
    assert "1 passed" in by_option.output
    missing = own.run("--thinking-level=high")
    told = (
        f"ERROR: There is no cassette for own with thinking high. Record with 'tox -e record -- --images={own.images} "
    )
    assert f"{told}--thinking-level=high --cassette-dir={own.folder / 'cassettes'}'" in missing.output
    assert missing.code == pytest.ExitCode.USAGE_ERROR


def test_a_folder_that_is_named_after_no_settings_is_told(own: Recorded, tmp_path: Path) -> None:
    """A folder whose name is no combination of settings is reported; the other cassettes replay."""
    top = Path(shutil.copytree(own.folder / "cassettes", tmp_path / "cassettes"))
    (top / MODEL / "own" / LOW).rename(top / MODEL / "own" / "side.32-thinking.low")
    (top / MODEL / "own" / "side.32" / "batch.yaml").unlink()
    options = (f"--images={own.images}", f"--cassette-dir={top}")
    run = run_suite(tmp_path, *options, "-k", TWO)
    assert f"{top / MODEL / 'own' / 'side.32-thinking.low'} has cassettes that are not replayed: its name" in run.output
    assert "5 passed" in run.output


def test_a_miss_says_how_to_record_with_the_same_settings(own: Recorded, tmp_path: Path) -> None:
    """The command has the settings, so that it does not overwrite the recording without any; it is printed once."""
    top = Path(shutil.copytree(own.folder / "cassettes", tmp_path / "cassettes"))
    path = top / MODEL / "own" / "thinking.low" / "bounded.yaml"
    path.write_text(path.read_text().replace("Count the number", "Count any number"))
    run = run_suite(tmp_path, f"--images={own.images}", f"--cassette-dir={top}", "-k", "bounded-thinking.low]")
    options = f"--images={own.images} --thinking-level=low --cassette-dir={top} --base-url=URL -k bounded"
    told = f"tox -e record -- --model={MODEL} {options}"
    assert run.output.partition("short test summary")[0].count(told) == 1


def test_what_was_sent_is_what_was_set(own: Recorded) -> None:
    """The requests have the set thinking level and the smaller images, which the simulator answers right."""
    top = own.folder / "cassettes" / MODEL / "own"
    plain, low = (yaml.safe_load((top / f"{name}bounded.yaml").read_text()) for name in ("", f"{LOW}/"))
    assert "generationConfig" not in str(plain["interactions"])
    for interaction in low["interactions"]:
        assert interaction["request"]["body"]["generationConfig"] == {"thinkingConfig": {"thinking_level": "LOW"}}
    digests = [{image["sha256"] for image in each["metadata"]["images"]} for each in (plain, low)]
    assert not digests[0] & digests[1]
    assert own.replayed.info("bounded")["truth"] == PEOPLE
    assert own.replayed.info("bounded")["right"] == 1.0


def test_a_refused_setting_is_told_once_and_costs_the_others_nothing(tmp_path: Path) -> None:
    """A refused setting is reported once per strategy, for all images and rounds; the other level has its results."""
    run = run_suite(
        tmp_path,
        "--simulate=virtual",
        "--images=four",
        "--thinking-level=minimal,low",
        "--rounds=3",
        "-k",
        "(batch and not files) or threads",
    )
    assert run.code == pytest.ExitCode.TESTS_FAILED
    assert run.output.partition("short test summary")[0].count(REFUSAL) == 2, "one of each strategy"
    assert "Undo the change" not in run.output
    assert "2 failed, 2 passed" in run.output
    assert "batch (thinking low)" in run.output
    assert "has no answer for" not in run.output


def test_tiers_run_side_by_side_with_their_own_patience_and_price(tmp_path: Path) -> None:
    """Flex takes minutes and retries, and answers every image at half the price; priority costs more."""
    run = run_suite(
        tmp_path,
        *(
            "--simulate=virtual",
            "--images=sixteen",
            "--service-tier=default,flex,priority",
            "--rounds=2",
            "-k",
            "bounded",
        ),
    )
    assert run.code == 0, run.output
    stored = json.loads((tmp_path / "run.json").read_text())["benchmarks"]
    infos = {each["extra_info"]["model_settings"].get("service_tier"): each["extra_info"] for each in stored}
    seconds = {tier: min(each["stats"]["data"]) for tier, each in zip(infos, stored, strict=True)}
    assert infos[None]["served_tiers"] == {}
    assert infos["flex"]["served_tiers"] == {"flex": 16}
    assert infos["flex"]["cost_usd"] == pytest.approx(0.5 * infos[None]["cost_usd"], rel=0.2)
    assert infos["flex"]["retries"] > 0
    assert seconds["flex"] > 60 > seconds[None]
    served = infos["priority"]["served_tiers"]
    assert sum(served.values()) == 16
    assert set(served) <= {"priority", "standard"}
    assert infos["priority"]["cost_usd"] > 1.5 * infos[None]["cost_usd"]
