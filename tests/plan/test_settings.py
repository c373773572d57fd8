"""Plans with thinking levels, resolutions and tiers: each combination has its label, price and seconds."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from benchmarks.plan.planning.planner import list_plans
from benchmarks.plan.planning.plans import Plan
from benchmarks.plan.report.facts import PlanReport
from benchmarks.plan.samples import list_simulated, simulate_requests
from fixtures.base.errors import RunError
from fixtures.exchange.retries import FLEX
from fixtures.exchange.usage import Tokens, price_tokens
from fixtures.models.model_settings import ModelSettings
from fixtures.run.record.provenance import SETTINGS_MADE_UP, TIERS_MADE_UP, TIERS_PRICED
from tests.helpers.forks import ROOT
from tests.plan.command import Command
from tests.plan.made import CLIENT, MODEL, SUBJECT, format_text, learn, require

LOW, HIGH = ModelSettings(thinking_level="low"), ModelSettings(thinking_level="high")
FLEXIBLE, PRIORITY = ModelSettings(service_tier="flex"), ModelSettings(service_tier="priority")
CROWD = replace(SUBJECT, truths={"a": 60})
STRATEGIES = ("sequential", "bounded", "batch")


@pytest.fixture(autouse=True)
def few_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate few requests."""
    monkeypatch.setattr("benchmarks.plan.samples.IMAGES", 400)


def plan_with(*settings: ModelSettings, **asked: Any) -> dict[str, Plan]:
    """Return the plans for 100 images by name, from requests simulated with these settings."""
    samples = list_simulated(MODEL, CROWD)
    found = list_plans(require(100, **asked), learn(*STRATEGIES), samples, CLIENT, settings)
    return {plan.name: plan for plan in found.plans}


def test_every_combination_is_planned_and_carries_its_label() -> None:
    """The label follows the settings of the strategy itself."""
    found = plan_with(LOW, ModelSettings(thinking_level="high", media_resolution="low"))
    names = [*found]
    assert names[0] == "sequential (thinking low)"
    assert names[1].startswith("bounded (concurrency ")
    assert names[1].endswith("; thinking low)")
    assert "batch (thinking high, resolution low)" in names
    assert len(names) == 6


def test_less_thinking_is_sooner_cheaper_and_less_right() -> None:
    """A low thinking level is faster, cheaper and less right than a high one."""
    found = plan_with(LOW, HIGH)
    low, high = found["sequential (thinking low)"], found["sequential (thinking high)"]
    assert low.seconds < high.seconds
    assert (low.cost_usd or 0.0) < (high.cost_usd or 0.0)
    assert (low.right or 0.0) < (high.right or 0.0)


def test_a_tier_has_its_price_and_its_seconds() -> None:
    """Flex costs half and takes minutes per request; a batch job takes no tier, and is planned once."""
    found = plan_with(FLEXIBLE, ModelSettings(service_tier="standard"))
    flex, standard = found["sequential (tier flex)"], found["sequential (tier standard)"]
    assert flex.cost_usd == pytest.approx((standard.cost_usd or 0.0) / 2)
    assert flex.seconds > standard.seconds + 100 * 60
    assert [name for name in found if name.startswith("batch")] == ["batch"]


def test_priority_is_priced_by_the_tier_that_served() -> None:
    """About a tenth of the requests is served as standard, at the lower price."""
    sample = simulate_requests(MODEL, SUBJECT, 1, PRIORITY)
    tiers = [request.tier for request in sample.requests]
    assert set(tiers) == {"priority", "standard"}
    assert 0.05 < tiers.count("standard") / len(tiers) < 0.15
    standard = simulate_requests(MODEL, SUBJECT, 1, ModelSettings(service_tier="standard")).price_request(MODEL)
    assert standard is not None
    assert 1.5 * standard < (sample.price_request(MODEL) or 0.0) < 2.0 * standard


