"""Only one process at a time can record a cassette, and its lock leaves no file behind."""

import tempfile
from pathlib import Path

import pytest

from fixtures.base.errors import RunError
from fixtures.recordings.lock import lock_cassette


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that is the system's temporary folder during this test."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_the_second_recording_of_a_cassette_is_refused(tmp_path: Path, folder: Path) -> None:
    """A locked cassette cannot be locked again; another cassette can, and so can the same one later."""
    path = tmp_path / "a.yaml"
    with lock_cassette(path), lock_cassette(tmp_path / "b.yaml"):
        with pytest.raises(RunError, match=r"a\.yaml is being recorded by another process"), lock_cassette(path):
            pass
        assert len(list(folder.iterdir())) == 2
    with lock_cassette(path):
        pass


def test_a_lock_leaves_no_file_behind(tmp_path: Path, folder: Path) -> None:
    """After a recording, also an interrupted one, no file is left beside the cassette or in the temporary folder."""
    with lock_cassette(tmp_path / "a.yaml"):
        pass
    with pytest.raises(KeyboardInterrupt), lock_cassette(tmp_path / "a.yaml"):
        raise KeyboardInterrupt
    assert list(folder.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"]
