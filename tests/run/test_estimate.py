"""What a run sends and costs is told before it begins, and a costly run against Gemini does not begin."""

from importlib.metadata import version
from pathlib import Path

import pytest

from fixtures.base.option_types import read_cost_limit
from fixtures.run.contenders import Contender
from fixtures.run.estimate import Estimate, check_cost
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


def test_a_run_of_unknown_price_does_not_begin(tmp_path: Path) -> None:
    """No limit can be kept with it, not even together with a model whose price is known."""
    run = run_suite(tmp_path, "--live", "--model=gemini-9", "--model=gemini-3.5-flash", "--rounds=1", **KEY)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert f"genai-prices {version('genai-prices')} does not know the price of gemini-9, so --max-cost=1 " in run.output
    assert "--max-cost=unknown" in run.output


def test_a_run_of_unknown_price_begins_where_that_is_allowed() -> None:
    """With `--max-cost=unknown`, which lifts the limit for every model of the run."""
    contender = Contender("gemini-9", "four", "sequential")
    estimates = [Estimate(contender, 1, 1, 1, None), Estimate(contender, 1, 1, 1, 1000.0)]
    check_cost(estimates, read_cost_limit("unknown"))
    with pytest.raises(pytest.UsageError, match="does not know the price of gemini-9"):
        check_cost(estimates, 1000.0)


@pytest.mark.parametrize(
    "host", ["https://GenerativeLanguage.googleapis.com:443/", "http://a-aiplatform.googleapis.com"]
)
def test_googles_own_host_as_the_base_url_is_gemini(tmp_path: Path, host: str) -> None:
    """It has the limit, and needs a key."""
    options = ("--live", f"--base-url={host}", "--rounds=1", "-k", "concurrent", "--max-cost=0")
    run = run_suite(tmp_path, *options, **KEY)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "which is above --max-cost=0" in run.output
    assert "Recording from Gemini needs a key" in run_suite(tmp_path, *options[:-1], "--max-cost=unknown").output


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
