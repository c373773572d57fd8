"""A run reports its requests and its cost before it begins; one against Gemini above the limit does not begin."""

from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest

from fixtures.base.option_types import read_cost_limit
from fixtures.models.model_settings import THINKING_LEVELS, ModelSettings
from fixtures.run.contenders import Contender
from fixtures.run.estimate import (
    ANSWER_TOKENS,
    OUTPUT_TOKENS,
    Estimate,
    check_cost,
    check_models,
    estimate_image_tokens,
    estimate_output_tokens,
)
from fixtures.simulator.serving.process import run_simulator
from tests.helpers.suite import make_images, run_suite

KEY = {"GEMINI_API_KEY": "made-up-key"}
TODAY = date(2026, 11, 25)


def contender(model: str, **settings: str | int) -> Contender:
    """Return a contender with these settings."""
    return Contender(model, "four", "sequential", ModelSettings(**settings))  # type: ignore[arg-type]


def test_the_plan_counts_requests_images_tokens_and_dollars(tmp_path: Path) -> None:
    """Six rounds of four images are 24 requests, or 6 of the single prompt, each estimated in tokens and dollars."""
    run = run_suite(tmp_path, "--live", "--model=gemini-3-pro-preview", "--force", "--max-cost=0.5", **KEY)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    lines = [line.split() for line in run.output.splitlines() if line.startswith("gemini-3-pro-preview-four")]
    rows = {line[0]: line[1:3] for line in lines}
    assert rows == {
        "gemini-3-pro-preview-four-sequential": ["24", "24"],
        "gemini-3-pro-preview-four-concurrent": ["24", "24"],
        "gemini-3-pro-preview-four-single_prompt": ["6", "24"],
    }
    assert "The run is estimated to cost $1.6327, which is above --max-cost=0.5" in run.output
    assert "Traceback" not in run.output


def test_a_job_is_estimated_at_half_of_what_its_questions_cost_alone(tmp_path: Path) -> None:
    """A batch job has the tokens of the same questions sent one by one, and half their cost, inlined or in a file."""
    options = ("--live", "--model=gemini-3.8-flash", "-k", "concurrent or batch", "--rounds=2", "--max-cost=0")
    run = run_suite(tmp_path, *options, **KEY)
    lines = [line.split() for line in run.output.splitlines() if line.startswith("gemini-3.8-flash-four-")]
    rows = {line[0].removeprefix("gemini-3.8-flash-four-"): line[1:] for line in lines}
    assert list(rows) == ["concurrent", "batch", "batch_files"]
    assert {name: row[:2] for name, row in rows.items()} == {
        "concurrent": ["8", "8"],
        "batch": ["2", "8"],
        "batch_files": ["10", "8"],
    }
    assert len({row[2] for row in rows.values()}) == 1, "tokens"
    cost = {name: float(row[3].removeprefix("$")) for name, row in rows.items()}
    assert cost["batch"] == cost["batch_files"] == pytest.approx(cost["concurrent"] / 2, abs=1e-4)


def test_a_strategy_that_cannot_run_ends_the_run_in_a_sentence(tmp_path: Path) -> None:
    """A file of requests that is too large is reported by the estimate, in one sentence and without a traceback."""
    options = ("--live", "--model=gemini-3.8-flash", "-k", "batch_files", "-p", "tests.helpers.small_files")
    run = run_suite(tmp_path, *options, **KEY)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: The requests about 4 images make a file of more than 9 bytes" in run.output
    assert "INTERNALERROR" not in run.output
    assert "Traceback" not in run.output


def test_fewer_rounds_cost_less(tmp_path: Path) -> None:
    """One round of one strategy is estimated at the cost of that round."""
    run = run_suite(
        tmp_path, "--live", "--rounds=1", "-k", "concurrent", "--model=gemini-2.5-flash", "--max-cost=0", **KEY
    )
    assert "estimated to cost $0.017" in run.output
    assert run.code == pytest.ExitCode.USAGE_ERROR


