"""The figure of the images of a group, each with its name and its true answer."""

import io
import math
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from PIL import Image as PillowImage
from PIL import ImageOps

from benchmarks.history.groups import Group, shorten
from benchmarks.report.consistency import IMAGES_SHOWN, list_worst_images
from benchmarks.report.figures import style
from benchmarks.report.figures.style import Drawing
from fixtures.base.errors import RunError
from fixtures.images import folder as images
from fixtures.images.image import Image

COLUMNS = 4
"""The number of images in a row."""
THUMBNAIL = (300, 240)
"""The largest width and height of an image in pixels."""
TRUTH = 10
"""The largest number of characters of a true answer next to an image's name; a longer one is left out."""
TITLE = 44
"""The height of an image's name in pixels."""
CELL = (THUMBNAIL[0] + 20, THUMBNAIL[1] + TITLE + 16)
"""The width and height in pixels of an image with its name and the space around both."""


def draw_images(group: Group, folder: Path, image_sets: Mapping[str, str]) -> Drawing | None:
    """Draw the images, at most the 20 with the worst answers; return None if they cannot be loaded.

    `image_sets` has the folders of the image sets that are not bundled, by name.
    """
    name = group.first.image_set
    try:
        found = {image.name: image for image in images.load_images(image_sets.get(name, name)).images}
    except RunError:
        return None
    asked = [found[image] for image in group.first.answers if image in found]
    if len(asked) > IMAGES_SHOWN:
        worst = set(list_worst_images(group.benchmarks)[:IMAGES_SHOWN])
        asked = [image for image in asked if image.name in worst]
    if not asked:
        return None
    kind = group.first.kind
    with mpl.rc_context(style.SETTINGS):
        rows = math.ceil(len(asked) / COLUMNS)
        width, height = CELL
        drawn, axes = style.make_figure(group.caption, style.WIDTH * rows * height / (COLUMNS * width))
        axes.set_axis_off()
        for index, image in enumerate(asked):
            left, top = index % COLUMNS * width, index // COLUMNS * height
            small = _make_thumbnail(image)
            left_out = (width - small.width) / 2
            axes.imshow(
                small, extent=(left + left_out, left + width - left_out, top + TITLE + small.height, top + TITLE)
            )
            truth = "" if image.truth is None else kind.format_answer(image.truth)
            told = f": {truth}" if truth and len(truth) <= TRUTH else ""
            text = f"{shorten(image.name, 18)}{told}"
            axes.text(left + width / 2, top + TITLE - 8, text, fontsize=8, ha="center", va="bottom", parse_math=False)
        axes.set_xlim(0, COLUMNS * width)
        axes.set_ylim(rows * height, 0)
        truths = {image.name: "unknown" if image.truth is None else kind.format_answer(image.truth) for image in asked}
        alt = "; ".join(f"{name}, {truth}" for name, truth in truths.items())
        return style.save_figure(drawn, folder, f"{group.slug}-images", _make_title(group), alt)


def _make_title(group: Group) -> str:
    """Return the title, which mentions the true answers only if some are short enough to be shown."""
    kind, truths = group.first.kind, group.first.truth.values()
    if not any(len(kind.format_answer(truth)) <= TRUTH for truth in truths):
        return "The images"
    return (
        "The images, and how many people are in them" if kind.unit == "people" else "The images and their true answers"
    )


def _make_thumbnail(image: Image) -> PillowImage.Image:
    with PillowImage.open(io.BytesIO(image.data)) as opened:
        opened.draft("RGB", (THUMBNAIL[0] * 2, THUMBNAIL[1] * 2))  # decodes a large JPEG at a reduced size
        small = ImageOps.exif_transpose(opened)
        small.thumbnail(THUMBNAIL)
        return small.convert("RGBA" if "A" in small.getbands() else "RGB")
