"""The parts of the page besides its tables: advice, the question with answers, marks of ties, and figures left out."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from benchmarks.history.groups import Group, group_benchmarks
from benchmarks.report.figures import style
from benchmarks.report.figures.scaling import draw_questions
from benchmarks.report.figures.strategies import draw_strategies
from benchmarks.report.page import write_page
from benchmarks.report.page.advice import Advice, make_advice
from benchmarks.report.page.asked import LONGEST, make_asked
from benchmarks.report.tables import make_final_table
from benchmarks.verdicts.contest import find_winning_strategies
from fixtures.run.record.benchmark import Benchmark
from fixtures.tasks.question import load_question
from tests.helpers.browser import needs_browser, open_browser, read_text
from tests.helpers.drawings import assert_readable, keep_figures
from tests.helpers.runs import make_benchmark, read_all, read_made

CHANCE = {
    "files": (19.0, 20.0, 19.0, 21.0),
    "bounded": (20.0, 21.5, 20.0, 20.0),
    "sequential": (60.0, 62.0, 61.0, 61.0),
}
"""The seconds of three strategies, of which the first two are tied."""
COUNTED = "44736eb2e26dd9f13971e56fbfd6111033dc51c5f7cb78256d49a428321431ce"
"""The SHA-256 of the question for a folder without a task file."""


def race(**changed: Any) -> Group:
    """Return a group of the strategies of `CHANCE`."""
    made = [replace(read_made(name, rounds=4, cost_usd=0.01, **changed), seconds=CHANCE[name]) for name in CHANCE]
    (group,) = group_benchmarks(made)
    return group


def advise(group: Group) -> Advice:
    """Return the advice for a group."""
    return make_advice(group, find_winning_strategies(group.benchmarks))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Figure]]:
    """Return a list to which every saved figure is added."""
    return keep_figures(monkeypatch)


def test_advice_has_figures_with_descriptions() -> None:
    """The advice has seconds, images per minute, costs and right answers, each with a description."""
    advice = advise(race())
    assert advice.answer == "Use files"
    assert advice.facts[:3] == [
        ("19.50 s", "for 2 images (median of 4 rounds)"),
        ("6.2", "images per minute"),
        ("$5.00", "per 1,000 images"),
    ]
    (cost, per_right), (right, interval) = advice.facts[3:]
    assert (cost[0], per_right) == ("$", "per right answer")
    assert right.endswith(" % right")
    assert re.fullmatch(r"95 % interval \d+ to 100 %, off by 1.5 people per image, answers simulated", interval), (
        interval
    )
    tied, chosen = advice.notes
    assert tied == "Tied with it (the differences may be chance): bounded."
    assert chosen.startswith("Chosen by speed, then cost; right answers could not be compared, because 2 images are ")


def test_advice_without_truths_or_prices_says_so() -> None:
    """Without truths the advice says that answers are not judged; without a price it says that the cost is unknown."""
    facts = dict(advise(race(truth={}, mean_absolute_error=None)).facts)
    assert facts["not judged"] == "no true answers are known"
    assert not any("right" in what for what in facts.values())
    (alone,) = group_benchmarks([read_made("bounded", cost_usd=None)])
    advice = advise(alone)
    assert ("unknown", "per 1,000 images") in advice.facts
    assert advice.answer == "Only bounded was run"
    assert advice.notes == ['To compare it, add a strategy (-k "bounded or sequential") or leave out -k.']


def test_live_answers_are_not_called_simulated() -> None:
    """Live answers of Gemini are not called simulated."""
    assert not any("simulated" in what for _, what in advise(race(timing="live", source="gemini")).facts)


def test_ties_are_marked_in_the_table() -> None:
    """The best of a column and those tied with it are marked, with a legend; a single strategy has no marks."""
    table = make_final_table(race().benchmarks)
    seconds = table.head.index("seconds (median)")
    assert [row[seconds] for row in table.rows] == ["\N{DAGGER} 19.50", "\N{DAGGER} 20.00", "61.00"]
    assert "\N{DAGGER} marks the best of a column and those tied with it" in table.caption
    together = read_made("single_prompt", rounds=4, prompt_sha256="other", image_tokens=None)
    caption = make_final_table(race().benchmarks | {"single_prompt": together}).caption
    assert "right answers have no marks, because 2 images are too few to tell strategies apart" in caption.lower()
    alone = make_final_table({"sequential": read_made("sequential")})
    assert "\N{DAGGER}" not in "".join([alone.caption, *alone.rows[0]])


def test_ties_are_marked_in_the_figure_of_time(tmp_path: Path, drawn: list[tuple[str, Figure]]) -> None:
    """Ties are marked by colour, by a dagger after the seconds, and in the legend; without ties there are no marks."""
    draw_strategies(race(), tmp_path, ["files", "bounded"])
    (figure,) = [figure for name, figure in drawn if name.endswith("-time")]
    bars = [bar for part in figure.axes[0].containers for bar in part]
    colors = [to_hex(bar.get_facecolor()) for bar in bars]
    assert colors == [style.GREEN, style.GREEN, style.BLUE]
    assert [text.get_text() for text in figure.axes[0].texts] == [
        *("19.50 s \N{DAGGER}", "20.00 s \N{DAGGER}", "61.00 s"),
    ]
    assert "median, fastest or tied \N{DAGGER}" in list_legend(figure)
    drawn.clear()
    draw_strategies(race(), tmp_path)
    assert not any("tied" in label for label in list_legend(drawn[0][1]))


def list_legend(figure: Figure) -> list[str]:
    """Return the labels of a figure's legends."""
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_the_question_and_some_answers_are_on_the_page(tmp_path: Path) -> None:
    """The page shows the prompt and the first four answers of the advised strategy next to the truths."""
    names = [f"{number}.jpg" for number in range(6)]
    made = read_made("sequential", image_set=str(tmp_path), images=names, prompt_sha256=COUNTED)
    text = read_text(write_page([made], tmp_path / "out", {}))
    assert load_question(str(tmp_path)).prompt in text
    assert "Answers of sequential to the first 4 of 6 images (median round) image true answer answer" in text
    for name in names[:4]:
        assert f"{name} {made.record.truth[name]} {made.record.answers[name]}" in text


