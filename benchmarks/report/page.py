"""Writes the report: index.html and its figures, and of a run also summary.md, verdict.json and rows.csv."""

import csv
import html
import json
import os
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from benchmarks.history.groups import Group, find_group_key, group_benchmarks
from benchmarks.history.series import History, build_histories, list_events, summarize_history
from benchmarks.history.sessions import Session
from benchmarks.report import consistency, tables
from benchmarks.report.figures.history import draw_history
from benchmarks.report.figures.images import draw_images
from benchmarks.report.figures.scaling import describe_questions
from benchmarks.report.figures.strategies import draw_strategies
from benchmarks.report.sentences.advice import describe_advice, describe_left_out, describe_models, describe_winners
from benchmarks.verdicts.contest import Winners, find_winning_strategies, place_incomplete_last
from benchmarks.verdicts.seconds.ratios import Finding
from benchmarks.verdicts.verdict import Verdict
from fixtures.base.errors import RunError
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import describe_provenance
from fixtures.text.tables import Table

_ESCAPED = "\\|`*_[]~"
"""The characters that mean something in Markdown."""
_MENTION = re.compile(r"[@#](?=\w)")
"""What begins a name of a person, who is notified, or the number of an issue (GitHub); a space of no width ends it."""


def write_page(
    benchmarks: Sequence[Benchmark],
    folder: Path,
    image_sets: Mapping[str, str],
    history: Sequence[Session] = (),
    verdicts: Mapping[str, Sequence[Verdict]] | None = None,
) -> Path:
    """Write the report of these benchmarks into a folder; return the page's path.

    `image_sets` names the folders of image sets that are not the suite's own. Of `history`, those are shown over time
    that are of the benchmarks' groups, where there are at least two. `verdicts` against the stored runs are by model
    and image set. Raise `RunError` where the folder cannot be written to.
    """
    groups, verdicts = arrange_groups(benchmarks), verdicts or {}
    keys = {find_group_key(group.first) for group in groups}
    histories = [
        each for each in build_histories(history) if find_group_key(each.group.first) in keys and len(each.sessions) > 1
    ]
    with _open_folder(folder):
        page = folder / "index.html"
        sections = [_make_section(group, folder, image_sets, verdicts) for group in groups]
        at_scale = describe_questions(benchmarks, folder)
        over_time = _make_history_sections(histories, folder, "date")
        page.write_text(_render_page(sections, over_time, at_scale), encoding="utf-8")
        about_scale = [part for section in at_scale for part in _format_markdown_section(section)]
        (folder / "summary.md").write_text(make_markdown(groups, verdicts, about_scale), encoding="utf-8")
        (folder / "verdict.json").write_text(_format_findings(verdicts, groups), encoding="utf-8")
        with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(tables.CSV_HEAD)
            for group in groups:
                writer.writerows(tables.list_csv_rows(group.benchmarks))
    return page


def arrange_groups(benchmarks: Sequence[Benchmark]) -> list[Group]:
    """Return the benchmarks in groups as they are shown: strategies that lack an answer stand below the others."""
    return [
        replace(group, benchmarks=place_incomplete_last(group.benchmarks)) for group in group_benchmarks(benchmarks)
    ]


def write_history(histories: Sequence[History], folder: Path, over: str) -> Path:
    """Write a page of histories over `date` or `commit`; return its path or raise `RunError`, as `write_page` does."""
    with _open_folder(folder):
        page = folder / "index.html"
        page.write_text(_render_page([], _make_history_sections(histories, folder, over)), encoding="utf-8")
    return page


