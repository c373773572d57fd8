"""The report is written from this run or from stored ones, says whose figures it shows, and trusts no text."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.history.groups import grouped
from benchmarks.report.page import markdown, write
from benchmarks.report.tables import answer, consistency, final
from benchmarks.verdicts.ratios import Ratio, Word
from benchmarks.verdicts.verdict import Verdict
from tests.helpers.browser import Page, browser, installed
from tests.helpers.runs import benchmark
from tests.helpers.suite import ROOT, run_suite

SCRIPT = "<script>alert(1)</script>"
NAMED = "\"quoted\" <b>&'bold'</b> | `name`.jpg"
TEN = [f"strategy_{number}" for number in range(10)]
FORTY = [f"holiday-{number:02}.jpg" for number in range(40)]


def text_of(page: Path) -> str:
    """Return what a page says to who reads its elements."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

    Reader().feed(page.read_text(encoding="utf-8"))
    return " ".join(" ".join(found).split())


def runs() -> dict[str, list[dict[str, Any]]]:
    """Return runs of all kinds, by what is odd about them."""
    every = {"a.jpg": "blocked: SAFETY", "b.jpg": SCRIPT}
    return {
        "one strategy, one round": [benchmark("sequential", rounds=1)],
        "ten strategies": [benchmark(name) for name in TEN],
        "forty images": [benchmark(name, images=FORTY) for name in ("sequential", "concurrent")],
        "errors everywhere": [benchmark(name, errors=every) for name in ("sequential", "concurrent")],
        "no price, no true number": [
            benchmark("sequential", cost_usd=None, people={}, mean_absolute_error=None, exact=0)
        ],
        "several models": [
            benchmark("sequential"),
            benchmark("sequential", model="gemini-3-pro-preview"),
            benchmark("sequential", timing="live", source="gemini"),
        ],
        "strange names": [benchmark("sequential", images=(NAMED, SCRIPT), errors={NAMED: SCRIPT})],
        "no request": [benchmark("sequential", spans=[], server_seconds=0.0)],
        "long names": [benchmark("a_strategy_with_a_rather_long_name", images=("x" * 120 + ".jpg", "b.jpg"))],
    }


@pytest.mark.parametrize("kind", runs())
def test_every_kind_of_run_has_its_report(tmp_path: Path, kind: str) -> None:
    """A page with a sentence a group, five figures of each as PNG and SVG, Markdown and CSV."""
    made = runs()[kind]
    page = write(made, tmp_path, {})
    groups = grouped(made)
    for group in groups:
        assert answer(group) in text_of(page)
        for figure in ("time", "waterfall", "trade-off", "tokens", "where"):
            for suffix in ("png", "svg"):
                assert (tmp_path / f"{group.slug}-{figure}.{suffix}").stat().st_size > 1000
    assert "<script" not in page.read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "rows.csv").read_text(encoding="utf-8"))))
    assert len(rows) == sum(
        len(each["stats"]["data"]) * len(each["extra_info"]["answers_by_round"][0]) for each in made
    )


def test_text_from_outside_is_text(tmp_path: Path) -> None:
    """An answer that is a script, and an image named with tags, stand on the page as they are."""
    page = write(runs()["strange names"], tmp_path, {})
    assert SCRIPT in text_of(page)
    assert NAMED in text_of(page)
    told = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "<" not in told.replace("\\<", "")
    assert "\\`name\\`" in told
    (row, *_) = [line for line in told.splitlines() if "quoted" in line]
    assert row.count(" | ") == 2, "the name's own bar is no cell's end"


def test_live_and_replayed_runs_share_no_figure() -> None:
    """They are groups of their own, named apart."""
    groups = grouped(runs()["several models"])
    assert [group.title for group in groups] == [
        "gemini-3.5-flash, made-up, replayed, simulator",
        "gemini-3-pro-preview, made-up",
        "gemini-3.5-flash, made-up, live, gemini",
    ]
    assert len({group.slug for group in groups}) == 3


def test_the_answer_is_a_sentence() -> None:
    """The fastest, its time against sequential, its cost and its error; who has missing answers cannot win."""
    sequential, concurrent = benchmark("sequential"), benchmark("concurrent", cost_usd=0.0041, mean_absolute_error=6.0)
    sequential["stats"]["data"], concurrent["stats"]["data"] = [15.0] * 5, [5.0] * 5
    (group,) = grouped([sequential, concurrent])
    assert answer(group) == (
        "For 2 images on gemini-3.5-flash, concurrent is fastest: 5.0 s, 3.0 times as fast as sequential, $0.0041, "
        "off by 6.0 people an image on average."
    )
    concurrent["extra_info"]["errors"] = {"a.jpg": "blocked"}
    (group,) = grouped([sequential, concurrent])
    assert "sequential took: 15.0 s" in answer(group)
    assert "left out for missing answers: concurrent" in answer(group)
    sequential["extra_info"]["errors"] = {"a.jpg": "blocked"}
    (group,) = grouped([sequential, concurrent])
    assert answer(group) == "For 2 images on gemini-3.5-flash, no strategy answered about every image."


