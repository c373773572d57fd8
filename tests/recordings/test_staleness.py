"""What has changed since a recording is said, and nothing is said where nothing has."""

from datetime import UTC, datetime

import pytest

from fixtures.images.folder import Image, ImageSet
from fixtures.recordings.staleness import age, changes
from fixtures.run.rounds import SDK

IMAGES = ImageSet("two", tuple(Image(f"{name}.jpg", name.encode(), "image/jpeg", 1, 1) for name in "ab"))
RECORDED = {
    "sdk": SDK,
    "model": "gemini-x",
    "images": [{"name": image.name, "sha256": image.sha256} for image in IMAGES.images],
}


def test_nothing_is_said_where_nothing_has_changed() -> None:
    """A fresh recording has no notes."""
    assert changes(RECORDED, ["gemini-x"], IMAGES, {}) == []


def test_a_cassette_that_does_not_tell_is_not_blamed() -> None:
    """Somebody else's cassette has no metadata to differ from."""
    assert changes({}, ["gemini-x"], IMAGES, {}) == []


@pytest.mark.parametrize(
    ("recorded", "versions", "sentence"),
    [
        ({"sdk": "google-genai 3.3.0"}, ["gemini-x"], f"it was recorded with google-genai 3.3.0, and this is {SDK}"),
        ({}, ["gemini-y"], "gemini-x was asked and gemini-y answered: the provider has rerouted it"),
        (
            {"images": [{"name": "a.jpg", "sha256": "0"}, RECORDED["images"][1]]},
            ["gemini-x"],
            "these images have changed: a.jpg",
        ),
        ({"images": [RECORDED["images"][0]]}, ["gemini-x"], "these images are new: b.jpg"),
        (
            {"images": [*RECORDED["images"], {"name": "c.jpg", "sha256": "0"}]},
            ["gemini-x"],
            "these images are gone: c.jpg",
        ),
    ],
    ids=["SDK", "rerouted", "changed", "new", "gone"],
)
def test_each_change_is_said(recorded: dict[str, object], versions: list[str], sentence: str) -> None:
    """One sentence a change."""
    assert changes(RECORDED | recorded, versions, IMAGES, {}) == [sentence]


def test_another_window_is_a_projection() -> None:
    """Seconds that were recorded eight at a time do not tell how long sixteen at a time take."""
    recorded = RECORDED | {"settings": {"window": 8}}
    sentence = "it was recorded with window 8, so that its seconds with 16 are projected"
    assert changes(recorded, ["gemini-x"], IMAGES, {"window": 16}) == [sentence]
    assert changes(recorded, ["gemini-x"], IMAGES, {"window": 8}) == []


@pytest.mark.parametrize(
    ("day", "expected"), [(23, "today"), (24, "yesterday"), (30, "7 days ago")], ids=["today", "yesterday", "week"]
)
def test_the_age_is_told_in_days(day: int, expected: str) -> None:
    """Recorded on the 23rd at 02:47."""
    assert age("2026-11-23T02:47:24+00:00", datetime(2026, 11, day, 12, tzinfo=UTC)) == expected