def test_a_run_of_unknown_price_does_not_begin(tmp_path: Path) -> None:
    """A model without a known price stops the run, even beside a model whose price is known."""
    run = run_suite(tmp_path, "--live", "--model=gemini-9", "--model=gemini-3.5-flash", "--rounds=1", **KEY)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert f"genai-prices {version('genai-prices')} does not know the price of gemini-9, so --max-cost=1 " in run.output
    assert "--max-cost=unknown" in run.output


def test_a_run_of_unknown_price_begins_where_that_is_allowed() -> None:
    """`--max-cost=unknown` lifts the limit for all models of the run."""
    contender = Contender("gemini-9", "four", "sequential")
    estimates = [Estimate(contender, 1, 1, 1, None), Estimate(contender, 1, 1, 1, 1000.0)]
    check_cost(estimates, read_cost_limit("unknown"))
    with pytest.raises(pytest.UsageError, match="does not know the price of gemini-9"):
        check_cost(estimates, 1000.0)


@pytest.mark.parametrize(
    "host", ["https://GenerativeLanguage.googleapis.com:443/", "http://a-aiplatform.googleapis.com"]
)
def test_googles_own_host_as_the_base_url_is_gemini(tmp_path: Path, host: str) -> None:
    """A `googleapis.com` host as `--base-url` has the cost limit and needs a key."""
    options = ("--live", f"--base-url={host}", "--rounds=1", "-k", "concurrent", "--max-cost=0")
    run = run_suite(tmp_path, *options, **KEY)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "which is above --max-cost=0" in run.output
    assert "Recording from Gemini needs a key" in run_suite(tmp_path, *options[:-1], "--max-cost=unknown").output


def test_a_live_run_uses_no_cassette_and_is_stored_as_live(tmp_path: Path) -> None:
    """A live run against a server other than Google's costs nothing, so the limit does not apply."""
    folder = make_images(tmp_path / "two", {"a.jpg": 1, "b.jpg": 2})
    with run_simulator(time_scale=0.01, folders=[folder]) as url:
        options = ("--live", f"--base-url={url}/", "--api-version=v1beta", "--rounds=2", "--max-cost=0")
        places = (f"--images={folder}", f"--cassette-dir={tmp_path / 'cassettes'}")
        run = run_suite(tmp_path, *options, *places)
    assert run.code == 0, run.output
    assert "not billed by Gemini" in run.output
    for strategy in ("sequential", "concurrent", "single_prompt"):
        assert run.info(strategy)["timing"] == "live"
        assert run.info(strategy)["source"] == url.removeprefix("http://")
        assert run.info(strategy)["answers"] == {"a.jpg": 1, "b.jpg": 2}
        assert len(run.seconds(strategy)) == 2
    assert not (tmp_path / "cassettes").exists()


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (
            contender("gemini-3.8-flash", thinking_level="minimal"),
            "its thinking levels are low, medium, high (confirmed",
        ),
        (contender("gemini-9", service_tier="flex"), "gemini-9 is not in models.toml"),
        (contender("gemini-3-pro-preview"), "gemini-3-pro-preview was shut down on 9 March 2026"),
    ],
    ids=lambda value: value.id if isinstance(value, Contender) else "",
)
def test_what_a_model_is_not_known_to_take_ends_the_run_before_it_begins(asked: Contender, why: str) -> None:
    """Unsupported settings and models that were shut down end the run; with `--force` they become a note."""
    fine = contender("gemini-3.8-flash", thinking_level="low")
    with pytest.raises(pytest.UsageError, match="run anyway with --force") as ended:
        check_models([fine, asked, asked], TODAY, force=False)
    assert str(ended.value).count(why) == 1, "once, however many contenders there are"
    (note,) = check_models([fine, asked], TODAY, force=True)
    assert why in note


def test_a_model_that_another_answers_for_is_a_note() -> None:
    """A redirected model is reported in a note and does not end the run; nor does an unknown model without settings."""
    (note,) = check_models([contender("gemini-3.5-flash"), contender("gemini-9", max_side=512)], TODAY, force=False)
    assert note == "gemini-3.5-flash: requests have been answered by gemini-3.6-flash since 8 October 2026."


