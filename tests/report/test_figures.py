"""In no figure does a label lie over another or is cut off, and none is empty."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from benchmarks.history.groups import grouped
from benchmarks.report.figures import images as pictures
from benchmarks.report.figures import strategies as figures
from benchmarks.report.figures import waterfall
from tests.helpers.drawings import assert_readable, kept
from tests.helpers.runs import benchmark

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
    "ten": [benchmark(name, images=[f"{number}.jpg" for number in range(16)]) for name in TEN],
    "many requests": [benchmark(name, images=[f"{number}.jpg" for number in range(200)]) for name in TEN[:2]],
    "one": [benchmark("sequential", rounds=1)],
    "errors": [benchmark(name, errors={"a.jpg": "blocked"}) for name in TEN[:3]],
    "alike": [benchmark(name, cost_usd=0.05) for name in TEN],
    "no price": [benchmark(name, cost_usd=None) for name in TEN[:2]],
    "published": [benchmark(name, model="gemini-3-pro-preview", image_set="four") for name in TEN[:3]],
    "own images": [benchmark("sequential", image_set="sixteen", images=["fans.jpg", "portrait.jpg", "cutout.png"])],
}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Figure]]:
    """Return a list that gets every figure that is saved."""
    return kept(monkeypatch)


@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_whole_and_apart(tmp_path: Path, drawn: list[tuple[str, Figure]], kind: str) -> None:
    """Every text lies within its figure, and no two of a figure's texts overlap."""
    (group,) = grouped(KINDS[kind])
    figures.draw(group, tmp_path)
    pictures.draw(group, tmp_path, {})
    assert len(drawn) == (6 if kind == "own images" else 5)
    for name, figure in drawn:
        assert_readable(name, figure)


def test_every_request_is_drawn_and_no_two_lie_over_each_other(tmp_path: Path, drawn: list[tuple[str, Figure]]) -> None:
    """Of many requests several share a row, each after the other; failures and waits have colours of their own."""
    many = benchmark("concurrent", images=[f"{number}.jpg" for number in range(200)], errors={"0.jpg": "blocked"})
    (group,) = grouped([many])
    waterfall.waterfall(group, tmp_path)
    ((_, figure),) = drawn
    found = {part.get_label(): part.get_paths() for part in figure.axes[0].collections}
    requests = many["extra_info"]["spans"]
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