def test_of_forty_images_the_twenty_worst_are_shown_and_all_are_in_the_csv() -> None:
    """The worst counted comes first, with the range over rounds where rounds differ."""
    (group,) = grouped(runs()["forty images"])
    table = consistency(group)
    assert len(table.rows) == 20 + 2
    assert "20 worst of 40 images" in table.caption
    errors = [
        max(abs(info["answers"][row[0]] - info["people"][row[0]]) for info in group.infos.values())
        for row in table.rows[:20]
    ]
    assert errors == sorted(errors, reverse=True)
    assert any(" to " in cell for row in table.rows for cell in row)


def test_of_the_same_strategy_twice_the_later_run_is_shown(tmp_path: Path) -> None:
    """A report of a whole history shows each strategy as it is now."""
    for day, seconds in (("2026-11-02", 7.0), ("2026-11-01", 99.0)):
        made = benchmark("sequential", rounds=1)
        made["stats"]["data"] = [seconds]
        document = {"datetime": f"{day}T00:00:00", "benchmarks": [made]}
        (tmp_path / f"{seconds}.json").write_text(json.dumps(document))
    done = report(tmp_path / "7.0.json", tmp_path / "99.0.json", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "7.00" in (tmp_path / "out" / "summary.md").read_text()
    assert "99.00" not in (tmp_path / "out" / "summary.md").read_text()


def report(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "benchmarks.report", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        ("{", "is damaged"),
        ("[]", "holds no benchmarks"),
        ('{"benchmarks": []}', "holds no benchmarks"),
        ('{"benchmarks": [{"extra_info": {}}]}', "is not a run of this suite, or an older one"),
        ('{"benchmarks": [1]}', "is not a run of this suite (it lacks extra_info)"),
        ("[" * 100_000, "is damaged"),
        (json.dumps({"benchmarks": [benchmark("a") | {"stats": {}}]}), "holds no raw rounds"),
        (json.dumps({"benchmarks": [benchmark("a", spans=[[1, 2]])]}), "is damaged (in extra_info: spans)"),
        (json.dumps({"benchmarks": [benchmark("a", answers=[])]}), "is damaged (in extra_info: answers)"),
        (json.dumps({"benchmarks": [benchmark("a", answers_by_round=[])]}), "is damaged (in extra_info: answers_by"),
    ],
)
def test_a_run_that_cannot_be_used_is_told(tmp_path: Path, content: str | None, sentence: str) -> None:
    """One sentence, no traceback, exit code 1."""
    path = tmp_path / "run.json"
    if content is not None:
        path.write_text(content)
    done = report(path, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    """By the command and by the option alike, and the run's own result stands."""
    (tmp_path / "file").write_text("")
    done = report(ROOT / ".benchmarks" / "0001_baseline.json", "-o", tmp_path / "file" / "out")
    assert done.returncode == 1
    assert "cannot be written to" in done.stderr
    run = run_suite(tmp_path, f"--report={tmp_path / 'file' / 'out'}", "-k", "single_prompt and four")
    assert run.code == pytest.ExitCode.TESTS_FAILED
    assert "cannot be written to" in run.output
    assert "Traceback" not in run.output
    assert run.benchmarks, "nothing is lost"


def test_a_run_writes_its_report_and_githubs_summary(tmp_path: Path) -> None:
    """`--report` draws what was just measured, images included; a job's summary gets the tables."""
    step = tmp_path / "step.md"
    step.write_text("before\n")
    run = run_suite(
        tmp_path, f"--report={tmp_path / 'out'}", "-k", "four and sequential", GITHUB_STEP_SUMMARY=str(step)
    )
    assert run.code == 0, run.output
    assert f"The report is in {tmp_path / 'out' / 'index.html'}." in run.output
    assert (tmp_path / "out" / "gemini-3-5-flash-four-images.png").is_file()
    told = (tmp_path / "out" / "summary.md").read_text()
    assert step.read_text() == f"before\n{told}"
    assert "of the bundled simulator, not of Gemini" in told


def test_what_draws_is_imported_only_for_a_report() -> None:
    """A run without `--report` starts as fast as ever."""
    code = "import sys, pytest; pytest.main(['benchmarks', '-q', '-k', 'four and single_prompt']); "
    code += "print('drawn' if {'matplotlib', 'jinja2'} & set(sys.modules) else 'not drawn')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.rstrip().endswith("not drawn")


def test_the_tables_are_the_same_in_markdown(tmp_path: Path) -> None:
    """A cell of the page is a cell of the pull request's comment."""
    del tmp_path
    (group,) = grouped(runs()["ten strategies"])
    told = markdown([group])
    for table in (final(group), consistency(group)):
        for row in table.rows:
            assert all(cell.replace("_", "\\_") in told for cell in row)


needs_browser = pytest.mark.skipif(installed() is None, reason="needs a browser (Debian's chromium)")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Start the browser once."""
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


OVERLAPPING = """(() => {
  const leaves = [...document.querySelectorAll("h1, h2, h3, p, li, th, td, caption")].filter(
    each => !each.closest(".hidden") && each.getClientRects().length && !each.querySelector("p, li, th, td"));
  const boxes = leaves.map(each => [each, each.getBoundingClientRect()]);
  const over = [];
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
    const [a, x] = boxes[i], [b, y] = boxes[j];
    const wide = Math.min(x.right, y.right) - Math.max(x.left, y.left);
    const high = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
    if (wide > 1 && high > 1 && !a.contains(b) && !b.contains(a)
        && a.closest(".wide") === b.closest(".wide")) over.push(a.textContent + " / " + b.textContent);
  }
  return over;
})()"""
CONTRAST = """(() => {
  const light = color => { const [r, g, b] = color.match(/[0-9.]+/g).map(Number).map(
    v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = each => { for (; each; each = each.parentElement) {
    const color = getComputedStyle(each).backgroundColor;
    if (!/, 0\\)$/.test(color)) return color; }
    return "rgb(255, 255, 255)"; };
  const low = [];
  for (const each of document.querySelectorAll("h1, h2, h3, p, li, a, th, td, caption, figure svg")) {
    const [a, b] = [light(getComputedStyle(each).color), light(behind(each))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) low.push(each.tagName + " " + each.textContent.slice(0, 40));
  }
  return low;
})()"""


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("kind", ["ten strategies", "forty images", "errors everywhere", "strange names", "long names"])
def test_the_page_is_readable_in_a_browser(tmp_path: Path, shown: Page, kind: str, width: int, scheme: str) -> None:
    """No request, no complaint, no scrolling to the side, no text over another, contrast enough."""
    path = write(runs()[kind], tmp_path, {})
    shown.open(path, width=width, scheme=scheme)
    assert [url for url in shown.requests if not url.startswith("data:")] == [path.resolve().as_uri()]
    assert shown.complaints == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.evaluate(OVERLAPPING) == []
    assert shown.evaluate(CONTRAST) == []
    background = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}[scheme]


@needs_browser
def test_the_page_can_be_used_without_eyes_or_a_mouse(tmp_path: Path, shown: Page) -> None:
    """Headings in order, a name for every figure and table, heads for rows and columns, tables reached by keyboard."""
    shown.open(write(runs()["several models"], tmp_path, {}), width=1280, scheme="light")
    levels = shown.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert shown.evaluate(
        "[...document.querySelectorAll('table')].every(t => t.caption && t.querySelector('th[scope=row]'))"
    )
    assert shown.evaluate(
        "[...document.querySelectorAll('figure')].every(f => f.querySelector('p').textContent.length > 20)"
    )
    assert shown.evaluate("[...document.querySelectorAll('.wide')].every(r => r.tabIndex === 0)")
    ids = shown.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)), "an id stands for one element only"
    assert shown.evaluate("document.documentElement.lang") == "en"


def test_a_run_that_was_compared_tells_its_verdicts(tmp_path: Path) -> None:
    """On the page, in the Markdown, and for programs by what is said; growth is named."""
    grown = Verdict("x::test_strategy[m-i-bounded]", "bounded", Word.SAME, "5 rounds, paired", grown=("requests 5",))
    slower = Verdict(
        "x::test_strategy[m-i-files]", "files", Word.SLOWER, "5 rounds, paired", Ratio(1.5, 1.4, 1.6), 0.05
    )
    failed = Verdict("x::test_strategy[m-i-batch]", "batch", Word.FAILED, "nothing", notes=(SCRIPT,))
    verdicts = {"gemini-3.5-flash, made-up": [grown, slower, failed]}
    page = write([benchmark("bounded"), benchmark("files")], tmp_path, {}, verdicts=verdicts)
    for text in (text_of(page), (tmp_path / "summary.md").read_text(encoding="utf-8")):
        assert "Faster or slower than the stored runs?" in text
        assert "1.50 (1.40 to 1.60)" in text
        assert "grown: requests 5" in text
    assert SCRIPT not in page.read_text(encoding="utf-8")
    assert SCRIPT not in (tmp_path / "summary.md").read_text(encoding="utf-8")
    told = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
    assert {word: names for word, names in told.items() if names} == {
        "slower": [slower.benchmark],
        "same": [grown.benchmark],
        "failed": [failed.benchmark],
        "grown": [grown.benchmark],
    }


def test_a_run_that_was_not_compared_has_no_verdict(tmp_path: Path) -> None:
    """No table; the file for programs is there, and empty."""
    page = write([benchmark("sequential")], tmp_path, {})
    assert "Faster or slower" not in text_of(page)
    assert not any(json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8")).values())


def test_strategies_of_a_live_session_are_told_apart_on_the_page(tmp_path: Path) -> None:
    """With the caveat that the rounds of one session are not independent."""
    live = [benchmark(name, timing="live", rounds=6) for name in ("sequential", "concurrent")]
    text = text_of(write(live, tmp_path, {}))
    assert "Faster or slower against sequential?" in text
    assert "Rounds of one session are not independent" in text
    assert "6 and 6 rounds" in text
