"""Tests of model settings: their names, the configuration for the SDK, and their combinations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.models.model_settings import (
    NO_SETTINGS,
    RESOLUTIONS,
    THINKING_LEVELS,
    TIERS,
    ModelSettings,
    combine,
    make_settings,
    parse_name,
)

ANY = st.builds(
    ModelSettings,
    st.none() | st.sampled_from(THINKING_LEVELS),
    st.none() | st.integers(0, 10**9),
    st.none() | st.sampled_from(RESOLUTIONS),
    st.none() | st.sampled_from(TIERS),
    st.none() | st.integers(1, 10**6),
)


@given(ANY)
def test_a_name_is_parsed_to_the_settings_it_was_made_of(settings: ModelSettings) -> None:
    """A name is parsed to the same settings, and has only characters that are valid for `-k` and in file names."""
    if settings == NO_SETTINGS:
        assert settings.name == settings.label == ""
    else:
        assert parse_name(settings.name) == settings
        assert set(settings.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert make_settings(settings.given) == settings


def test_the_order_in_a_name_is_fixed() -> None:
    """A combination of settings has one name, and a name in another order is not parsed."""
    settings = ModelSettings(max_side=512, service_tier="flex", media_resolution="low", thinking_level="high")
    assert settings.name == "thinking.high-resolution.low-tier.flex-side.512"
    assert settings.options == "--thinking-level=high --media-resolution=low --service-tier=flex --max-side=512"
    assert settings.label == "thinking high, resolution low, tier flex, side 512"
    assert parse_name("resolution.low-thinking.high") is None


@pytest.mark.parametrize(
    "name",
    ["", "four", "thinking", "thinking.", "thinking.loud", "side.x", "side.-1", "budget.01", "thinking.low-", "side.0"],
)
def test_another_folder_is_not_taken_for_settings(name: str) -> None:
    """Names of other folders beside the cassettes are not parsed as settings."""
    assert parse_name(name) is None


def test_the_sdk_gets_only_the_given_settings() -> None:
    """The SDK's configuration has only the given settings, without the longest side of images."""
    assert NO_SETTINGS.config == {}
    assert ModelSettings(max_side=100).config == {}
    assert ModelSettings("low", None, "medium", "flex").config == {
        "thinking_config": {"thinking_level": "LOW"},
        "media_resolution": "MEDIA_RESOLUTION_MEDIUM",
        "service_tier": "flex",
    }
    assert ModelSettings(thinking_budget=0).config == {"thinking_config": {"thinking_budget": 0}}


@pytest.mark.parametrize(
    ("given_settings", "told"),
    [
        ({"thinking_level": "loud"}, "'loud' is not a valid thinking_level"),
        ({"thinking_budget": True}, "True is not a valid thinking_budget"),
        ({"max_side": -1}, "-1 is not a valid max_side"),
        ({"temperature": 1}, "temperature is not a request setting"),
    ],
)
def test_an_invalid_setting_is_refused(given_settings: dict[str, object], told: str) -> None:
    """An unknown setting, or one with an invalid value, raises `ValueError`."""
    with pytest.raises(ValueError, match=told):
        make_settings(given_settings)


def test_values_are_combined_in_their_order() -> None:
    """The combinations follow the order of each setting's values; a setting without values is left out."""
    found = list(combine({"media_resolution": ("low", None), "thinking_level": ("low", "high"), "max_side": ()}))
    assert [each.name for each in found] == [
        "thinking.low-resolution.low",
        "thinking.low",
        "thinking.high-resolution.low",
        "thinking.high",
    ]
    assert list(combine({})) == [NO_SETTINGS]