def test_a_run_against_gemini_is_checked_before_its_cost(tmp_path: Path) -> None:
    """Unsupported settings are reported before the cost; with `--force`, the cost is checked next."""
    options = ("--live", "--model=gemini-3.8-flash", "--thinking-level=minimal,low", "-k", "concurrent", "--rounds=1")
    run = run_suite(tmp_path, *options, "--max-cost=0", **KEY)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "gemini-3.8-flash is not known to accept the thinking level minimal: its thinking levels are " in run.output
    assert "to be sent" not in run.output
    assert "Traceback" not in run.output
    forced = run_suite(tmp_path, *options, "--max-cost=0", "--force", **KEY)
    assert "gemini-3.8-flash is not known to accept the thinking level minimal" in forced.output
    assert "which is above --max-cost=0" in forced.output


def test_a_run_against_another_server_is_not_checked(tmp_path: Path) -> None:
    """Runs against another server are not checked; this one fails because no server listens at the address."""
    options = ("--live", "--base-url=http://127.0.0.1:1", "--model=gemini-3-pro-preview", "--thinking-level=minimal")
    run = run_suite(tmp_path, *options, "-k", "concurrent", "--rounds=1")
    assert "http://127.0.0.1:1 cannot be reached" in run.output
    assert "--force" not in run.output


def test_a_replay_has_nothing_to_force(tmp_path: Path) -> None:
    """`--force` is refused on replay, because no request is sent."""
    run = run_suite(tmp_path, "--force")
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "--force is for recording; add --record-mode=rewrite or --live, or leave it out to replay." in run.output


def test_resolution_and_tier_change_what_a_run_is_estimated_to_cost(tmp_path: Path) -> None:
    """Each of the four images has 840 tokens fewer at low resolution, and the flex tier costs half."""
    options = ("--live", "--model=gemini-3.8-flash", "-k", "concurrent", "--rounds=1", "--max-cost=0")
    run = run_suite(tmp_path, *options, "--media-resolution=default,low", "--service-tier=default,flex", **KEY)
    rows = {line.split()[0]: line.split()[3:5] for line in run.output.splitlines() if line.startswith("gemini-3.8")}
    name = "gemini-3.8-flash-four-concurrent"
    tokens = {name: int(row[0].replace(",", "")) for name, row in rows.items()}
    cost = {name: float(row[1].removeprefix("$")) for name, row in rows.items()}
    assert tokens[name] - tokens[f"{name}-resolution.low"] == 4 * (1120 - 280)
    assert tokens[f"{name}-tier.flex"] == tokens[name]
    assert cost[f"{name}-tier.flex"] == pytest.approx(cost[name] / 2, abs=1e-4)


def test_images_have_the_tokens_that_are_known_of_the_model() -> None:
    """An unknown resolution counts as the default one; an unknown model as the one with the most tokens."""
    assert estimate_image_tokens(contender("gemini-3.8-flash", media_resolution="medium")) == 560
    assert estimate_image_tokens(contender("gemini-2.5-flash", media_resolution="medium")) == 258
    assert estimate_image_tokens(contender("gemini-2.0-flash")) == 258
    assert estimate_image_tokens(contender("gemini-9")) == 1120


def test_less_thinking_is_estimated_to_cost_less_and_never_nothing() -> None:
    """The model's default level is estimated as no level is, and a thinking budget limits the tokens of a request."""
    found = [
        estimate_output_tokens(contender("gemini-3.6-flash", thinking_level=level), 4) for level in THINKING_LEVELS
    ]
    assert found == sorted(found)
    assert 0 < found[0] < found[1] < found[2] == estimate_output_tokens(contender("gemini-3.6-flash"), 4)
    lite = contender("gemini-3.5-flash-lite")
    assert estimate_output_tokens(lite, 4) == found[0], "it is minimal by default"
    assert estimate_output_tokens(contender("gemini-2.5-flash"), 4) == 4 * OUTPUT_TOKENS
    off = contender("gemini-2.5-flash", thinking_budget=0)
    assert estimate_output_tokens(off, 4) == 4 * ANSWER_TOKENS
    wide = contender("gemini-2.5-flash", thinking_budget=100_000)
    assert estimate_output_tokens(wide, 4) == 4 * OUTPUT_TOKENS
