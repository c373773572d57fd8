"""An image set is a folder of images; an invalid one is reported in a sentence."""

import base64
import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from fixtures.base.errors import RunError
from fixtures.images import folder as images
from fixtures.images import task_file
from tests.helpers.tasks import write_task

PHOTO = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    "AAAAAERAAAEAAQAAAAABoAABAAAAAAAAADQAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/Glw"
    "cnAAAADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AA"
    "AAMAkAAAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABA"
    "AAAAQAAAAChjbGFwAAAACAAAAAEAAAAGAAAAAf///8gAAAAC////xgAAAAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYEC"
    "AwWEAAAAPG1kYXQAAAAwKAGvEyFmY0D4EPdn/+u8Ff+Vaz/zN7HpzshHQMDSIICbQEiTXVALFhCAh3alVtz4"
)
"""A red HEIC image of 8 by 6 pixels, as pillow-heif writes it."""


def picture(color: str, kind: str = "JPEG") -> bytes:
    """Return the bytes of an image file."""
    buffer = io.BytesIO()
    PillowImage.new("RGB", (8, 6), color).save(buffer, kind)
    return buffer.getvalue()


def change(data: bytes, index: int, value: int) -> bytes:
    """Return the bytes with another value at this index."""
    return data[:index] + bytes([value]) + data[index + 1 :]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two images, one of which has a truth in `task.toml`."""
    (tmp_path / "b.png").write_bytes(picture("red", "PNG"))
    (tmp_path / "z.jpg").write_bytes(picture("blue"))
    digest = hashlib.sha256(picture("blue")).hexdigest()
    return write_task(tmp_path, truth={"z.jpg": 3}, sha256={"z.jpg": digest})


def test_the_published_four_are_loaded_in_their_order() -> None:
    """Their order is part of the single prompt, and so of its recordings."""
    four = images.load_images("four")
    assert [image.name for image in four.images] == ["bus.jpg", "crowd1.jpg", "crowd2.jpg", "classroom.jpg"]
    assert [image.truth for image in four.images][::3] == [4, 9]
    assert all(image.width >= 1000 and image.mime_type == "image/jpeg" for image in four.images)


def test_the_table_comes_first_and_other_images_follow(folder: Path) -> None:
    """An image without a truth is part of the set, after those with one."""
    loaded = images.load_images(str(folder)).images
    assert [(image.name, image.truth, image.mime_type) for image in loaded] == [
        ("z.jpg", 3, "image/jpeg"),
        ("b.png", None, "image/png"),
    ]
    assert (loaded[0].width, loaded[0].height) == (8, 6)


def test_the_part_is_made_once_from_the_files_own_bytes(folder: Path) -> None:
    """The SDK gets the file's bytes unchanged, and the same part on every call."""
    image = images.load_images(str(folder)).images[0]
    assert image.part is image.part
    assert image.part.inline_data is not None
    assert image.part.inline_data.data == picture("blue")


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    """The error lists the bundled sets."""
    with pytest.raises(RunError, match=r"there is no such folder.*\(four"):
        images.load_images(str(tmp_path / "nowhere"))


def test_a_folder_of_code_is_no_bundled_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder beside the bundled sets without a task.toml, such as `__pycache__`, is not a set."""
    for name in ("__pycache__", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "two" / "task.toml").write_text("")
    monkeypatch.setattr(task_file, "BUNDLED", tmp_path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")  # the project's root has a __pycache__ too
    for name in ("nowhere", "__pycache__"):
        with pytest.raises(RunError, match=r"there is no such folder and no image set of that name \(two\)\."):
            images.load_images(name)
    assert task_file.find_folder("two") == tmp_path / "two"


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    """A folder without images is not an image set."""
    with pytest.raises(RunError, match="contains no images"):
        images.load_images(str(tmp_path))


def test_a_missing_image_is_reported(folder: Path) -> None:
    """An image that `task.toml` lists must be in the folder."""
    (folder / "z.jpg").unlink()
    with pytest.raises(RunError, match=r'\[truth\] names "z\.jpg", but the folder has no such image'):
        images.load_images(str(folder))


def test_a_changed_image_is_reported(folder: Path) -> None:
    """An image whose digest differs from that in `task.toml` is refused, because its truth may not hold."""
    (folder / "z.jpg").write_bytes(picture("green"))
    with pytest.raises(RunError, match=r"does not match its sha256 in task\.toml"):
        images.load_images(str(folder))


@pytest.mark.parametrize("name", ["c.heic", "c.jpg"])
def test_a_photo_of_a_phone_is_an_image(folder: Path, name: str) -> None:
    """A HEIC image is sent unchanged, also if its file is named .jpg."""
    (folder / name).write_bytes(PHOTO)
    image = images.load_images(str(folder)).images[-1]
    assert (image.data, image.mime_type, image.width, image.height) == (PHOTO, "image/heic", 8, 6)


@pytest.mark.parametrize("name", ["c.jpg", "z.jpg"])
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (os.mkfifo, "has a name like an image, but is not a file"),
        (Path.mkdir, "has a name like an image, but is not a file"),
        (lambda path: path.symlink_to("nowhere.jpg"), "is a link to a file that does not exist"),
        (lambda path: path.symlink_to(path.name), "is a link to a file that does not exist"),
    ],
    ids=["pipe", "folder", "dangling link", "link to itself"],
)
def test_an_image_that_is_not_a_file_is_reported(
    folder: Path, name: str, make: Callable[[Path], None], sentence: str
) -> None:
    """Pipes, folders and broken links are refused, also if `task.toml` does not list them."""
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    with pytest.raises(RunError, match=rf"{name} {sentence}"):
        images.load_images(str(folder))


@pytest.mark.parametrize(
    "data",
    [b"", b"no image", picture("red")[:-40], PHOTO[:-10], change(PHOTO, 96, 0), change(PHOTO, 320, 255)],
    ids=["empty", "text", "cut", "photo cut", "photo damaged", "photo too large"],
)
def test_a_file_that_is_not_an_image_is_reported(folder: Path, data: bytes) -> None:
    """A file with the name of an image and invalid content is named in the error."""
    (folder / "c.jpg").write_bytes(data)
    with pytest.raises(RunError, match=r"c\.jpg is (?:not an|a damaged) image"):
        images.load_images(str(folder))