def test_what_flex_turns_away_is_sent_again_as_the_policy_says() -> None:
    """15 % of the attempts are refused; they count as attempts, and their waits are part of the seconds."""
    sample = simulate_requests(MODEL, SUBJECT, 1, FLEXIBLE)
    assert sample.attempts == pytest.approx(1 / 0.85, rel=0.05)
    refused = [request for request in sample.requests if request.attempts > 1]
    assert all(0 < request.waited <= (FLEX.cap + 1) * request.attempts for request in refused)
    assert max(request.waited for request in refused) > FLEX.base, "which is more than being turned away takes"
    assert all(not request.waited for request in sample.requests if request.attempts == 1)
    assert sum(sample.seconds) == pytest.approx(sum(each.seconds + each.waited for each in sample.requests))
    assert sample.find_lost(FLEX.timeout) == 0


@pytest.mark.parametrize("settings", [LOW, FLEXIBLE, PRIORITY])
@pytest.mark.parametrize("name", [MODEL, "gemini-2.5-pro"])
def test_the_price_is_the_sum_of_the_prices_of_the_requests(name: str, settings: ModelSettings) -> None:
    """Requests are priced in groups, which gives the same price as one by one."""
    sample = simulate_requests(MODEL, SUBJECT, 1, settings)
    tokens = [
        Tokens(input=each.prompt_tokens, output=each.output_tokens, thoughts=each.thoughts_tokens, tier=each.tier)
        for each in sample.requests
    ]
    one_by_one = price_tokens(name, tokens, datetime.now(UTC))
    assert one_by_one is not None
    assert sample.price_request(name) == pytest.approx(one_by_one / len(tokens))


def test_what_is_made_up_and_what_a_model_is_not_known_to_take_is_said() -> None:
    """Notes name made-up and unsupported settings; without settings there are none."""
    settings = (ModelSettings(media_resolution="low", service_tier="flex"),)
    found = list_plans(require(10), learn(*STRATEGIES), list_simulated(MODEL, SUBJECT), CLIENT, settings)
    text = format_text(PlanReport(require(10, model="gemini-2.5-pro"), found, CLIENT, None, SUBJECT, settings))
    sentences = (SETTINGS_MADE_UP, TIERS_MADE_UP, TIERS_PRICED)
    assert all(sentence in text for sentence in sentences)
    assert "gemini-2.5-pro is not known to accept the media resolution low: " in text
    assert ". The simulator accepts it.\n" in text
    assert "The requests in these files have no model settings" not in text, "as ten images fit a request"
    many = PlanReport(require(1000), found, CLIENT, None, SUBJECT, (*settings, LOW))
    chosen = "resolution low, tier flex; thinking low"
    assert f"no model settings; add the ones you choose to each ({chosen})." in format_text(many)
    plain = format_text(PlanReport(require(10), found, CLIENT, None, SUBJECT))
    assert not any(sentence in plain for sentence in sentences)


def test_what_the_simulated_model_does_not_take_is_refused() -> None:
    """A setting that the model does not support is refused, as in a run."""
    with pytest.raises(RunError, match="--thinking-level=xhigh: Thinking level XHIGH is not supported for this model"):
        simulate_requests(MODEL, SUBJECT, 1, ModelSettings(thinking_level="xhigh"))


CASSETTE = f"--latency-from={ROOT / 'cassettes' / MODEL / 'four' / 'sequential.yaml'}"


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (("--thinking-level=deep",), 2, "'deep' is not one of minimal, low, medium, high, xhigh, default"),
        (("--thinking-level=low", "--thinking-budget=0"), 1, "set the same thing; give one of them."),
        (("--service-tier=flex,flex",), 1, "plan: --service-tier has the same value twice; give each value once."),
        (("--max-side=64",), 1, "plan: --max-side cannot be planned: the simulator does not decode images."),
        (("--thinking-level=low", CASSETTE), 1, "recorded with their own settings; leave --thinking-level out."),
        (("--thinking-level=low,default",), 0, "\nsequential (thinking low) "),
    ],
)
def test_settings_are_given_and_refused_as_in_a_run(
    plan: Command, options: tuple[str, ...], code: int, sentence: str
) -> None:
    """Invalid settings are reported in one sentence; several values are planned side by side."""
    done = plan("--images=5", f"--model={MODEL}", *options)
    assert done.code == code
    assert sentence in done.stdout + done.stderr
