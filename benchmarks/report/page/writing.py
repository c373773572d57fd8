"""Writes the report: index.html and its figures; for a run also summary.md, verdict.json and rows.csv."""

import csv
import json
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from benchmarks.history.groups import Group, find_group_key, group_benchmarks
from benchmarks.history.series import History, build_histories
from benchmarks.history.sessions import Session
from benchmarks.report.page.markdown import make_markdown
from benchmarks.report.page.rows import CSV_HEAD, list_csv_rows
from benchmarks.report.page.sections import Section, make_group_section, make_history_sections, make_scale_sections
from benchmarks.verdicts.contest import Winners, find_winning_strategies, place_incomplete_last
from benchmarks.verdicts.seconds.ratios import Finding
from benchmarks.verdicts.verdict import Verdict
from fixtures.base.errors import RunError
from fixtures.run.record.benchmark import Benchmark


def write_page(
    benchmarks: Sequence[Benchmark],
    folder: Path,
    image_sets: Mapping[str, str],
    history: Sequence[Session] = (),
    verdicts: Mapping[str, Sequence[Verdict]] | None = None,
) -> Path:
    """Write the report of these benchmarks into a folder; return the path of the page.

    `image_sets` has the folders of the image sets that are not bundled, by name. The sessions of `history` are shown
    over time for the groups of these benchmarks that have at least two. `verdicts` has the verdicts against the stored
    runs by group. Raise `RunError` if the folder cannot be written to.
    """
    groups, verdicts = arrange_groups(benchmarks), verdicts or {}
    keys = {find_group_key(group.first) for group in groups}
    histories = [
        each for each in build_histories(history) if find_group_key(each.group.first) in keys and len(each.sessions) > 1
    ]
    with _open_folder(folder):
        page = folder / "index.html"
        sections = [make_group_section(group, folder, image_sets, verdicts) for group in groups]
        at_scale = make_scale_sections(benchmarks, folder)
        over_time = make_history_sections(histories, folder, "date")
        page.write_text(_render_page(sections, over_time, at_scale), encoding="utf-8")
        (folder / "summary.md").write_text(make_markdown(groups, verdicts, at_scale), encoding="utf-8")
        (folder / "verdict.json").write_text(_format_findings(verdicts, groups), encoding="utf-8")
        with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(CSV_HEAD)
            for group in groups:
                writer.writerows(list_csv_rows(group.benchmarks))
    return page


def arrange_groups(benchmarks: Sequence[Benchmark]) -> list[Group]:
    """Return the benchmarks in groups, with the strategies that have missing answers last in each."""
    return [
        replace(group, benchmarks=place_incomplete_last(group.benchmarks)) for group in group_benchmarks(benchmarks)
    ]


def write_history(histories: Sequence[History], folder: Path, over: str) -> Path:
    """Write a page of histories over `date` or `commit`; return its path, or raise `RunError` as `write_page` does."""
    with _open_folder(folder):
        page = folder / "index.html"
        page.write_text(_render_page([], make_history_sections(histories, folder, over)), encoding="utf-8")
    return page


@contextmanager
def _open_folder(folder: Path) -> Generator[None, None, None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise RunError(f"--report: {folder} cannot be written to ({error.strerror}); name another folder.") from None


def _format_findings(verdicts: Mapping[str, Sequence[Verdict]], groups: Sequence[Group]) -> str:
    """Return the ids of the benchmarks by verdict, and the winners of each group, as JSON.

    In a list of winners the first has the best figure, and the others are tied with it. A list is empty if no figure is
    known, or if there are too few rounds or images to show any difference.
    """
    every = [verdict for found in verdicts.values() for verdict in found]
    findings = {finding.value: [each.benchmark for each in every if each.finding is finding] for finding in Finding}
    grown = [each.benchmark for each in every if each.grown]
    won = {group.title: _list_winners(find_winning_strategies(group.benchmarks)) for group in groups}
    return json.dumps(findings | {"grown": grown, "winners": won}, indent=1) + "\n"


def _list_winners(winners: Winners) -> dict[str, list[str]]:
    found = {"fastest": winners.fastest, "cheapest": winners.cheapest, "most_right": winners.most_right}
    left_out = [each.name for each in (*winners.incomplete, *winners.extrapolated)]
    told = {name: [] if best.lack else best.names for name, best in found.items()}
    return {"advised": winners.advised.names, **told, "left_out": left_out}


def _render_page(groups: Sequence[Section], over_time: Sequence[Section], at_scale: Sequence[Section] = ()) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(groups=groups, over_time=over_time, at_scale=at_scale)


def add_to_step_summary(folder: Path) -> None:
    """Append the tables to the summary of a GitHub job, if there is one; raise `RunError` if it cannot be written."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write((folder / "summary.md").read_text(encoding="utf-8"))
        except OSError as error:
            raise RunError(f"GITHUB_STEP_SUMMARY: {path} cannot be written to ({error.strerror}).") from None
