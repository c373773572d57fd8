"""The report is written from this run or from stored ones, names the origin of its figures, and escapes all text."""

import csv
import html
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.history.groups import group_benchmarks
from benchmarks.report.consistency import make_consistency_table
from benchmarks.report.page import make_markdown, write_page
from benchmarks.report.page.rows import CSV_HEAD, list_csv_rows
from benchmarks.report.sentences.advice import describe_advice
from benchmarks.report.tables import make_final_table
from benchmarks.verdicts.contest import find_winning_strategies
from benchmarks.verdicts.seconds.ratios import Finding, Ratio
from benchmarks.verdicts.verdict import Verdict
from fixtures.run.record.benchmark import Benchmark
from tests.helpers.browser import CONTRAST, OPEN_ALL, OVERLAPPING, Page, needs_browser, open_browser, read_text
from tests.helpers.forks import ROOT, run_python
from tests.helpers.runs import make_benchmark, read_all, read_made
from tests.helpers.suite import run_suite

SCRIPT = "<script>alert(1)</script>"
NAMED = "\"quoted\" <b>&'bold'</b> | `name`.jpg"
TEN = [f"strategy_{number}" for number in range(10)]
FORTY = [f"holiday-{number:02}.jpg" for number in range(40)]


def answers_on(page: Path) -> list[str]:
    """Return the sentences that answer the page's question, in their order."""
    found = re.findall(r'<p class="answer">(.*?)</p>', page.read_text(encoding="utf-8"))
    return [html.unescape(sentence) for sentence in found]


def runs() -> dict[str, list[Benchmark]]:
    """Return unusual runs, by their description."""
    every = {"a.jpg": "blocked: SAFETY", "b.jpg": SCRIPT}
    return {
        "one strategy, one round": [read_made("sequential", rounds=1)],
        "ten strategies": [read_made(name) for name in TEN],
        "forty images": [read_made(name, images=FORTY) for name in ("sequential", "concurrent")],
        "errors everywhere": [read_made(name, errors=every) for name in ("sequential", "concurrent")],
        "no price, no true number": [
            read_made("sequential", cost_usd=None, truth={}, mean_absolute_error=None, exact=0)
        ],
        "several models": [
            read_made("sequential"),
            read_made("sequential", model="gemini-3-pro-preview"),
            read_made("sequential", timing="live", source="gemini"),
        ],
        "strange names": [read_made("sequential", images=(NAMED, SCRIPT), errors={NAMED: SCRIPT})],
        "no request": [read_made("sequential", spans=[], server_seconds=0.0)],
        "long names": [read_made("a_strategy_with_a_rather_long_name", images=("x" * 120 + ".jpg", "b.jpg"))],
    }


NOBODY = "For 2 images on gemini-3.5-flash, no strategy has an answer for every image."
ABOUT = "For 2 images on gemini-3.5-flash"
ALONE = "Only sequential was run"
ANSWERS = {
    "one strategy, one round": [ALONE],
    "ten strategies": ["Use strategy_5"],
    "forty images": ["Use sequential"],
    "errors everywhere": ["No strategy has an answer for every image."],
    "no price, no true number": [ALONE],
    "several models": [ALONE] * 3,
    "strange names": ["No strategy has an answer for every image."],
    "no request": [ALONE],
    "long names": ["Only a_strategy_with_a_rather_long_name was run"],
}
"""The advice on each run's page, one per group."""
LEFT_OUT = {"no request": {"waterfall", "where"}}
"""The figures that are left out, besides time against cost, which needs a price and two strategies."""


