"""The metadata of a cassette are validated, and those of earlier versions are migrated."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fixtures.recordings.cassette import Cassette
from fixtures.recordings.metadata import VERSION, read_folder, read_metadata

FIRST: dict[str, Any] = {
    "model": "gemini-x",
    "source": "simulator",
    "recorded_at": "2026-11-23T02:47:24+00:00",
    "settings": {"window": 8, "chunk": 4},
    "rounds": [1.5, 2.5],
}
"""Metadata of the first version, which had no version number."""


def test_the_first_version_is_migrated() -> None:
    """The setting `window` becomes `concurrency`; everything else is kept."""
    metadata = read_metadata(FIRST)
    assert metadata.version == VERSION
    assert metadata.settings == {"concurrency": 8, "chunk": 4}
    assert (metadata.model, metadata.rounds) == ("gemini-x", [1.5, 2.5])
    assert read_metadata(FIRST | {"version": 1}) == metadata


def test_settings_of_the_current_version_keep_their_names() -> None:
    """A setting named `window` in metadata of the current version is not renamed."""
    assert read_metadata(FIRST | {"version": VERSION}).settings == FIRST["settings"]


def test_metadata_are_read_as_they_were_written() -> None:
    """Written metadata have the current version and read as the same metadata."""
    metadata = read_metadata(FIRST)
    document = metadata.dump()
    assert document["version"] == VERSION
    assert read_metadata(document) == metadata


@pytest.mark.parametrize(
    "known",
    [
        {},
        {
            "image_set": "four",
            "folder": "photos/four",
            "strategy": "sequential",
            "sdk": "google-genai 1",
            "settings": {"chunk": 4},
            "images": [{"name": "a.jpg", "sha256": "0"}],
            "permuted": True,
        },
    ],
    ids=["little", "all"],
)
def test_a_file_has_known_values_and_no_empty_ones(tmp_path: Path, known: dict[str, Any]) -> None:
    """Unknown values are left out, except for the date; the loaded cassette has the same metadata."""
    needed = {"version": VERSION, "model": "m", "source": "test", "recorded_at": None, "rounds": [1.0]}
    metadata = read_metadata(needed | known)
    assert metadata.dump() == needed | known
    path = tmp_path / "new" / "folders" / "c.yaml"
    cassette = Cassette.open_to_record(path, "test")
    cassette.save(metadata)
    assert yaml.safe_load(path.read_text())["metadata"] == needed | known
    assert cassette.metadata == Cassette.open_to_replay(path).metadata == metadata


def test_a_later_version_is_refused() -> None:
    """Metadata of a later version are refused, because their keys may have another meaning."""
    with pytest.raises(ValueError, match="the version 99, which this suite does not support"):
        read_metadata(FIRST | {"version": 99})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"model": 5}, "metadata.model"),
        ({"recorded_at": "yesterday"}, "metadata.recorded_at"),
        ({"settings": [1]}, "metadata.settings"),
        ({"images": [{"name": "a.jpg"}]}, r"metadata\.images\.0\.sha256"),
        ({"rounds": []}, "metadata.rounds is not a list of seconds"),
        ({"rounds": [0.0]}, "a round in metadata.rounds has 0 seconds"),
        ({"rounds": [-1.0]}, "metadata.rounds is not a number of seconds"),
        ({"rounds": [1.0, None]}, "metadata.rounds is not a number of seconds"),
    ],
)
def test_invalid_metadata_are_refused(changed: dict[str, Any], reason: str) -> None:
    """The error names the invalid value's place in the document."""
    with pytest.raises(ValueError, match=reason):
        read_metadata(FIRST | changed)


def test_metadata_without_a_model_are_refused() -> None:
    """The error names the missing key."""
    document = {key: value for key, value in FIRST.items() if key != "model"}
    with pytest.raises(KeyError, match="model"):
        read_metadata(document)


@pytest.mark.parametrize("folder", ["own", "../fotos von: früher/#1", "a folder " * 30 + "end", "123", "'", ""])
def test_the_folder_is_read_without_the_rest(tmp_path: Path, folder: str) -> None:
    """Any folder is read back, also if it takes several lines or bytes that are not YAML follow it."""
    path = tmp_path / "c.yaml"
    Cassette.open_to_record(path, "test").save(read_metadata(FIRST | {"version": VERSION, "folder": folder}))
    assert read_folder(path) == folder
    path.write_bytes(path.read_bytes() + b"\xff\x00: [")
    assert read_folder(path) == folder


@pytest.mark.parametrize(
    "text",
    [
        "interactions:\n- request: {}\n  folder: own\n",
        "metadata:\n  images:\n  - folder: own\n",
        "  folder: [own]\n",
        "  folder:\n",
        "  folder:own\n",
        "  folder: [\n",
        "  folder: " + "[" * 5000,
        "",
    ],
)
def test_a_file_without_a_readable_folder_gives_no_folder(tmp_path: Path, text: str) -> None:
    """A missing file, one without a folder in its metadata, and a damaged one give no folder and no error."""
    path = tmp_path / "c.yaml"
    assert not read_folder(path)
    path.write_text(text)
    assert not read_folder(path)
