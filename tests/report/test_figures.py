"""In no figure does a label lie over another or is cut off, and none is empty."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from benchmarks.history.groups import group_benchmarks
from benchmarks.report.figures import waterfall
from benchmarks.report.figures.images import draw_images
from benchmarks.report.figures.strategies import draw_strategies
from tests.helpers.drawings import assert_readable, keep_figures
from tests.helpers.runs import read_made

TEN = (
    "sequential",
    "concurrent",
    "single_prompt",
    "bounded",
    "threads",
    "chunked",
    "structured",
    "streamed",
    "files",
    "batch",
)
KINDS = {
    "ten": [read_made(name, images=[f"{number}.jpg" for number in range(16)]) for name in TEN],
    "many requests": [read_made(name, images=[f"{number}.jpg" for number in range(200)]) for name in TEN[:2]],
    "one": [read_made("sequential", rounds=1)],
    "errors": [read_made(name, errors={"a.jpg": "blocked"}) for name in TEN[:3]],
    "alike": [read_made(name, cost_usd=0.05) for name in TEN],
    "no price": [read_made(name, cost_usd=None) for name in TEN[:2]],
    "published": [read_made(name, model="gemini-3-pro-preview", image_set="four") for name in TEN[:3]],
    "own images": [read_made("sequential", image_set="sixteen", images=["fans.jpg", "portrait.jpg", "cutout.png"])],
}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Figure]]:
    """Return a list that gets every figure that is saved."""
    return keep_figures(monkeypatch)


@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_whole_and_apart(tmp_path: Path, drawn: list[tuple[str, Figure]], kind: str) -> None:
    """Every text lies within its figure, and no two of a figure's texts overlap."""
    (group,) = group_benchmarks(KINDS[kind])
    draw_strategies(group, tmp_path)
    draw_images(group, tmp_path, {})
    assert len(drawn) == (6 if kind == "own images" else 5)
    for name, figure in drawn:
        assert_readable(name, figure)


def test_every_request_is_drawn_and_no_two_lie_over_each_other(tmp_path: Path, drawn: list[tuple[str, Figure]]) -> None:
    """Of many requests several share a row, each after the other; failures and waits have colours of their own."""
    many = read_made("concurrent", images=[f"{number}.jpg" for number in range(200)], errors={"0.jpg": "blocked"})
    (group,) = group_benchmarks([many])
    waterfall.draw_waterfall(group, tmp_path)
    ((_, figure),) = drawn
    found = {part.get_label(): part.get_paths() for part in figure.axes[0].collections}
    requests = many.record.spans
    assert {label: len(paths) for label, paths in found.items()} == {
        "answered": len(requests) - 2,
        "refused": 1,
        "no response": 1,
        waterfall.WAITING: 2,
    }
    bars = [path.get_extents() for label, paths in found.items() if label != waterfall.WAITING for path in paths]
    for index, bar in enumerate(bars):
        for other in bars[index + 1 :]:
            assert bar.y0 != other.y0 or bar.x1 <= other.x0 or other.x1 <= bar.x0
    assert len({bar.y0 for bar in bars}) < 20
