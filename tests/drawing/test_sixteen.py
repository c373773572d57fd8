"""The bundled set `sixteen` has mixed formats and sizes, and is small enough to send."""

import io

import pytest
from PIL import Image as PillowImage

from fixtures.images import folder as images
from fixtures.images.image import Image

IMAGES = {image.name: image for image in images.load_images("sixteen").images}


def opened(image: Image) -> PillowImage.Image:
    """Return an image opened with Pillow."""
    return PillowImage.open(io.BytesIO(image.data))


def test_there_are_sixteen_of_at_most_four_megabytes() -> None:
    """They have between 0 and 150 people."""
    assert len(IMAGES) == 16
    assert sum(len(image.data) for image in IMAGES.values()) <= 4_000_000
    people = sorted(image.truth for image in IMAGES.values())
    assert (len(people), people[0], people[-1]) == (16, 0, 150)


def test_the_formats_are_mixed() -> None:
    """They are JPEG, PNG and WebP, each with its own MIME type."""
    assert {image.mime_type for image in IMAGES.values()} == {"image/jpeg", "image/png", "image/webp"}
    for image in IMAGES.values():
        assert PillowImage.MIME[opened(image).format or ""] == image.mime_type


def test_one_png_is_transparent_and_the_others_are_not() -> None:
    """Its alpha channel has values from 0 to 255."""
    modes = {image.name: opened(image).mode for image in IMAGES.values() if image.mime_type == "image/png"}
    assert sorted(modes.values()) == ["RGB", "RGB", "RGBA"]
    (transparent,) = [name for name, mode in modes.items() if mode == "RGBA"]
    assert opened(IMAGES[transparent]).getchannel("A").getextrema() == (0, 255)


def test_one_is_turned_by_exif() -> None:
    """One image is stored sideways, with the EXIF orientation that turns it upright."""
    (turned,) = [image for image in IMAGES.values() if opened(image).getexif().get(0x0112, 1) != 1]
    assert opened(turned).getexif()[0x0112] == 6
    assert turned.width > turned.height


@pytest.mark.parametrize(
    ("name", "mode", "size"), [("camera.jpg", "RGB", (4000, 3000)), ("archive.jpg", "L", (800, 600))]
)
def test_one_is_large_and_one_is_grey(name: str, mode: str, size: tuple[int, int]) -> None:
    """One has twelve megapixels, and one has no colours."""
    image = opened(IMAGES[name])
    assert (image.mode, image.size) == (mode, size)
