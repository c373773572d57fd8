"""The metadata of a cassette are validated in one place, and those of earlier versions are migrated."""

from typing import Any

import pytest

from fixtures.recordings.metadata import VERSION, read_metadata

FIRST: dict[str, Any] = {
    "model": "gemini-x",
    "source": "simulator",
    "recorded_at": "2026-11-23T02:47:24+00:00",
    "settings": {"window": 8, "chunk": 4},
    "rounds": [1.5, 2.5],
}
"""Metadata of the first version, which had no number."""


def test_the_first_version_is_migrated() -> None:
    """What was called `window` is `concurrency`; everything else is kept."""
    metadata = read_metadata(FIRST)
    assert metadata.version == VERSION
    assert metadata.settings == {"concurrency": 8, "chunk": 4}
    assert (metadata.model, metadata.rounds) == ("gemini-x", [1.5, 2.5])


def test_what_is_written_is_read_again() -> None:
    """Writing and reading give the same metadata, with their version."""
    metadata = read_metadata(FIRST)
    document = metadata.dump()
    assert document["version"] == VERSION
    assert read_metadata(document) == metadata


def test_a_later_version_is_refused() -> None:
    """What a later suite has written may mean something else."""
    with pytest.raises(ValueError, match="of version 99, which this suite does not know"):
        read_metadata(FIRST | {"version": 99})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"model": 5}, "metadata.model"),
        ({"recorded_at": "yesterday"}, "metadata.recorded_at"),
        ({"settings": [1]}, "metadata.settings"),
        ({"images": [{"name": "a.jpg"}]}, r"metadata\.images\.0\.sha256"),
        ({"rounds": []}, "metadata.rounds is no list of seconds"),
        ({"rounds": [0.0]}, "a round of metadata.rounds took no time"),
        ({"rounds": [-1.0]}, "metadata.rounds is not a number of seconds"),
        ({"rounds": [1.0, None]}, "metadata.rounds is not a number of seconds"),
    ],
)
def test_what_cannot_be_right_is_refused(changed: dict[str, Any], reason: str) -> None:
    """The place in the document is named."""
    with pytest.raises(ValueError, match=reason):
        read_metadata(FIRST | changed)


def test_what_is_missing_is_named() -> None:
    """A cassette without its model cannot be replayed."""
    document = {key: value for key, value in FIRST.items() if key != "model"}
    with pytest.raises(KeyError, match="model"):
        read_metadata(document)
