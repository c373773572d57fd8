"""The command prints the plans for people or as JSON, and reports errors in one sentence."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.helpers.forks import ROOT, run_python
from tests.helpers.suite import environment_of_users
from tests.plan.command import Command

MODEL = "gemini-3.8-flash"
"""A model that the suite has recordings of."""


def run_plan(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return run_python(["-m", "benchmarks.plan", *options], env=environment_of_users(), timeout=120)


def test_programs_get_the_same_as_json() -> None:
    """`--json` prints the plans, projected from recordings, and the measurements of this machine."""
    recordings = [
        f"--latency-from={ROOT / 'cassettes' / MODEL / 'four' / f'{name}.yaml'}"
        for name in ("sequential", "single_prompt")
    ]
    done = run_plan("--images=500", "--rpm=1000", "--json", f"--model={MODEL}", *recordings)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["recorded_requests"] == 30
    assert document["origin"].startswith("Projected from 30 recorded requests of the bundled simulator, not of Gemini")
    assert {plan["strategy"] for plan in document["plans"]} >= {
        *("sequential", "concurrent", "bounded", "files", "batch_files")
    }
    why = "chunked: 4 images a request are not planned: 6"
    assert [told for told in document["left_out"] if told.startswith(why)], "as it is less right"
    (bounded,) = (plan for plan in document["plans"] if plan["strategy"] == "bounded")
    assert bounded["same"] == ["threads"]
    assert bounded["settings"] == {"concurrency": bounded["concurrency"]}
    names = {"requests", "seconds", "interval", "cost_usd", "right", "right_interval", "judged", "error", "unit"}
    names |= {"binds", "against", "extrapolated", "notes", "fits", "days", "jobs", "model_settings"}
    assert names <= set(bounded), "which programs rely on"
    assert document["recommended"].startswith("bounded (concurrency ")
    assert document["chosen_by"] == ["right answers", "speed", "cost"]
    assert document["client"]["cpu_seconds"] > 0
    assert document["cheapest"] == "batch_files"
    assert document["equals"]["cheapest"] == ["batch_files"]


def test_a_model_without_a_price_gets_its_plans_and_a_sentence(tmp_path: Path, plan: Command) -> None:
    """With a budget and an unknown price no plan fits; the fastest is named, and the exit code is 1."""
    text = (ROOT / "cassettes" / MODEL / "four" / "sequential.yaml").read_text()
    cassette = tmp_path / "sequential.yaml"
    cassette.write_text(text.replace(f"model: {MODEL}\n", "model: some-model-without-a-price\n", 1))
    done = plan("--images=100", "--budget=1", "--model=some-model-without-a-price", f"--latency-from={cassette}")
    assert done.code == 1, done.stderr
    assert "100 images, some-model-without-a-price, no rate limits, for at most $1.00" in done.stdout
    assert "No plan fits.\nThe fastest would be " in done.stdout
    assert "The price of some-model-without-a-price is not known; leave --budget out." in done.stdout


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (("--images=0",), 2, "'0' is not a whole number of at least 1"),
        (("--images=nowhere",), 1, "plan: --images nowhere: there is no such folder and no image set of that name"),
        (("--images=5", "--least-right=1"), 2, "'1' is not a share above 0 and below 1, such as 0.9"),
        (("--images=5", "--least-right=0.0"), 2, "'0.0' is not a share above 0 and below 1"),
        (("--images=5", "--task=a.b:C"), 2, "--task: needs an image set; name it with --images"),
        (("--images=5", "--deadline=soon"), 2, "'soon' is not a time, such as 90s, 45m, 1h30m or 2d"),
        (("--images=5", "--deadline=0s"), 2, "'0s' is zero; give a time such as 90s"),
        (("--images=5", "--model=gemini-9"), 1, "The simulator has no profile of gemini-9, only of gemini-2.5-flash"),
        (("--images=5", "--latency-from=x.yaml"), 1, "there is no cassette x.yaml"),
        (("--images=500", "--deadline=1s"), 1, "No plan fits."),
        (("--images=99999999999999999999",), 2, "is larger than 999,999,999,999, the largest number allowed"),
        (("--images=5", "--rpd=0"), 2, "argument --rpd: '0' is not a whole number of at least 1"),
        (("--images=5", "--batch-tokens=3M"), 2, "argument --batch-tokens: '3M' is not a whole number of at least 1"),
    ],
)
def test_what_cannot_be_planned_is_told_in_a_sentence(
    plan: Command, options: tuple[str, ...], code: int, sentence: str
) -> None:
    """The command prints one sentence and returns its exit code; any other exception would fail the test."""
    done = plan(*options)
    assert done.code == code
    assert sentence in done.stdout + done.stderr


def test_what_is_wrong_is_told_by_the_process_too() -> None:
    """The process prints the error on standard error, without a traceback, and exits with 1."""
    done = run_plan("--images=5", "--latency-from=x.yaml")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no cassette x.yaml" in done.stderr
    assert "Traceback" not in done.stderr
