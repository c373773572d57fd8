"""Shrinking images: the size of the result, what is kept, and which images are not changed."""

import io

import pytest
from PIL import Image as PillowImage

from fixtures.base.errors import RunError
from fixtures.images.folder import load_images
from fixtures.images.image import Image, ImageSet
from fixtures.images.shrinking import shrink_image, shrink_images


def make_file(kind: str, size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    """Return the file of an image with one colour."""
    file = io.BytesIO()
    PillowImage.new(mode, size).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("image_set", ["four", "sixteen", "receipts"])
def test_no_side_is_longer_than_asked_and_all_else_is_kept(image_set: str) -> None:
    """Names, order, truths and formats are kept; the digests are those of the smaller files."""
    images = load_images(image_set)
    smaller = shrink_images(images, 300)
    for before, after in zip(images.images, smaller.images, strict=True):
        assert (after.name, after.truth) == (before.name, before.truth)
        assert max(after.width, after.height) == min(300, max(before.width, before.height))
        shapes = [min(each.width, each.height) / max(each.width, each.height) for each in (before, after)]
        assert shapes[0] == pytest.approx(shapes[1], rel=0.02)  # some are turned upright
        with PillowImage.open(io.BytesIO(after.data)) as opened:
            assert (opened.size, opened.get_format_mimetype()) == ((after.width, after.height), after.mime_type)
    assert smaller.sha256 != images.sha256
    assert smaller.sha256 == shrink_images(images, 300).sha256
    assert smaller.truths.keys() == {image.sha256 for image in smaller.images if image.truth is not None}


def test_a_small_enough_image_is_not_changed() -> None:
    """An image within the limit keeps its bytes, and without a limit the set is returned itself."""
    images = load_images("four")
    assert shrink_images(images, None) is images
    assert shrink_images(images, 100_000).images == images.images


@pytest.mark.parametrize(
    ("kind", "mode", "after"),
    [
        ("JPEG", "CMYK", "JPEG"),
        ("JPEG", "L", "JPEG"),
        ("PNG", "P", "PNG"),
        ("PNG", "RGBA", "PNG"),
        ("PNG", "I;16", "PNG"),
        ("PNG", "1", "PNG"),
        ("WEBP", "RGBA", "WEBP"),
        ("GIF", "P", "JPEG"),
        ("TIFF", "RGBA", "JPEG"),
    ],
)
def test_every_mode_can_be_made_smaller(kind: str, mode: str, after: str) -> None:
    """JPEG, PNG and WebP keep their format, others become JPEG."""
    with PillowImage.open(io.BytesIO(shrink_image(make_file(kind, (400, 200), mode), 100))) as opened:
        assert (opened.size, opened.format) == ((100, 50), after)


def test_an_image_on_its_side_is_turned_upright() -> None:
    """The image is rotated as its EXIF data say, and the EXIF data are removed."""
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    data = make_file("JPEG", (400, 200), exif=exif)
    with PillowImage.open(io.BytesIO(shrink_image(data, 100))) as opened:
        assert opened.size == (50, 100)
        assert not opened.getexif()


def test_an_image_that_cannot_be_made_smaller_is_reported() -> None:
    """An error of Pillow becomes one sentence with the image's name."""
    data = make_file("PNG", (400, 200))
    broken = ImageSet("own", (Image("a.png", data[:-30], "image/png", 400, 200),))
    with pytest.raises(RunError, match=r"^--max-side: a\.png cannot be made smaller \(.+\); convert it to JPEG or PNG"):
        shrink_images(broken, 100)