def test_a_question_that_may_have_changed_is_marked_or_not_shown(tmp_path: Path) -> None:
    """If the task file has changed or is missing, the page says so, or does not show the question."""
    (group,) = group_benchmarks([read_made("sequential", image_set=str(tmp_path))])
    assert "no request of this run has exactly this text" in make_asked(group, {}, "sequential").note
    (gone,) = group_benchmarks([read_made("sequential", image_set=str(tmp_path / "gone"))])
    asked = make_asked(gone, {}, "sequential")
    assert (asked.question, asked.note[:29]) == ("", "The question is not known: th")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "task.toml").write_text('question = "What?"\nanswer = "text"\n')
    assert make_asked(group, {str(tmp_path): str(tmp_path / "other")}, "sequential").question == ""


def test_the_prompt_about_several_images_is_shown_if_it_was_sent(tmp_path: Path) -> None:
    """The prompt about several images is shown if a strategy sends several, with N for their number."""
    spans = [[0.0, 4.0, 200, ["a.jpg", "b.jpg"]]]
    about = {"image_set": str(tmp_path), "prompt_sha256": COUNTED}
    (together,) = group_benchmarks([read_made("single_prompt", spans=spans, **about)])
    assert make_asked(together, {}, "single_prompt").for_many.startswith("I have provided N images above labeled")
    (alone,) = group_benchmarks([read_made("sequential", **about)])
    assert make_asked(alone, {}, "sequential").for_many == ""


@pytest.mark.parametrize(
    ("task", "true", "answered", "cells"),
    [
        ({"answer": "count", "unit": "people"}, 4, None, ["4", "no answer"]),
        ({"answer": "text"}, "Exit only", "x" * 300, ["Exit only", f"{'x' * (LONGEST - 3)}..."]),
        (
            {"answer": "fields", "fields": {"merchant": "text", "total": "number"}},
            {"merchant": "Kestrel & Vine", "total": 12.5},
            {"merchant": "Kestrel & Vine, of a long name", "total": None},
            ["merchant: Kestrel & Vine, total: 12.5", "merchant: Kestrel & Vine, of a long name, total: none"],
        ),
    ],
)
def test_answers_of_every_kind_are_shown_as_text(
    task: dict[str, Any], true: Any, answered: Any, cells: list[str]
) -> None:
    """Numbers, texts and fields are shown as text, and a missing answer as `no answer`."""
    answers = {"a.jpg": answered}
    changed: dict[str, Any] = {"answers_by_round": [answers], "truth": {"a.jpg": true}, "mean_absolute_error": None}
    made = read_made("bounded", images=["a.jpg"], rounds=1, task=task, answers=answers, **changed)
    (group,) = group_benchmarks([made])
    assert make_asked(group, {}, "bounded").answers.rows == [["a.jpg", *cells]]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"cost_usd": None}, "Figure left out: time, cost, right answers (the price of this model is not known)."),
        (
            {"cost_usd": None, "output_tokens": None},
            "Figure left out: tokens and cost (neither tokens nor prices are known).",
        ),
        ({"spans": []}, "Figure left out: every request of the median round (no requests were stored)."),
        (
            {"spans": [[0.0, 4.0, 200, ["a.jpg"]]], "server_seconds": 4.0, "client_cpu_seconds": 0.001},
            "Figure left out: where the time goes (in every strategy, nearly all of it is server time).",
        ),
    ],
)
def test_figures_without_content_are_replaced_by_a_sentence(
    tmp_path: Path, changed: dict[str, Any], sentence: str
) -> None:
    """A figure without content is replaced by a sentence and has no file; other runs have all figures."""
    made = [read_made(name, **changed) for name in CHANCE]
    page = write_page(made, tmp_path, {})
    assert sentence in read_text(page)
    assert len(list(tmp_path.glob("*.png"))) == page.read_text(encoding="utf-8").count("<figure")
    whole = write_page([read_made(name) for name in CHANCE], tmp_path / "whole", {})
    assert "left out" not in read_text(whole)
    assert len(list((tmp_path / "whole").glob("*.png"))) == 5


