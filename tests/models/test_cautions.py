"""Tests of warnings about a model: settings that it is not known to accept, its shutdown, and its successor."""

from datetime import date

import pytest

from fixtures.models.cautions import describe_end, find_end, has_ended, list_doubts
from fixtures.models.known_models import read_known_models
from fixtures.models.model_settings import THINKING_LEVELS, ModelSettings

MODELS = read_known_models().models
TODAY = date(2026, 9, 3)
"""A day on which all models but one are available."""


@pytest.mark.parametrize(
    ("model", "settings", "why"),
    [
        (
            "gemini-3.8-flash",
            ModelSettings(thinking_level="minimal"),
            "its thinking levels are low, medium, high (conf",
        ),
        ("gemini-3-flash-preview", ModelSettings(thinking_level="xhigh"), "minimal, low, medium, high (reported: "),
        (
            "gemini-2.5-flash",
            ModelSettings(thinking_level="low"),
            "it takes a thinking budget in tokens (confirmed",
        ),
        ("gemini-3.8-flash", ModelSettings(thinking_budget=100), "its thinking levels are low, medium, high ("),
        ("gemini-2.5-pro", ModelSettings(thinking_budget=0), "its thinking cannot be turned off (reported: "),
        (
            "gemini-2.5-flash",
            ModelSettings(media_resolution="low"),
            "its tokens per image at that resolution are not known",
        ),
        ("gemini-3.6-flash", ModelSettings(service_tier="priority"), "its known tiers are standard, flex (confirmed: "),
        ("gemini-2.5-flash", ModelSettings(service_tier="flex"), "its known tiers are standard"),
    ],
)
def test_a_setting_that_a_model_is_not_known_to_take_is_a_doubt(model: str, settings: ModelSettings, why: str) -> None:
    """The sentence names the setting and the known alternative, with how sure it is."""
    (doubt,) = list_doubts(model, settings, TODAY)
    ((_, value),) = settings.given.items()
    assert doubt.startswith(f"{model} is not known to accept ")
    assert f" {value}: " in doubt
    assert why in doubt


def test_the_settings_of_the_model_that_answers_count() -> None:
    """From the day on which another model answers, the doubt is about that model."""
    settings = ModelSettings(service_tier="priority")
    assert list_doubts("gemini-3.5-flash", settings, date(2026, 10, 7)) == []
    (doubt,) = list_doubts("gemini-3.5-flash", settings, date(2026, 10, 8))
    assert doubt.startswith("gemini-3.6-flash is not known to accept the service tier priority: ")


def test_each_setting_has_its_own_doubt() -> None:
    """Each setting that is not known to be accepted has one sentence; a known one has none."""
    settings = ModelSettings(thinking_level="minimal", media_resolution="low", service_tier="priority")
    assert len(list_doubts("gemini-3.6-flash", settings, TODAY)) == 1
    assert len(list_doubts("gemini-2.5-pro", settings, TODAY)) == 3


def test_a_known_setting_is_no_doubt() -> None:
    """No model has a doubt about a level, resolution, tier or budget in `models.toml`, or about the standard tier."""
    for name, model in MODELS.items():
        given = [ModelSettings(thinking_level=level) for level in (model.levels.value if model.levels else [])]
        given += [ModelSettings(media_resolution=each) for each in model.image_tokens if each != "default"]
        given += [ModelSettings(service_tier=tier) for tier in ("standard", *model.tiers)]
        given += [ModelSettings(thinking_budget=512)] if model.by_budget and model.by_budget.value else []
        assert [doubt for settings in given for doubt in list_doubts(name, settings, TODAY)] == []
    assert list_doubts("gemini-2.5-flash", ModelSettings(thinking_budget=0), TODAY) == []


def test_an_unknown_model_has_one_doubt_about_all_settings() -> None:
    """One sentence names all settings of an unknown model; the image size, which the client sets, is no doubt."""
    settings = ModelSettings(thinking_level="low", media_resolution="high", max_side=512)
    told = "so it is not known to accept the thinking level low and the media resolution high."
    assert list_doubts("gemini-9", settings, TODAY) == [f"gemini-9 is not in models.toml, {told}"]
    assert list_doubts("gemini-9", ModelSettings(max_side=512), TODAY) == []


def test_levels_are_listed_in_ascending_order() -> None:
    """The thinking levels of every model are listed from the least to the most."""
    for model in MODELS.values():
        if model.levels:
            assert model.levels.value == [each for each in THINKING_LEVELS if each in model.levels.value]


def test_a_shutdown_is_described_with_its_day() -> None:
    """The sentence is in the past tense from the day of the shutdown on, and in the future tense before."""
    name = "gemini-3-pro-preview"
    told = "and can no longer be recorded from Gemini; Google recommends gemini-3.1-pro-preview."
    assert describe_end(name, date(2026, 3, 9)) == f"{name} was shut down on 9 March 2026 {told}"
    before = f"{name} will be shut down on 9 March 2026; Google recommends gemini-3.1-pro-preview."
    assert describe_end(name, date(2026, 3, 8)) == before
    assert (has_ended(name, date(2026, 3, 9)), has_ended(name, date(2026, 3, 8))) == (True, False)


def test_a_rerouted_model_is_described_with_how_sure_that_is() -> None:
    """The sentence names the successor, and says `reported` unless it is confirmed; the model has not ended."""
    name, day = "gemini-2.5-pro", date(2026, 12, 1)
    after = f"{name}: requests have been answered by gemini-3.8-flash since 1 December 2026 (reported)."
    assert describe_end(name, day) == after
    before = f"{name}: requests will be answered by gemini-3.8-flash from 1 December 2026 on (reported)."
    assert describe_end(name, date(2026, 11, 30)) == before
    assert "reported" not in (describe_end("gemini-3.7-flash", day) or "reported")
    assert not has_ended(name, day)
    assert find_end(name) == day


@pytest.mark.parametrize("name", ["gemini-3.8-flash", "gemini-9"])
def test_a_current_model_has_no_end(name: str) -> None:
    """A model without a shutdown or rerouting has no end, nor has an unknown model."""
    assert describe_end(name, date(2030, 1, 1)) is None
    assert find_end(name) is None
    assert not has_ended(name, date(2030, 1, 1))
