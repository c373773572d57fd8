"""The figure of the images that were asked about: each with its name and its true number."""

import io
import math
from pathlib import Path

import matplotlib as mpl
from PIL import Image as PillowImage
from PIL import ImageOps

from benchmarks.history.groups import Group, shortened
from benchmarks.report.comparison import IMAGES_SHOWN, worst_images
from benchmarks.report.figures import style
from benchmarks.report.figures.style import Drawing
from fixtures.base.errors import RunError
from fixtures.images import folder as images
from fixtures.images.folder import Image

COLUMNS = 4
THUMBNAIL = (300, 240)
TITLE = 44
CELL = (THUMBNAIL[0] + 20, THUMBNAIL[1] + TITLE + 16)
"""Pixels: an image, the height of its name, and both with what is between two of them."""


def draw(group: Group, folder: Path, image_sets: dict[str, str]) -> Drawing | None:
    """Draw the images, at most 20 of them, worst counted first; None where they are not at hand.

    `image_sets` tells the folder of a set that is not one of the suite's own.
    """
    name = group.first["image_set"]
    try:
        found = {image.name: image for image in images.load(image_sets.get(name, name)).images}
    except RunError:
        return None
    asked = [found[image] for image in group.first["answers"] if image in found]
    if len(asked) > IMAGES_SHOWN:
        worst = set(worst_images(group.infos)[:IMAGES_SHOWN])
        asked = [image for image in asked if image.name in worst]
    if not asked:
        return None
    with mpl.rc_context(style.SETTINGS):
        rows = math.ceil(len(asked) / COLUMNS)
        width, height = CELL
        drawn, axes = style.figure(group.caption, style.WIDTH * rows * height / (COLUMNS * width))
        axes.set_axis_off()
        for index, image in enumerate(asked):
            left, top = index % COLUMNS * width, index // COLUMNS * height
            small = _thumbnail(image)
            left_out = (width - small.width) / 2
            axes.imshow(
                small, extent=(left + left_out, left + width - left_out, top + TITLE + small.height, top + TITLE)
            )
            people = "" if image.people is None else f": {image.people}"
            text = f"{shortened(image.name, 18)}{people}"
            axes.text(left + width / 2, top + TITLE - 8, text, fontsize=8, ha="center", va="bottom", parse_math=False)
        axes.set_xlim(0, COLUMNS * width)
        axes.set_ylim(rows * height, 0)
        told = "; ".join(f"{i.name}, {'not counted' if i.people is None else f'{i.people} people'}" for i in asked)
        return style.saved(drawn, folder, f"{group.slug}-images", "The images, and how many people are in them", told)


def _thumbnail(image: Image) -> PillowImage.Image:
    with PillowImage.open(io.BytesIO(image.data)) as opened:
        opened.draft("RGB", (THUMBNAIL[0] * 2, THUMBNAIL[1] * 2))  # a large JPEG need not be decoded whole
        small = ImageOps.exif_transpose(opened)
        small.thumbnail(THUMBNAIL)
        return small.convert("RGBA" if "A" in small.getbands() else "RGB")
