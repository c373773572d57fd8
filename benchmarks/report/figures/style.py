"""One style for all figures: the colours of Okabe and Ito, which the colour-blind tell apart, and drawing to files."""

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")

from matplotlib.figure import Figure

BROWN = "#8b5a2b"
"""For a ninth line; their palette has eight."""
BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, YELLOW, GREY = (
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442", "#8c8c8c",
)  # fmt: skip
INK = "#1f2328"
"""Of text and axes; the page puts its own in its place."""
WIDTH = 5.0
"""Inches: narrow enough to be read on a telephone."""
PNG_DPI = 130
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


@dataclass(frozen=True)
class Drawing:
    """A figure as it stands in the page."""

    name: str
    title: str
    alt: str
    """What it shows, for those who cannot see it."""
    svg: str
    """Inline, in the page's own ink."""


def figure(caption: str, height: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, Any]:
    """Return a figure of so many inches and its axes; the caption says whose they are, for it may be sent alone."""
    drawn = Figure(figsize=(WIDTH, height + 0.25))
    drawn.suptitle(caption, fontsize=8, x=0.01, ha="left", color=INK, parse_math=False)
    return drawn, drawn.subplots(rows, columns, **options)


def saved(drawn: Figure, folder: Path, name: str, title: str, alt: str) -> Drawing:
    """Write a figure as PNG and SVG."""
    drawn.savefig(folder / f"{name}.png", dpi=PNG_DPI, facecolor="white")
    buffer = io.StringIO()
    # The same figure gives the same file; ids differ from those of other figures in the page.
    # It has been laid out, which takes longer than drawing.
    with mpl.rc_context({"svg.hashsalt": name, "figure.constrained_layout.use": False}):
        drawn.set_layout_engine(None)
        drawn.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    return Drawing(name, title, alt, _inline(svg, name))


def _inline(svg: str, name: str) -> str:
    """Return an SVG as part of a page: without its head, in the page's ink, with ids of its own."""
    body = svg[svg.index("<svg") :]
    prefix = "f" + hashlib.sha256(name.encode()).hexdigest()[:8]
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', body)
    body = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{prefix}-", body)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    return body.replace(INK, "currentColor").replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
