"""One style for all figures: the colours of Okabe and Ito, which the colour-blind tell apart, and drawing to files."""

import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")

from matplotlib.figure import Figure

from benchmarks.report.tables import INCOMPLETE

BROWN = "#8b5a2b"
"""The colour of a ninth line; the palette of Okabe and Ito has eight."""
BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, YELLOW, GREY = (
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442", "#8c8c8c",
)  # fmt: skip
INK = "#1f2328"
"""The colour of text and axes; the page puts its own in its place."""
WIDTH = 5.0
"""The width of a figure in inches: narrow enough to be read on a telephone."""
LONG_NAME = 24
"""The number of characters above which a name is broken into lines."""
WIDE = 5.0
"""The ratio of the largest seconds to the smallest above which an axis is logarithmic."""
DECADES = 100.0
"""The ratio of the largest to the smallest up to which a logarithmic axis has three ticks a decade."""
LOGARITHMIC = "logarithmic, not from 0"
"""What the label of an axis says that does not begin at zero."""
PNG_DPI = 130
"""The pixels an inch of a PNG."""
SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.color": "#8c8c8c",
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "figure.constrained_layout.use": True,
}
"""The settings of matplotlib that all figures are drawn with."""


@dataclass(frozen=True)
class Drawing:
    """A figure as it stands in the page."""

    name: str
    """The name of its files, without an ending."""
    title: str
    """The title above it."""
    alt: str
    """The text that says what it shows, for those who cannot see it."""
    svg: str
    """The SVG element as part of the page, in the page's own ink."""


@dataclass(frozen=True)
class LeftOut:
    """A figure that was not drawn, since it would show nothing."""

    title: str
    """The title that it would have."""
    why: str
    """Why it would show nothing, as a clause."""

    @property
    def sentence(self) -> str:
        """The sentence that stands on the page in its place."""
        return f"Figure left out: {self.title.lower()} ({self.why})."


def lighten(color: str, share: float) -> str:
    """Return a colour, written as `#rrggbb`, with so much white in it, from 0 to 1."""
    parts = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)


def make_figure(caption: str, height: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, Any]:
    """Return a figure of this height in inches, and its axes.

    The caption says whose figures they are, for a figure may be sent alone. `rows`, `columns` and `options` are those
    of `matplotlib.figure.Figure.subplots`.
    """
    drawn = Figure(figsize=(WIDTH, height + 0.25))
    drawn.suptitle(caption, fontsize=8, x=0.01, ha="left", color=INK, parse_math=False)
    return drawn, drawn.subplots(rows, columns, **options)


def break_name(name: str) -> str:
    """Return a name with what was set on lines of their own: `sequential`, `(thinking low,`, `resolution low)`.

    So is the mark of one that lacks an answer.
    """
    is_broken = len(name) > LONG_NAME or name.endswith(INCOMPLETE)
    return name.replace(" (", "\n(").replace(", ", ",\n") if is_broken else name


def measure_rows(names: Iterable[str]) -> float:
    """Return how many times as high as a row of one line the rows of these names have to be."""
    return max([1.0, *(0.52 * (break_name(name).count("\n") + 1) for name in names)])


def save_figure(drawn: Figure, folder: Path, name: str, title: str, alt: str) -> Drawing:
    """Write a figure into a folder as PNG and SVG; return it as it stands in the page."""
    drawn.savefig(folder / f"{name}.png", dpi=PNG_DPI, facecolor="white")
    buffer = io.StringIO()
    # The same figure gives the same file; ids differ from those of other figures in the page. The layout is kept, for
    # to lay it out again takes longer than to draw it.
    with mpl.rc_context({"svg.hashsalt": name, "figure.constrained_layout.use": False}):
        drawn.set_layout_engine(None)
        drawn.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    return Drawing(name, title, alt, _make_inline(svg, name))


def _make_inline(svg: str, name: str) -> str:
    """Return an SVG as part of a page: without its head, in the page's ink, with ids of its own."""
    body = svg[svg.index("<svg") :]
    prefix = "f" + hashlib.sha256(name.encode()).hexdigest()[:8]
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', body)
    body = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{prefix}-", body)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    return body.replace(INK, "currentColor").replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