@pytest.fixture(scope="module")
def write_kind(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that writes the page of a kind of run into a separate folder, once for all tests."""

    @cache
    def write(kind: str) -> Path:
        return write_page(runs()[kind], tmp_path_factory.mktemp("page"), {})

    return write


@pytest.mark.parametrize("kind", runs())
def test_every_kind_of_run_has_its_report(write_kind: Callable[[str], Path], kind: str) -> None:
    """Every run has a page with a card per group, its figures as PNG and SVG, and a CSV with all answers."""
    made = runs()[kind]
    page = write_kind(kind)
    groups = group_benchmarks(made)
    assert answers_on(page) == ANSWERS[kind]
    for group in groups:
        left_out = LEFT_OUT.get(kind, set()) | ({"trade-off"} if len(group.benchmarks) == 1 else set())
        for figure in ("time", "waterfall", "trade-off", "tokens", "where"):
            for suffix in ("png", "svg"):
                file = page.parent / f"{group.slug}-{figure}.{suffix}"
                assert file.stat().st_size > 1000 if figure not in left_out else not file.exists()
    assert "<script" not in page.read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO((page.parent / "rows.csv").read_text(encoding="utf-8"))))
    assert len(rows) == sum(len(each.seconds) * len(each.record.answers_by_round[0]) for each in made)


def test_text_from_outside_is_escaped(write_kind: Callable[[str], Path]) -> None:
    """Scripts and tags in answers and image names are shown as text on the page and in the Markdown."""
    page = write_kind("strange names")
    assert SCRIPT in read_text(page)
    assert NAMED in read_text(page)
    told = (page.parent / "summary.md").read_text(encoding="utf-8")
    assert "<" not in told.replace("\\<", "")
    assert "\\`name\\`" in told
    (row, *_) = [line for line in told.splitlines() if "quoted" in line]
    assert row.count(" | ") == 2, "the bar in the name does not end a cell"


def test_a_name_in_the_markdown_notifies_nobody() -> None:
    """An invisible character after `@` and `#` keeps GitHub from reading names as users and issues."""
    names = ("@octocat.jpg", "bus @octocat/team.jpg", "#12.jpg")
    told = make_markdown(group_benchmarks([read_made("sequential", images=names)]))
    assert not re.search(r"[@#]\w", told.replace("&#8203;", "&ZeroWidthSpace;"))
    assert set(names) <= {line.split(" | ")[0][2:] for line in html.unescape(told).replace("\u200b", "").splitlines()}


FORMULA = '=HYPERLINK("http://example.com";"bus.jpg")'


@pytest.mark.parametrize("begin", ["", "=", "+", "-", "@", "\t=", "\r="])
def test_no_cell_of_the_csv_is_a_formula(begin: str) -> None:
    """Text that a spreadsheet would read as a formula begins with an apostrophe."""
    name = begin + FORMULA
    made = read_made("sequential", rounds=1, images=(name,), errors={name: FORMULA})
    (row,) = (dict(zip(CSV_HEAD, row, strict=True)) for row in list_csv_rows({"sequential": made}))
    assert (row["image"], row["median_round_error"]) == (f"'{name}", f"'{FORMULA}")
    assert (row["strategy"], row["round"]) == ("sequential", 1)


def test_live_and_replayed_runs_are_separate_groups() -> None:
    """Live and replayed runs are separate groups with different names."""
    groups = group_benchmarks(runs()["several models"])
    assert [group.title for group in groups] == [
        "gemini-3.5-flash, made-up, replayed, simulator",
        "gemini-3-pro-preview, made-up",
        "gemini-3.5-flash, made-up, live, gemini",
    ]
    assert len({group.slug for group in groups}) == 3


def describe(*documents: dict[str, Any]) -> str:
    """Return the sentence with the advice for stored benchmarks."""
    (group,) = group_benchmarks(read_all(documents))
    return describe_advice(find_winning_strategies(group.benchmarks), group.benchmarks)


def test_the_advice_is_a_sentence() -> None:
    """The advice names a strategy with its figures; a strategy with missing answers is not advised or compared."""
    sequential, concurrent = (
        make_benchmark("sequential", cost_usd=0.0041),
        make_benchmark("concurrent", cost_usd=0.0041),
    )
    sequential["stats"]["data"], concurrent["stats"]["data"] = [15.0] * 5, [5.0] * 5
    assert describe(sequential, concurrent) == (
        f"{ABOUT}, use concurrent: 5.00 s, $2.05 per 1,000 images, 98 % right (95 % interval 33 to 100 %; simulated)."
    )
    concurrent["extra_info"]["errors"] = {"a.jpg": "blocked"}
    assert "sequential takes 15.00 s" in describe(sequential, concurrent)
    sequential["extra_info"]["errors"] = {"a.jpg": "blocked"}
    assert describe(sequential, concurrent) == NOBODY


def test_an_extrapolated_strategy_is_not_named_the_fastest(tmp_path: Path) -> None:
    """An extrapolated strategy is named as left out on the page and in the Markdown, and never as the fastest."""
    projected = {
        "requests": 16,
        "source": "gemini",
        "recorded_at": "2026-11-23T02:47:24+00:00",
        "interval": [4.0, 6.0],
        "extrapolated": [],
    }
    virtual: dict[str, Any] = {"timing": "virtual", "source": "simulator with recorded latencies", "recorded_at": None}
    sequential = make_benchmark("sequential", **virtual, projected=projected)
    single = make_benchmark("single_prompt", **virtual, projected=projected | {"extrapolated": [2]})
    sequential["stats"]["data"], single["stats"]["data"] = [15.0] * 5, [5.0] * 5
    page = write_page(read_all([sequential, single]), tmp_path, {})
    assert answers_on(page) == ["Only sequential can be advised"]
    assert "The others cannot be compared with it: figures are extrapolated." in read_text(page)
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    for text, name in ((read_text(page), "single_prompt"), (summary, "single\\_prompt")):
        assert f"Not compared with the others, because figures are extrapolated: {name}." in text
    assert describe(single) == (
        "For 2 images on gemini-3.5-flash, the figures of every strategy with all answers are extrapolated."
    )


def test_of_forty_images_the_twenty_worst_are_shown_and_all_are_in_the_csv() -> None:
    """The page shows the 20 images with the largest errors, worst first, with ranges over rounds."""
    (group,) = group_benchmarks(runs()["forty images"])
    table = make_consistency_table(group.benchmarks)
    assert len(table.rows) == 20 + 1
    assert "20 worst of 40 images" in table.caption
    errors = [
        max(abs((record.answers[row[0]] or 0) - record.truth[row[0]]) for record in group.records.values())
        for row in table.rows[:20]
    ]
    assert errors == sorted(errors, reverse=True)
    assert any(" to " in cell for row in table.rows for cell in row)


def test_of_two_runs_of_a_strategy_the_later_one_is_shown(tmp_path: Path) -> None:
    """Of several stored runs of a strategy, the report shows the latest."""
    for day, seconds in (("2026-11-02", 7.0), ("2026-11-01", 99.0)):
        made = make_benchmark("sequential", rounds=1)
        made["stats"]["data"] = [seconds]
        document = {"datetime": f"{day}T00:00:00", "benchmarks": [made]}
        (tmp_path / f"{seconds}.json").write_text(json.dumps(document))
    done = report(tmp_path / "7.0.json", tmp_path / "99.0.json", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "7.00" in (tmp_path / "out" / "summary.md").read_text()
    assert "99.00" not in (tmp_path / "out" / "summary.md").read_text()


def report(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m benchmarks.report`."""
    return run_python(["-m", "benchmarks.report", *arguments])


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
        (json.dumps({"benchmarks": [make_benchmark("a") | {"stats": {}}]}), "has no raw rounds"),
        (json.dumps({"benchmarks": [make_benchmark("a", spans=[[1, 2]])]}), "is damaged (in extra_info: spans)"),
        (json.dumps({"benchmarks": [make_benchmark("a", answers=[])]}), "is damaged (in extra_info: answers)"),
        (
            json.dumps({"benchmarks": [make_benchmark("a", answers_by_round=[])]}),
            "is damaged (in extra_info: answers_by",
        ),
    ],
)
def test_a_stored_run_that_cannot_be_used_is_an_error(tmp_path: Path, content: str | None, sentence: str) -> None:
    """For a stored run that cannot be used, the command prints one sentence and exits with 1, without a traceback."""
    path = tmp_path / "run.json"
    if content is not None:
        path.write_text(content)
    done = report(path, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_to_is_an_error(tmp_path: Path) -> None:
    """A folder that cannot be written to is an error of the command and of `--report`; the run is still stored."""
    (tmp_path / "file").write_text("")
    done = report(ROOT / ".benchmarks" / "0001_baseline.json", "-o", tmp_path / "file" / "out")
    assert done.returncode == 1
    assert "cannot be written to" in done.stderr
    run = run_suite(tmp_path, f"--report={tmp_path / 'file' / 'out'}", "-k", "single_prompt and four")
    assert run.code == pytest.ExitCode.TESTS_FAILED
    assert "cannot be written to" in run.output
    assert "Traceback" not in run.output
    assert run.benchmarks, "the results are stored"


def test_the_summary_is_printed_even_if_the_disk_is_full(tmp_path: Path) -> None:
    """If the disk is full, the summary is still printed, and the run fails with a sentence."""
    run = run_suite(tmp_path, "-k", "pro and concurrent", "--benchmark-json=/dev/full")
    assert run.code == 1
    assert "Traceback" not in run.output
    assert "The run was not stored: No space left on device. Correct this and run again." in run.output
    assert re.search(r"^concurrent +[0-9.]+ ", run.output, re.MULTILINE)


def test_a_run_writes_its_report_and_githubs_summary(tmp_path: Path) -> None:
    """`--report` writes the page of this run, and appends the tables to the summary of a GitHub job."""
    step = tmp_path / "step.md"
    step.write_text("before\n")
    run = run_suite(
        tmp_path, f"--report={tmp_path / 'out'}", "-k", "3.8-flash-four and sequential", GITHUB_STEP_SUMMARY=str(step)
    )
    assert run.code == 0, run.output
    assert f"The report is in {tmp_path / 'out' / 'index.html'}." in run.output
    assert (tmp_path / "out" / "gemini-3-8-flash-four-images.png").is_file()
    told = (tmp_path / "out" / "summary.md").read_text()
    assert step.read_text() == f"before\n{told}"
    assert "of the bundled simulator, not of Gemini" in told


def test_libraries_for_figures_are_imported_only_for_a_report() -> None:
    """A run without `--report` does not import matplotlib or jinja2, which would slow its start."""
    code = "import sys, pytest; pytest.main(['benchmarks', '-q', '-k', 'four and single_prompt']); "
    code += "print('drawn' if {'matplotlib', 'jinja2'} & set(sys.modules) else 'not drawn')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.rstrip().endswith("not drawn")


def test_the_tables_are_the_same_in_markdown(tmp_path: Path) -> None:
    """Every cell of the page's tables is in the Markdown."""
    del tmp_path
    (group,) = group_benchmarks(runs()["ten strategies"])
    told = make_markdown([group])
    for table in (make_final_table(group.benchmarks), make_consistency_table(group.benchmarks)):
        for row in table.rows:
            assert all(cell.replace("_", "\\_") in told for cell in row)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Return a browser that is started once for all tests."""
    with open_browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("kind", ["ten strategies", "forty images", "errors everywhere", "strange names", "long names"])
def test_the_page_is_readable_in_a_browser(
    write_kind: Callable[[str], Path], shown: Page, kind: str, width: int, scheme: str
) -> None:
    """The page makes no requests, has no errors, fits the width, and has no overlapping or low-contrast text."""
    path = write_kind(kind)
    shown.open(path, width=width, scheme=scheme)
    assert [url for url in shown.requests if not url.startswith("data:")] == [path.resolve().as_uri()]
    assert shown.complaints == []
    for opened in ("", OPEN_ALL):
        shown.evaluate(opened)
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.evaluate(OVERLAPPING) == []
        assert shown.evaluate(CONTRAST) == []
    background = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}[scheme]


@needs_browser
def test_the_page_is_accessible(write_kind: Callable[[str], Path], shown: Page) -> None:
    """Headings are in order, figures and tables have names and heads, and tables can be reached by keyboard."""
    shown.open(write_kind("several models"), width=1280, scheme="light")
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
    assert len(ids) == len(set(ids)), "ids are unique"
    assert shown.evaluate("document.documentElement.lang") == "en"


def test_a_run_that_was_compared_shows_its_verdicts(tmp_path: Path) -> None:
    """Verdicts against stored runs are on the page, in the Markdown and in `verdict.json`, with what has grown."""
    grown = Verdict("x::test_strategy[m-i-bounded]", "bounded", Finding.SAME, "5 rounds, paired", grown=("requests 5",))
    slower = Verdict(
        "x::test_strategy[m-i-files]", "files", Finding.SLOWER, "5 rounds, paired", Ratio(1.5, 1.4, 1.6), 0.05
    )
    failed = Verdict("x::test_strategy[m-i-batch]", "batch", Finding.FAILED, "nothing", notes=(SCRIPT,))
    verdicts = {"gemini-3.5-flash, made-up": [grown, slower, failed]}
    page = write_page([read_made("bounded"), read_made("files")], tmp_path, {}, verdicts=verdicts)
    for text in (read_text(page), (tmp_path / "summary.md").read_text(encoding="utf-8")):
        assert "Faster or slower than the stored runs?" in text
        assert "1.50 (1.40 to 1.60)" in text
        assert "grown: requests 5" in text
    assert SCRIPT not in page.read_text(encoding="utf-8")
    assert SCRIPT not in (tmp_path / "summary.md").read_text(encoding="utf-8")
    told = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
    told.pop("winners")
    assert {word: names for word, names in told.items() if names} == {
        "slower": [slower.benchmark],
        "same": [grown.benchmark],
        "failed": [failed.benchmark],
        "grown": [grown.benchmark],
    }


def test_a_run_that_was_not_compared_has_no_verdict(tmp_path: Path) -> None:
    """Without a comparison there is no table of verdicts, and the lists in `verdict.json` are empty."""
    page = write_page([read_made("sequential")], tmp_path, {})
    assert "Faster or slower" not in read_text(page)
    told = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
    told.pop("winners")
    assert not any(told.values())


def test_winners_and_ties_are_the_same_on_the_page_in_markdown_and_in_json(tmp_path: Path) -> None:
    """Ties are named together, and a strategy with missing answers is last and not compared, in all three files."""
    chance = {
        "files": (19.0, 20.0, 19.0, 21.0),
        "bounded": (20.0, 21.5, 20.0, 20.0),
        "sequential": (60.0, 62.0, 61.0, 61.0),
    }
    made = [read_made("threads", rounds=4, errors={"a.jpg": "503", "b.jpg": "503"}, cost_usd=0.0)]
    made += [replace(read_made(name, rounds=4, cost_usd=0.01), seconds=seconds) for name, seconds in chance.items()]
    page = write_page(made, tmp_path, {})
    fastest = "Fastest: files (19.50 s) and bounded (20.00 s), which are tied."
    for text in (read_text(page), (tmp_path / "summary.md").read_text(encoding="utf-8")):
        assert fastest in text
        assert "use files" in text.lower()
        assert "Not compared with the others, because answers are missing: threads." in text
    told = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
    assert told["winners"] == {
        "gemini-3.5-flash, made-up": {
            "advised": ["files", "bounded"],
            "fastest": ["files", "bounded"],
            "cheapest": ["files", "bounded", "sequential"],
            "most_right": [],
            "left_out": ["threads"],
        }
    }
    rows = re.findall(r"^\| (\S+ \(incomplete\)|\S+) \|", (tmp_path / "summary.md").read_text(), re.MULTILINE)
    assert rows[rows.index("---") + 1 :][:4] == ["files", "bounded", "sequential", "threads (incomplete)"]


def test_strategies_of_a_live_session_are_compared_on_the_page(tmp_path: Path) -> None:
    """The page compares the strategies of a live session, and says that rounds of one session are not independent."""
    live = [read_made(name, timing="live", rounds=6) for name in ("sequential", "concurrent")]
    text = read_text(write_page(live, tmp_path, {}))
    assert "Faster or slower against sequential?" in text
    assert "Rounds of one session are not independent" in text
    assert "6 and 6 rounds" in text
