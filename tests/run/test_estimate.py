"""What a run sends and costs is told before it begins, and a costly run against Gemini does not begin."""

from pathlib import Path

import pytest

from fixtures.simulator.serving.process import run_simulator
from tests.helpers.suite import make_images, run_suite

KEY = {"GEMINI_API_KEY": "made-up-key"}


def test_the_plan_counts_requests_images_tokens_and_dollars(tmp_path: Path) -> None:
    """Five rounds of four images: 20 requests, of the single prompt 5, each estimated in tokens and dollars."""
    run = run_suite(tmp_path, "--live", "--model=gemini-3-pro-preview", "--max-cost=0.5", **KEY)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    rows = {line.split()[0]: line.split()[1:3] for line in run.output.splitlines() if line.startswith("gemini-3-pro")}
    assert rows == {
        "gemini-3-pro-preview-four-sequential": ["20", "20"],
        "gemini-3-pro-preview-four-concurrent": ["20", "20"],
        "gemini-3-pro-preview-four-single_prompt": ["5", "20"],
    }
    assert "The run is estimated to cost $1.3606, which is above --max-cost=0.5" in run.output
    assert "Traceback" not in run.output


def test_fewer_rounds_cost_less(tmp_path: Path) -> None:
    """One round of one strategy is estimated at its own price, and still more than nothing."""
    run = run_suite(
        tmp_path, "--live", "--rounds=1", "-k", "concurrent", "--model=gemini-2.5-flash", "--max-cost=0", **KEY
    )
    assert "estimated to cost $0.017" in run.output
    assert run.code == pytest.ExitCode.USAGE_ERROR


def test_an_unknown_price_is_said(tmp_path: Path) -> None:
    """It counts as nothing against the limit, so it is told."""
    run = run_suite(tmp_path, "--live", "--model=gemini-9", "--model=gemini-3-pro-preview", **KEY)
    assert "Gemini is going to be paid about $1.3606, without gemini-9, of unknown price" in run.output
    assert run.code == pytest.ExitCode.USAGE_ERROR


def test_a_live_run_uses_no_cassette_and_is_stored_as_live(tmp_path: Path) -> None:
    """Against another server than Google's nothing is paid, so no limit holds."""
    folder = make_images(tmp_path / "two", {"a.jpg": 1, "b.jpg": 2})
    with run_simulator(time_scale=0.01, folders=[folder]) as url:
        options = ("--live", f"--base-url={url}/", "--api-version=v1beta", "--rounds=2", "--max-cost=0")
        places = (f"--images={folder}", f"--cassette-dir={tmp_path / 'cassettes'}")
        run = run_suite(tmp_path, *options, *places)
    assert run.code == 0, run.output
    assert "not Gemini's" in run.output
    for strategy in ("sequential", "concurrent", "single_prompt"):
        assert run.info(strategy)["timing"] == "live"
        assert run.info(strategy)["source"] == url.removeprefix("http://")
        assert run.info(strategy)["answers"] == {"a.jpg": 1, "b.jpg": 2}
        assert len(run.seconds(strategy)) == 2
    assert not (tmp_path / "cassettes").exists()
