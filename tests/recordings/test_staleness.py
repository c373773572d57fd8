"""The differences between a recording and the current run are listed, and nothing else."""

import pytest

from fixtures.images.image import Image, ImageSet
from fixtures.recordings.metadata import SDK, Metadata, RecordedImage
from fixtures.recordings.staleness import find_changes
from tests.helpers.metadata import RECORDED_AT, make_metadata

IMAGES = ImageSet("two", tuple(Image(f"{name}.jpg", name.encode(), "image/jpeg", 1, 1) for name in "ab"))
RECORDED = Metadata(
    sdk=SDK,
    model="gemini-x",
    source="test",
    recorded_at=RECORDED_AT,
    images=[RecordedImage(name=image.name, sha256=image.sha256) for image in IMAGES.images],
    rounds=[1.0],
)


def test_an_unchanged_recording_has_no_notes() -> None:
    """A recording with the same SDK, model and images has no notes."""
    assert find_changes(RECORDED, ["gemini-x"], IMAGES, {}) == []


def test_a_cassette_without_metadata_has_no_notes() -> None:
    """A cassette of another project has no metadata to compare."""
    assert find_changes(make_metadata([1.0], "gemini-x"), ["gemini-x"], IMAGES, {"concurrency": 16}) == []


@pytest.mark.parametrize(
    ("recorded", "versions", "sentence"),
    [
        (
            {"sdk": "google-genai 3.3.0"},
            ["gemini-x"],
            f"it was recorded with google-genai 3.3.0, but this run uses {SDK}",
        ),
        (
            {},
            ["gemini-x", "gemini-y", "gemini-z"],
            "gemini-y, gemini-z answered requests to gemini-x: the provider has rerouted them",
        ),
        (
            {"images": [RecordedImage(name=f"{name}.jpg", sha256="0") for name in "ba"]},
            ["gemini-x"],
            "these images have changed: a.jpg, b.jpg",
        ),
        ({"images": [RECORDED.images[0]]}, ["gemini-x"], "these images are new: b.jpg"),
        (
            {"images": [*RECORDED.images, *(RecordedImage(name=f"{name}.jpg", sha256="0") for name in "dc")]},
            ["gemini-x"],
            "these images are gone: c.jpg, d.jpg",
        ),
    ],
    ids=["SDK", "rerouted", "changed", "new", "gone"],
)
def test_each_change_has_a_note(recorded: dict[str, object], versions: list[str], sentence: str) -> None:
    """A change gives one sentence."""
    assert find_changes(RECORDED.model_copy(update=recorded), versions, IMAGES, {}) == [sentence]


def test_another_concurrency_is_a_projection() -> None:
    """Seconds recorded at a concurrency of 8 are projected at 16."""
    recorded = RECORDED.model_copy(update={"settings": {"concurrency": 8}})
    sentence = "it was recorded with concurrency 8; its seconds with 16 are projected"
    assert find_changes(recorded, ["gemini-x"], IMAGES, {"concurrency": 16}) == [sentence]
    assert find_changes(recorded, ["gemini-x"], IMAGES, {"concurrency": 8}) == []


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ({}, {}, None),
        ({"batch_deadline": 90}, {"batch_deadline": 90}, None),
        ({}, {"batch_deadline": 90}, "without batch_deadline; its seconds with batch_deadline 90 are"),
        ({"batch_deadline": 90}, {}, "with batch_deadline 90; its seconds without batch_deadline are"),
        (
            {"batch_deadline": 90},
            {"batch_deadline": 60},
            "with batch_deadline 90; its seconds with batch_deadline 60 are",
        ),
    ],
)
def test_a_deadline_that_was_given_or_left_out_is_a_projection_too(
    then: dict[str, int | str], now: dict[str, int], told: str | None
) -> None:
    """Seconds recorded with another batch deadline, or without one, are projected."""
    recorded = RECORDED.model_copy(update={"settings": then})
    expected = [] if told is None else [f"it was recorded {told} projected"]
    assert find_changes(recorded, ["gemini-x"], IMAGES, now) == expected
