"""The style of all figures: the colours of Okabe and Ito, which are safe for colour-blind readers; writing of files."""

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
"""The colour of text and axes; on the page it is replaced by the page's text colour."""
WIDTH = 5.0
"""The width of a figure in inches, which is readable on a phone."""
LONG_NAME = 24
"""The number of characters above which a name is broken into lines."""
WIDE = 5.0
"""The ratio of the largest seconds to the smallest above which an axis is logarithmic."""
DECADES = 100.0
"""The ratio of the largest to the smallest value below which a logarithmic axis has three ticks per decade."""
LOGARITHMIC = "logarithmic, not from 0"
"""The note in the label of an axis that does not begin at zero."""
PNG_DPI = 130
"""The pixels per inch of a PNG."""
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
"""The settings of matplotlib for all figures."""


@dataclass(frozen=True)
class Drawing:
    """A figure as part of the page."""

    name: str
    """The name of its files, without a suffix."""
    title: str
    """The title above it."""
    alt: str
    """The text alternative for screen readers."""
    svg: str
    """The SVG element for the page, with the page's text colour."""


@dataclass(frozen=True)
class LeftOut:
    """A figure that was not drawn, because it would have no content."""

    title: str
    """The title of the figure."""
    why: str
    """The reason, as a clause."""

    @property
    def sentence(self) -> str:
        """The sentence that the page shows instead."""
        return f"Figure left out: {self.title.lower()} ({self.why})."


def lighten(color: str, share: float) -> str:
    """Return a colour, written as `#rrggbb`, mixed with this share of white, from 0 to 1."""
    parts = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)


def make_figure(caption: str, height: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, Any]:
    """Return a figure of this height in inches, and its axes.

    The caption names the origin of the figures, so that a figure can be used without the page. `rows`, `columns` and
    `options` are those of `matplotlib.figure.Figure.subplots`.
    """
    drawn = Figure(figsize=(WIDTH, height + 0.25))
    drawn.suptitle(caption, fontsize=8, x=0.01, ha="left", color=INK, parse_math=False)
    return drawn, drawn.subplots(rows, columns, **options)


def break_name(name: str) -> str:
    """Return a name, broken into lines if it is long: `sequential`, `(thinking low,`, `resolution low)`.

    The mark of missing answers is always on a line of its own.
    """
    is_broken = len(name) > LONG_NAME or name.endswith(INCOMPLETE)
    return name.replace(" (", "\n(").replace(", ", ",\n") if is_broken else name


def measure_rows(names: Iterable[str]) -> float:
    """Return the height that a row needs for the longest of these names, as a multiple of a row with one line."""
    return max([1.0, *(0.52 * (break_name(name).count("\n") + 1) for name in names)])


def save_figure(drawn: Figure, folder: Path, name: str, title: str, alt: str) -> Drawing:
    """Write a figure into a folder as PNG and SVG; return it as part of the page."""
    drawn.savefig(folder / f"{name}.png", dpi=PNG_DPI, facecolor="white")
    buffer = io.StringIO()
    # The salt makes the file reproducible. The layout of the PNG is reused, because computing it takes longer than
    # drawing.
    with mpl.rc_context({"svg.hashsalt": name, "figure.constrained_layout.use": False}):
        drawn.set_layout_engine(None)
        drawn.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    return Drawing(name, title, alt, _make_inline(svg, name))


def _make_inline(svg: str, name: str) -> str:
    """Return an SVG as an element for the page: without its prolog, with the page's text colour and with unique ids."""
    body = svg[svg.index("<svg") :]
    prefix = "f" + hashlib.sha256(name.encode()).hexdigest()[:8]
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', body)
    body = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{prefix}-", body)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    return body.replace(INK, "currentColor").replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
