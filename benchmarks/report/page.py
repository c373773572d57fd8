"""Writes the report: index.html and its figures, and of a run also summary.md and rows.csv."""

import csv
import html
import json
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from benchmarks.history import series
from benchmarks.history.groups import Group, grouped, key
from benchmarks.history.series import History
from benchmarks.history.sessions import Session
from benchmarks.report import tables
from benchmarks.report.figures import images as pictures
from benchmarks.report.figures import scaling
from benchmarks.report.figures import strategies as figures
from benchmarks.report.figures.history import draw_history
from benchmarks.report.tables import Table
from benchmarks.verdicts.ratios import Word
from benchmarks.verdicts.verdict import Verdict
from fixtures.base.errors import RunError


def write(
    benchmarks: Sequence[Mapping[str, Any]],
    folder: Path,
    image_sets: dict[str, str],
    history: Sequence[Session] = (),
    verdicts: Mapping[str, Sequence[Verdict]] | None = None,
) -> Path:
    """Write the report of these benchmarks into a folder; return the page's path.

    `image_sets` tells the folders of image sets that are not the suite's own. Of `history`, those are shown over time
    that are of the benchmarks' groups, where there are at least two. `verdicts` against the stored runs stand by model
    and image set. Raise `RunError` where the folder cannot be written to.
    """
    groups, verdicts = grouped(benchmarks), verdicts or {}
    kinds = {key(group.first) for group in groups}
    over_time = [
        each for each in series.histories(history) if key(each.group.first) in kinds and len(each.sessions) > 1
    ]
    with _writing_to(folder):
        page = folder / "index.html"
        described = [_described(group, folder, image_sets, verdicts) for group in groups]
        at_scale = scaling.described(benchmarks, folder)
        page.write_text(_page(described, _described_over_time(over_time, folder, "date"), at_scale), encoding="utf-8")
        about_scale = [part for section in at_scale for part in _markdown_section(section)]
        (folder / "summary.md").write_text(markdown(groups, verdicts, about_scale), encoding="utf-8")
        (folder / "verdict.json").write_text(_by_word(verdicts), encoding="utf-8")
        with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(tables.CSV_HEAD)
            for group in groups:
                writer.writerows(tables.csv_rows(group))
    return page


def write_history(histories: Sequence[History], folder: Path, over: str) -> Path:
    """Write a page of histories over `date` or `commit`; return its path or raise `RunError`, as `write` does."""
    with _writing_to(folder):
        page = folder / "index.html"
        page.write_text(_page([], _described_over_time(histories, folder, over)), encoding="utf-8")
    return page


@contextmanager
def _writing_to(folder: Path) -> Generator[None, None, None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise RunError(f"--report: {folder} cannot be written to ({error.strerror}); name another folder.") from None


def _by_word(verdicts: Mapping[str, Sequence[Verdict]]) -> str:
    """Return the benchmarks by what is said of them, for programs."""
    every = [verdict for found in verdicts.values() for verdict in found]
    words = {str(word): [each.benchmark for each in every if each.word is word] for word in Word}
    return json.dumps(words | {"grown": [each.benchmark for each in every if each.grown]}, indent=1) + "\n"


def _verdicts(group: Group, verdicts: Mapping[str, Sequence[Verdict]]) -> list[Table | None]:
    of_group = verdicts.get(f"{group.first['model']}, {group.first['image_set']}", ())
    return [tables.against_stored(of_group), tables.against_each_other(group)]


def _described(
    group: Group, folder: Path, image_sets: dict[str, str], verdicts: Mapping[str, Sequence[Verdict]]
) -> dict[str, Any]:
    shown = pictures.draw(group, folder, image_sets)
    found = [tables.final(group), *_verdicts(group, verdicts), tables.consistency(group), tables.errors(group)]
    found.append(tables.sources(group))
    return {
        "title": group.title,
        "slug": group.slug,
        "answer": tables.answer(group),
        "origin": tables.origin(group),
        "drawings": [*([shown] if shown else []), *figures.draw(group, folder)],
        "tables": [table for table in found if table is not None],
    }


def _described_over_time(histories: Sequence[History], folder: Path, over: str) -> list[dict[str, Any]]:
    described = []
    for each in histories:
        found = series.events(each)
        described.append(
            {
                "title": f"Over time: {each.group.title}",
                "slug": f"{each.group.slug}-over-time",
                "summary": series.summary(each),
                "drawings": [draw_history(each, folder, over)] if len(each.sessions) > 1 else [],
                "tables": [found] if found.rows else [],
            }
        )
    return described


def _page(
    groups: Sequence[Mapping[str, Any]],
    over_time: Sequence[Mapping[str, Any]],
    at_scale: Sequence[Mapping[str, Any]] = (),
) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=select_autoescape(default=True), trim_blocks=True
    )
    return environment.get_template("page.html").render(groups=groups, over_time=over_time, at_scale=at_scale)


def markdown(
    groups: Sequence[Group], verdicts: Mapping[str, Sequence[Verdict]] | None = None, more: Sequence[str] = ()
) -> str:
    """Return the main tables for a pull request's comment, and `more` parts of it."""
    parts = []
    for group in groups:
        parts += [
            f"### {_escaped(group.title)}",
            f"**{_escaped(tables.answer(group))}**",
            _escaped(tables.origin(group)),
        ]
        found = [*_verdicts(group, verdicts or {}), tables.final(group), tables.consistency(group)]
        parts += [_markdown_table(table) for table in found if table is not None]
    return "\n\n".join([*parts, *more]) + "\n"


def _markdown_section(section: Mapping[str, Any]) -> list[str]:
    tables_of_it = [_markdown_table(table) for table in section["tables"]]
    return [f"### {_escaped(section['title'])}", _escaped(section["summary"]), *tables_of_it]


def _markdown_table(table: Table) -> str:
    lines = [table.head, ["---", *["---:"] * (len(table.head) - 1)], *table.rows]
    rows = ["| " + " | ".join(_escaped(cell) for cell in line) + " |" for line in lines]
    return f"{_escaped(table.caption)}\n\n" + "\n".join(rows)


def _escaped(text: str) -> str:
    """Return a text that Markdown shows as it is: neither a tag, nor a cell's end, nor a link."""
    safe = html.escape(" ".join(text.split()), quote=False)
    for character in "\\|`*_[]~":
        safe = safe.replace(character, f"\\{character}")
    return safe


def to_step_summary(folder: Path) -> None:
    """Add the tables to a GitHub job's summary, where there is one; raise `RunError` where that cannot be written."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write((folder / "summary.md").read_text(encoding="utf-8"))
        except OSError as error:
            raise RunError(f"GITHUB_STEP_SUMMARY: {path} cannot be written to ({error.strerror}).") from None
