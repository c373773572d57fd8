"""The settings of requests: their names, what the SDK is given, and which combinations there are."""

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
def test_a_name_is_read_as_the_settings_it_was_made_of(settings: ModelSettings) -> None:
    """Cassettes are found by it, and it has nothing that `-k` or a file system does not take."""
    if settings == NO_SETTINGS:
        assert settings.name == settings.label == ""
    else:
        assert parse_name(settings.name) == settings
        assert set(settings.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert make_settings(settings.given) == settings


def test_the_order_in_a_name_is_fixed() -> None:
    """However the options were given, one combination has one name."""
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
    """It may be anything that somebody put beside the cassettes."""
    assert parse_name(name) is None


def test_the_sdk_is_given_what_is_set_and_nothing_else() -> None:
    """The longest side of images is no part of a request."""
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
def test_what_is_no_setting_is_refused(given_settings: dict[str, object], told: str) -> None:
    """Stored runs and folders may hold anything."""
    with pytest.raises(ValueError, match=told):
        make_settings(given_settings)


def test_values_are_combined_in_their_order() -> None:
    """Of each setting, `default` among them; what is not given is left out of all."""
    found = list(combine({"media_resolution": ("low", None), "thinking_level": ("low", "high"), "max_side": ()}))
    assert [each.name for each in found] == [
        "thinking.low-resolution.low",
        "thinking.low",
        "thinking.high-resolution.low",
        "thinking.high",
    ]
    assert list(combine({})) == [NO_SETTINGS]
