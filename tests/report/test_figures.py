"""In the figures no labels overlap or are cut off, and no figure is empty."""

from pathlib import Path
from typing import Any

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from benchmarks.history.groups import group_benchmarks
from benchmarks.report.figures import waterfall
from benchmarks.report.figures.images import draw_images
from benchmarks.report.figures.strategies import draw_strategies
from benchmarks.report.page import sections, write_page
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
    "no tokens": [
        read_made("sequential", output_tokens=None, cost_usd=None),
        read_made("concurrent", image_tokens=None),
        read_made("bounded", image_tokens=9_999),
    ],
    "published": [read_made(name, model="gemini-3-pro-preview", image_set="four") for name in TEN[:3]],
    "phases": [
        read_made(name, spans=[[0.0, 4.0, 200, ["a.jpg"]]], phases=[[0.5, 0.5, 2.0, 1.0]] if with_phases else [])
        for name, with_phases in (("sequential", True), ("concurrent", False))
    ],
    "all phases": [
        read_made("sequential", spans=[[0.0, 4.0, 200, ["a.jpg"]]], phases=[[0.5, 0.5, 2.0, 1.0]], server_seconds=1.0)
    ],
    "virtual": [read_made("sequential", timing="virtual", recorded_at=None)],
    "own images": [read_made("sequential", image_set="sixteen", images=["fans.jpg", "portrait.jpg", "cutout.png"])],
}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Figure]]:
    """Return a list to which every saved figure is added."""
    return keep_figures(monkeypatch)


@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_complete_and_do_not_overlap(tmp_path: Path, drawn: list[tuple[str, Figure]], kind: str) -> None:
    """Every text is within its figure, and no two texts of a figure overlap."""
    (group,) = group_benchmarks(KINDS[kind])
    draw_strategies(group, tmp_path)
    draw_images(group, tmp_path, {})
    left_out = kind == "no price" or len(KINDS[kind]) == 1
    assert len(drawn) == 5 - left_out + (kind == "own images")
    for name, figure in drawn:
        assert_readable(name, figure)


