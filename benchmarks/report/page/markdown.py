"""The main tables of a report as Markdown, for a pull request's comment or a job's summary."""

import html
import re
from collections.abc import Mapping, Sequence

from benchmarks.history.groups import Group
from benchmarks.report import consistency, tables
from benchmarks.report.page.sections import Section, describe_group_origin, make_verdict_tables
from benchmarks.report.sentences.advice import describe_advice, describe_left_out, describe_winners, explain_choice
from benchmarks.verdicts.contest import find_winning_strategies
from benchmarks.verdicts.verdict import Verdict
from fixtures.text.tables import Table

_ESCAPED = "\\|`*_[]~"
"""The characters with a meaning in Markdown."""
_MENTION = re.compile(r"[@#](?=\w)")
"""The start of a mention of a user, or of an issue's number, on GitHub; a zero-width space after it prevents both."""


def make_markdown(
    groups: Sequence[Group], verdicts: Mapping[str, Sequence[Verdict]] | None = None, at_scale: Sequence[Section] = ()
) -> str:
    """Return the main tables of these groups and of the questions about scale as Markdown."""
    parts = []
    for group in groups:
        winners = find_winning_strategies(group.benchmarks)
        told = [*describe_winners(winners, group.benchmarks), *explain_choice(winners), *describe_left_out(winners)]
        parts += [
            f"### {_escape(group.title)}",
            f"**{_escape(describe_advice(winners, group.benchmarks))}**",
            *([_escape(" ".join(told))] if told else []),
            _escape(describe_group_origin(group)),
        ]
        found = [
            *make_verdict_tables(group, verdicts or {}),
            tables.make_final_table(group.benchmarks, winners),
            tables.make_frontier_table(group.benchmarks),
            tables.make_request_table(group.benchmarks),
            consistency.make_consistency_table(group.benchmarks),
        ]
        parts += [_format_table(table) for table in found if table is not None]
    for section in at_scale:
        parts += [f"### {_escape(section.title)}", _escape(section.summary), *map(_format_table, section.tables)]
    return "\n\n".join(parts) + "\n"


def _format_table(table: Table) -> str:
    lines = [table.head, ["---", *["---:"] * (len(table.head) - 1)], *table.rows]
    rows = ["| " + " | ".join(_escape(cell) for cell in line) + " |" for line in lines]
    return f"{_escape(table.caption)}\n\n" + "\n".join(rows)


def _escape(text: str) -> str:
    """Return a text with tags, ends of cells, links and mentions escaped, so that Markdown shows it as it is."""
    safe = _MENTION.sub(r"\g<0>&#8203;", html.escape(" ".join(text.split()), quote=False))
    for character in _ESCAPED:
        safe = safe.replace(character, f"\\{character}")
    return safe
