"""The true numbers of an image set are read from its `images.toml`, and what is wrong with it is said in a sentence."""

from pathlib import Path

import pytest

from fixtures.base.errors import RunError
from fixtures.images import truth


def write_table(folder: Path, text: str) -> Path:
    """Write an images.toml into a folder."""
    (folder / "images.toml").write_text(text)
    return folder


def test_true_numbers_are_read_from_images_toml(tmp_path: Path) -> None:
    """By digest, from each folder."""
    folder = write_table(tmp_path, '["a.jpg"]\npeople = 4\nsha256 = "0123"\nsource = "made up"\n')
    assert truth.read_true_numbers([folder]) == {"0123": 4}


@pytest.mark.parametrize(
    "text", ["people = 4", "x = [", '["a.jpg"]\npeople = -4', '["a.jpg"]\npeople = "4"\nsha256 = "0"']
)
def test_a_damaged_table_is_named(tmp_path: Path, text: str) -> None:
    """The sentence says which file it is, to whoever reads it."""
    folder = write_table(tmp_path, text)
    with pytest.raises(ValueError, match=r"images\.toml") as damaged:
        truth.read_true_numbers([folder])
    assert "\n" not in str(damaged.value)
    with pytest.raises(RunError, match=r"images\.toml"):
        truth.read_entries(folder)


def test_a_folder_without_a_table_has_no_entries(tmp_path: Path) -> None:
    """Its images go without true numbers; whoever needs these is told."""
    assert not truth.has_truth(tmp_path)
    assert truth.read_entries(tmp_path) == {}
    with pytest.raises(ValueError, match=r"images\.toml cannot be read \(No such file or directory\)"):
        truth.read_true_numbers([tmp_path])