def test_a_strategy_with_missing_answers_is_drawn_last_and_hatched(
    tmp_path: Path, drawn: list[tuple[str, Figure]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A strategy with missing answers is the last, hatched and marked bar; its point is a ring, its name the lowest."""
    monkeypatch.setattr(sections, "draw_images", lambda *_: None)
    failed = read_made("sequential", rounds=1, errors={"a.jpg": "503"}, cost_usd=0.0)
    write_page([failed, read_made("files"), read_made("bounded")], tmp_path, {})
    figures = {name.rpartition("-")[2]: figure for name, figure in drawn}
    names = ["files", "bounded", "sequential\n(incomplete)"]
    for kind in ("time", "tokens", "where"):
        assert [label.get_text() for label in figures[kind].axes[0].get_yticklabels()] == names
    bars = [bar for part in figures["time"].axes[0].containers for bar in part]
    assert [bool(bar.get_hatch()) for bar in bars] == [False, False, True]
    (point,) = [line for line in figures["off"].axes[0].lines if line.get_markerfacecolor() == "none"]
    assert point.get_xdata() == [failed.median]
    (text,) = [text for text in figures["off"].axes[0].texts if "incomplete" in text.get_text()]
    assert text.get_position()[1] == min(each.get_position()[1] for each in figures["off"].axes[0].texts)


def test_every_request_is_drawn_without_overlaps(tmp_path: Path, drawn: list[tuple[str, Figure]]) -> None:
    """Many requests share rows without overlapping; failures and waits have their own colours."""
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


def test_unknown_tokens_and_costs_are_labelled_as_unknown(tmp_path: Path, drawn: list[tuple[str, Figure]]) -> None:
    """Tokens that cannot be divided by use have no bar, but their sum and cost are shown if known."""
    (group,) = group_benchmarks(KINDS["no tokens"])
    draw_strategies(group, tmp_path)
    (figure,) = [figure for name, figure in drawn if name.endswith("-tokens")]
    tokens, dollars = ([text.get_text() for text in axes.texts] for axes in figure.axes)
    assert tokens == ["unknown", "4.0 k", "4.0 k"]
    assert [text[0] for text in dollars] == ["u", "$", "$"]
    assert all(bar.get_width() == 0 for axes in figure.axes for container in axes.containers for bar in container)


def test_the_parts_of_a_cost_add_up_to_it(tmp_path: Path, drawn: list[tuple[str, Figure]]) -> None:
    """The parts of a cost are priced separately and scaled, so that their sum is the cost of the strategy."""
    made = read_made("batch", cost_usd=0.08, image_tokens=2200, thoughts_tokens=1800)
    draw_strategies(group_benchmarks([made])[0], tmp_path)
    (figure,) = [figure for name, figure in drawn if name.endswith("-tokens")]
    tokens, parts = ([bar.get_width() for part in axes.containers for bar in part] for axes in figure.axes)
    assert tokens == [2200, 40, 1800, 4], "text is the part of the prompt that is not the image"
    assert len(parts) == 4
    assert min(parts) > 0
    assert sum(parts) == pytest.approx(0.08)
    # At 1.50 and 9 dollars per million tokens: a token of thinking costs six times as much as one of an image.
    image, _, thinking, _ = parts
    assert thinking / image == pytest.approx(6 * 1800 / 2200, rel=1e-3)


def test_the_network_has_the_time_that_the_server_does_not_report(
    tmp_path: Path, drawn: list[tuple[str, Figure]]
) -> None:
    """The network's time is the requests' time (2 x 4 s) minus the time that the server reports (6 s)."""
    spans = [[0.0, 4.0, 200, ["a.jpg"]], [6.0, 10.0, 200, ["b.jpg"]]]
    made = read_made("sequential", spans=spans, server_seconds=6.0, backoff_seconds=0.5, client_cpu_seconds=0.25)
    draw_strategies(group_benchmarks([made])[0], tmp_path)
    (figure,) = [figure for name, figure in drawn if name.endswith("-where")]
    percents = {container.get_label(): container[0].get_width() for container in figure.axes[0].containers}
    seconds = {"server": 6.0, "network": 2.0, "waiting to retry": 0.5, "between requests": 1.25, "client CPU": 0.25}
    assert percents == pytest.approx({kind: 10 * each for kind, each in seconds.items()})


PHASES = [[0.5, 0.25, 2.0, 1.25], [0.0, 0.25, 3.75, 0.0]]


def draw_shares(drawn: list[tuple[str, Figure]], folder: Path, **changed: Any) -> dict[str, float]:
    """Return the shares in percent of "Where the time goes" for two requests of 4 s each, 1 s apart."""
    spans = [[0.0, 4.0, 200, ["a.jpg"]], [5.0, 9.0, 200, ["b.jpg"]]]
    known = {"spans": spans, "phases": PHASES, "backoff_seconds": 0.0, "client_cpu_seconds": 1.0} | changed
    draw_strategies(group_benchmarks([read_made("sequential", **known)])[0], folder)
    (figure,) = [figure for name, figure in drawn if name.endswith("-where")]
    return {str(each.get_label()): each[0].get_width() for each in figure.axes[0].containers}


@pytest.mark.parametrize(
    ("server", "waiting"),
    [
        (4.0, {"server": 4.0, "other waiting": 1.75}),
        (9.0, {"server": 5.75, "other waiting": 0.0}),
        (0.0, {"waiting": 5.75}),
    ],
)
def test_time_is_divided_by_phase(
    tmp_path: Path, drawn: list[tuple[str, Figure]], server: float, waiting: dict[str, float]
) -> None:
    """The server's share is what it reports, but not more than the waiting; the rest is shown as other waiting."""
    percents = draw_shares(drawn, tmp_path, server_seconds=server)
    seconds = {"connecting": 0.5, "sending": 0.5, **waiting, "receiving": 1.25}
    seconds |= {"waiting to retry": 0.0, "between requests": 0.0, "client CPU": 1.0}
    assert percents == pytest.approx({kind: 100 * each / 9 for kind, each in seconds.items()})
    assert all("phases" not in str(text.get_text()) for _, figure in drawn for text in figure.texts)


def test_bars_are_lighter_while_requests_do_not_wait(tmp_path: Path, drawn: list[tuple[str, Figure]]) -> None:
    """A bar is lighter while a request connects, sends and receives; phases that took no time are not drawn."""
    spans = [[1.0, 5.0, 200, ["a.jpg"]], [5.0, 9.0, 599, ["b.jpg"]]]
    (group,) = group_benchmarks([read_made("sequential", spans=spans, phases=PHASES)])
    waterfall.draw_waterfall(group, tmp_path)
    ((_, figure),) = drawn
    parts = {part.get_label(): part for part in figure.axes[0].collections}
    times = {
        label: [(p.get_extents().x0, p.get_extents().x1) for p in each.get_paths()] for label, each in parts.items()
    }
    assert times == {
        "answered": [(1.0, 5.0)],
        "no response": [(5.0, 9.0)],
        "connecting": [(1.0, 1.5)],
        "sending or receiving": [(1.5, 1.75), (3.75, 5.0), (5.0, 5.25)],
    }
    tints: Any = parts["sending or receiving"].get_facecolor()
    assert [to_hex(tint) for tint in tints] == ["#80b8d8", "#80b8d8", "#eaae80"], "half white"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("phases", "The phases of requests were not stored for 1 of 2 strategies."),
        ("one", "The phases of requests were not stored."),
        ("virtual", "Requests in virtual time have no phases."),
    ],
)
def test_captions_mention_missing_phases(tmp_path: Path, drawn: list[tuple[str, Figure]], kind: str, said: str) -> None:
    """The captions of both figures with phases mention missing ones; bars without phases show server and network."""
    (group,) = group_benchmarks(KINDS[kind])
    draw_strategies(group, tmp_path)
    captions = {name.rpartition("-")[2]: figure.get_suptitle().partition("\n")[2] for name, figure in drawn}
    assert {name for name, caption in captions.items() if caption == said} == {"waterfall", "where"}
    assert set(captions.values()) == {said, ""}
    (figure,) = [figure for name, figure in drawn if name.endswith("-where")]
    labels = [str(container.get_label()) for container in figure.axes[0].containers]
    assert ("connecting" in labels, "network" in labels) == (kind == "phases", True)


def test_the_page_explains_the_phases(tmp_path: Path) -> None:
    """The page explains the phases, and that part of the upload counts as waiting."""
    page = write_page(KINDS["all phases"], tmp_path, {}).read_text(encoding="utf-8")
    assert "has taken the last byte, so part of the upload counts as waiting" in page