def find_lower_ends(figure: Figure) -> list[tuple[float, float]]:
    """Return the lower ends of both axes of each panel."""
    return [(axes.get_xlim()[0], axes.get_ylim()[0]) for axes in figure.axes]


def test_axes_begin_at_zero_or_are_labelled(tmp_path: Path, drawn: list[tuple[str, Figure]]) -> None:
    """Axes begin at zero; if seconds differ widely, time against cost is logarithmic and labelled so."""
    draw_strategies(race(), tmp_path)
    figures = {name.rpartition("-")[2]: figure for name, figure in drawn}
    for kind in ("time", "waterfall", "tokens", "where"):
        assert all(left == 0 for left, _ in find_lower_ends(figures[kind]))
    assert find_lower_ends(figures["off"]) == [(0, 0)]
    assert figures["off"].axes[0].get_xlabel() == "seconds for all images"
    drawn.clear()
    far = [replace(read_made(name), seconds=(seconds,) * 5) for name, seconds in (("files", 2.0), ("batch", 900.0))]
    (group,) = group_benchmarks(far)
    draw_strategies(group, tmp_path)
    (figure,) = [figure for name, figure in drawn if name.endswith("-off")]
    assert_readable("time against cost", figure)
    assert figure.axes[0].get_xscale() == "log"
    assert figure.axes[0].get_xlabel() == "seconds for all images\n(logarithmic, not from 0)"


def ask_about_scale(errors: Sequence[float | None], costs: Sequence[float | None]) -> list[Benchmark]:
    """Return the benchmarks of a question about scale at 10, 20, ... images, with these errors and costs."""
    client = {"cpu_seconds": 0.001, "image_bytes": 2000.0}
    return read_all(
        make_benchmark(
            "bounded",
            timing="virtual",
            mean_absolute_error=error,
            cost_usd=cost,
            scaling={"question": "images", "x": 10 * number, "client": client},
        )
        for number, (error, cost) in enumerate(zip(errors, costs, strict=True), start=1)
    )


@pytest.mark.parametrize(
    ("errors", "costs", "panels", "sentences"),
    [
        ([1.0, 2.0], [0.01, 0.02], 3, []),
        ([0.0, 0.0], [0.01, 0.02], 2, ["Panel left out: error (0.0 people in every case)."]),
        (
            [None, None],
            [0.02, 0.02],
            1,
            ["Panel left out: cost ($0.0100 per answer in every case).", "Panel left out: error (not known)."],
        ),
    ],
)
def test_panels_about_scale_without_content_are_left_out(
    tmp_path: Path,
    drawn: list[tuple[str, Figure]],
    errors: Sequence[float | None],
    costs: Sequence[float | None],
    panels: int,
    sentences: list[str],
) -> None:
    """A panel without known or different values is replaced by a sentence; the other panels begin at zero."""
    (question,) = draw_questions(ask_about_scale(errors, costs), tmp_path)
    ((_, figure),) = drawn
    assert len(figure.axes) == panels
    assert question.left_out == sentences
    assert all(bottom == 0 for _, bottom in find_lower_ends(figure))


def test_sections_fold_and_the_first_is_open(tmp_path: Path) -> None:
    """Only the first section is open, its long tables are folded, and the advice and the contents come first."""
    runs = [read_made("sequential"), read_made("sequential", model="gemini-3-pro-preview")]
    page = write_page(runs, tmp_path, {}).read_text(encoding="utf-8")
    assert re.findall(r'<details class="section"( open)?>', page) == [" open", "", ""]
    folded = [html.unescape(name) for name in re.findall(r'<details class="folded">\n<summary>(.*?)</summary>', page)]
    assert folded == ["Requests and tokens", "Answers by image", "Where the figures come from"] * 2
    assert page.index('class="answer"') < page.index("<nav") < page.index("<details")


@needs_browser
def test_a_link_to_a_folded_section_opens_it(tmp_path: Path) -> None:
    """Links in the contents and in the cards open folded sections, without a script."""
    runs = [read_made("sequential"), read_made("sequential", model="gemini-3-pro-preview")]
    path = write_page(runs, tmp_path / "out", {})
    second = "document.querySelectorAll('.section')[1]"
    with open_browser(tmp_path / "profile") as shown:
        for link in ("nav li:last-child a", ".card:last-child h2 a"):
            shown.open(path, width=390, scheme="light")
            assert shown.evaluate(f"{second}.open") is False
            shown.evaluate(f"document.querySelector('{link}').click()")
            shown.evaluate("new Promise(done => setTimeout(done, 200))")
            assert shown.evaluate(f"{second}.open") is True
            top = shown.evaluate(f"{second}.getBoundingClientRect().top")
            assert -5 <= top <= 200, "the title is visible"
