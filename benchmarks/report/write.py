"""Writes the report: index.html, its figures, summary.md and rows.csv."""

import csv
import html
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from benchmarks.report import figures, pictures, tables
from benchmarks.report.runs import Group, grouped
from benchmarks.report.tables import Table
from fixtures.errors import RunError


def write(benchmarks: Sequence[Mapping[str, Any]], folder: Path, image_sets: dict[str, str]) -> Path:
    """Write the report of these benchmarks into a folder; return the page's path.

    `image_sets` tells the folders of image sets that are not the suite's own. Raise `RunError` where the folder
    cannot be written to.
    """
    groups = grouped(benchmarks)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page = folder / "index.html"
        page.write_text(_page([_described(group, folder, image_sets) for group in groups]), encoding="utf-8")
        (folder / "summary.md").write_text(markdown(groups), encoding="utf-8")
        with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(tables.CSV_HEAD)
            for group in groups:
                writer.writerows(tables.csv_rows(group))
    except OSError as error:
        raise RunError(f"--report: {folder} cannot be written to ({error.strerror}); name another folder.") from None
    return page


def _described(group: Group, folder: Path, image_sets: dict[str, str]) -> dict[str, Any]:
    shown = pictures.draw(group, folder, image_sets)
    found = [tables.final(group), tables.consistency(group), tables.errors(group), tables.sources(group)]
    return {
        "title": group.title,
        "slug": group.slug,
        "answer": tables.answer(group),
        "origin": tables.origin(group),
        "drawings": [*([shown] if shown else []), *figures.draw(group, folder)],
        "tables": [table for table in found if table is not None],
    }


def _page(groups: Sequence[Mapping[str, Any]]) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=select_autoescape(default=True), trim_blocks=True
    )
    return environment.get_template("page.html").render(groups=groups)


def markdown(groups: Sequence[Group]) -> str:
    """Return the two main tables for a pull request's comment."""
    parts = []
    for group in groups:
        parts += [
            f"### {_escaped(group.title)}",
            f"**{_escaped(tables.answer(group))}**",
            _escaped(tables.origin(group)),
        ]
        parts += [_markdown_table(table) for table in (tables.final(group), tables.consistency(group))]
    return "\n\n".join(parts) + "\n"


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