@contextmanager
def _open_folder(folder: Path) -> Generator[None, None, None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise RunError(f"--report: {folder} cannot be written to ({error.strerror}); name another folder.") from None


def _format_findings(verdicts: Mapping[str, Sequence[Verdict]], groups: Sequence[Group]) -> str:
    """Return the ids of the benchmarks by what is found about them, and who wins in each group, as JSON for programs.

    Of those that win, the first is the best by its figure, and the others cannot be told apart from it. They are empty
    where nothing is known, or nothing can be told apart.
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


def _make_verdict_tables(group: Group, verdicts: Mapping[str, Sequence[Verdict]]) -> list[Table | None]:
    of_group = verdicts.get(group.first.group, ())
    return [
        tables.make_verdict_table(of_group),
        tables.make_contest_table(group.benchmarks),
        tables.make_answer_table(group.benchmarks),
    ]


def _describe_origin(group: Group) -> str:
    records = [*group.records.values()]
    return " ".join([describe_provenance(records), *describe_models(records)])


def _make_section(
    group: Group, folder: Path, image_sets: Mapping[str, str], verdicts: Mapping[str, Sequence[Verdict]]
) -> dict[str, Any]:
    """Return what the template shows of a group, and draw its figures."""
    images, winners = draw_images(group, folder, image_sets), find_winning_strategies(group.benchmarks)
    found = [
        tables.make_final_table(group.benchmarks),
        tables.make_frontier_table(group.benchmarks),
        *_make_verdict_tables(group, verdicts),
        consistency.make_consistency_table(group.benchmarks),
        tables.make_error_table(group.benchmarks),
        tables.make_provenance_table(group.benchmarks),
    ]
    return {
        "title": group.title,
        "slug": group.slug,
        "answer": describe_advice(winners, group.benchmarks),
        "summary": " ".join([*describe_winners(winners, group.benchmarks), *describe_left_out(winners)]),
        "origin": _describe_origin(group),
        "drawings": [*([images] if images else []), *draw_strategies(group, folder)],
        "tables": [table for table in found if table is not None],
    }


def _make_history_sections(histories: Sequence[History], folder: Path, over: str) -> list[dict[str, Any]]:
    """Return what the template shows of each history, and draw their figures."""
    sections = []
    for history in histories:
        events = list_events(history)
        sections.append(
            {
                "title": f"Over time: {history.group.title}",
                "slug": f"{history.group.slug}-over-time",
                "summary": summarize_history(history),
                "drawings": [draw_history(history, folder, over)] if len(history.sessions) > 1 else [],
                "tables": [events] if events.rows else [],
            }
        )
    return sections


def _render_page(
    groups: Sequence[Mapping[str, Any]],
    over_time: Sequence[Mapping[str, Any]],
    at_scale: Sequence[Mapping[str, Any]] = (),
) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=select_autoescape(default=True), trim_blocks=True
    )
    return environment.get_template("page.html").render(groups=groups, over_time=over_time, at_scale=at_scale)


def make_markdown(
    groups: Sequence[Group], verdicts: Mapping[str, Sequence[Verdict]] | None = None, more: Sequence[str] = ()
) -> str:
    """Return the main tables for a pull request's comment, and `more` parts of it."""
    parts = []
    for group in groups:
        winners = find_winning_strategies(group.benchmarks)
        told = [*describe_winners(winners, group.benchmarks), *describe_left_out(winners)]
        parts += [
            f"### {_escape(group.title)}",
            f"**{_escape(describe_advice(winners, group.benchmarks))}**",
            *([_escape(" ".join(told))] if told else []),
            _escape(_describe_origin(group)),
        ]
        found = [
            *_make_verdict_tables(group, verdicts or {}),
            tables.make_final_table(group.benchmarks),
            tables.make_frontier_table(group.benchmarks),
            consistency.make_consistency_table(group.benchmarks),
        ]
        parts += [_format_markdown_table(table) for table in found if table is not None]
    return "\n\n".join([*parts, *more]) + "\n"


def _format_markdown_section(section: Mapping[str, Any]) -> list[str]:
    formatted = [_format_markdown_table(table) for table in section["tables"]]
    return [f"### {_escape(section['title'])}", _escape(section["summary"]), *formatted]


def _format_markdown_table(table: Table) -> str:
    lines = [table.head, ["---", *["---:"] * (len(table.head) - 1)], *table.rows]
    rows = ["| " + " | ".join(_escape(cell) for cell in line) + " |" for line in lines]
    return f"{_escape(table.caption)}\n\n" + "\n".join(rows)


def _escape(text: str) -> str:
    """Return a text that Markdown shows as it is: neither a tag, nor a cell's end, nor a link, nor a mention."""
    safe = _MENTION.sub(r"\g<0>&#8203;", html.escape(" ".join(text.split()), quote=False))
    for character in _ESCAPED:
        safe = safe.replace(character, f"\\{character}")
    return safe


def add_to_step_summary(folder: Path) -> None:
    """Add the tables to a GitHub job's summary, where there is one; raise `RunError` where that cannot be written."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write((folder / "summary.md").read_text(encoding="utf-8"))
        except OSError as error:
            raise RunError(f"GITHUB_STEP_SUMMARY: {path} cannot be written to ({error.strerror}).") from None
