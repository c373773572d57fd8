"""Keeps the figures that are saved, and checks whether their texts are readable."""

from pathlib import Path
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from benchmarks.report.figures import style
from benchmarks.report.figures.style import Drawing


def keep_figures(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Figure]]:
    """Return a list that gets every figure that would be saved, with its name, laid out as in its PNG file."""
    figures: list[tuple[str, Figure]] = []

    def save(figure: Figure, _: Path, name: str, title: str, alt: str) -> Drawing:
        dpi = figure.dpi
        figure.set_dpi(style.PNG_DPI)
        figure.draw_without_rendering()  # computes the layout
        figure.set_layout_engine("none")
        figure.set_dpi(dpi)
        figures.append((name, figure))
        return Drawing(name, title, alt, "")

    monkeypatch.setattr(style, "save_figure", save)
    return figures


def assert_readable(name: str, figure: Figure) -> None:
    """Assert that every text lies within the figure, and that no two overlap."""
    boxes = [(text.get_text(), box) for text, box in list_texts(figure)]
    assert boxes, f"{name} is empty"
    whole = figure.bbox
    for text, box in boxes:
        assert box.x0 >= whole.x0 - 1, (name, text)
        assert box.x1 <= whole.x1 + 1, (name, text)
        assert box.y0 >= whole.y0 - 1, (name, text)
        assert box.y1 <= whole.y1 + 1, (name, text)
    for index, (text, box) in enumerate(boxes):
        for other, other_box in boxes[index + 1 :]:
            wide = min(box.x1, other_box.x1) - max(box.x0, other_box.x0)
            high = min(box.y1, other_box.y1) - max(box.y0, other_box.y0)
            assert not (wide > 1 and high > 1), f"{name}: {text!r} lies over {other!r}"


def list_texts(figure: Figure) -> list[Any]:
    """Return the figure's visible texts with their boxes in pixels, without annotations' arrows."""
    canvas: Any = FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    renderer = canvas.get_renderer()
    found: list[Any] = []
    for each in figure.axes:
        axes: Any = each  # the drawn ticks and titles are not public
        for axis in (axes.xaxis, axes.yaxis):
            if axes.axison and axis.get_visible():
                shown = [tick.label1 for tick in axis._update_ticks() if tick.label1.get_visible()]  # noqa: SLF001
                found += [text for text in (*shown, axis.label, axis.offsetText) if text.get_text()]
        found += [text for text in (axes.title, axes._left_title, *axes.texts) if text.get_text()]  # noqa: SLF001
    for legend in figure.legends:
        found += legend.get_texts()
    found += figure.texts
    return [(text, Text.get_window_extent(text, renderer)) for text in found]
