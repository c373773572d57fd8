"""The sixteen are images as people have them: of mixed formats and sizes, small enough to send."""

import io

import pytest
from PIL import Image as PillowImage

from fixtures.images import folder as images
from fixtures.images.image import Image

IMAGES = {image.name: image for image in images.load_images("sixteen").images}


def opened(image: Image) -> PillowImage.Image:
    """Return an image as Pillow sees it."""
    return PillowImage.open(io.BytesIO(image.data))


def test_there_are_sixteen_of_at_most_four_megabytes() -> None:
    """From nobody to 150 people."""
    assert len(IMAGES) == 16
    assert sum(len(image.data) for image in IMAGES.values()) <= 4_000_000
    people = sorted(image.truth for image in IMAGES.values())
    assert (len(people), people[0], people[-1]) == (16, 0, 150)


def test_the_formats_are_mixed() -> None:
    """JPEG, PNG and WebP, each sent as what it is."""
    assert {image.mime_type for image in IMAGES.values()} == {"image/jpeg", "image/png", "image/webp"}
    for image in IMAGES.values():
        assert PillowImage.MIME[opened(image).format or ""] == image.mime_type


def test_one_png_is_transparent_and_the_others_are_not() -> None:
    """Alpha that is used, not only declared."""
    modes = {image.name: opened(image).mode for image in IMAGES.values() if image.mime_type == "image/png"}
    assert sorted(modes.values()) == ["RGB", "RGB", "RGBA"]
    (transparent,) = [name for name, mode in modes.items() if mode == "RGBA"]
    assert opened(IMAGES[transparent]).getchannel("A").getextrema() == (0, 255)


def test_one_is_turned_by_exif() -> None:
    """It is stored sideways, and shown upright."""
    (turned,) = [image for image in IMAGES.values() if opened(image).getexif().get(0x0112, 1) != 1]
    assert opened(turned).getexif()[0x0112] == 6
    assert turned.width > turned.height


@pytest.mark.parametrize(
    ("name", "mode", "size"), [("camera.jpg", "RGB", (4000, 3000)), ("archive.jpg", "L", (800, 600))]
)
def test_one_is_large_and_one_is_grey(name: str, mode: str, size: tuple[int, int]) -> None:
    """Twelve megapixels, as a telephone takes them, and a scan without colours."""
    image = opened(IMAGES[name])
    assert (image.mode, image.size) == (mode, size)
