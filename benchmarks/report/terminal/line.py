"""Lines of the terminal: their text, their style, and the wrapping of sentences."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from fixtures.text.tables import format_table


@dataclass(frozen=True)
class Line:
    """A line of output, or a sentence that is wrapped to several lines."""

    text: str
    is_sentence: bool = False
    """Whether it is wrapped to the width of the terminal; a table's rows are not."""
    style: Mapping[str, bool] = field(default_factory=dict)
    """The markup of pytest's terminal writer, such as `{"red": True}`."""
    styled: int = 0
    """The number of characters at the end that have the style; 0 means all."""


def make_sentences(texts: Iterable[str], **style: bool) -> list[Line]:
    """Return each of these sentences as a line that is wrapped."""
    return [Line(text, is_sentence=True, style=style) for text in texts]


def make_table(rows: Sequence[Sequence[str]]) -> list[Line]:
    """Return the lines of a table whose first row is its head; they are not wrapped."""
    return [Line(row) for row in format_table(rows)]


def wrap_lines(lines: Iterable[Line], width: int) -> list[Line]:
    """Return the lines with sentences wrapped to a width in characters."""
    wrapped = []
    for line in lines:
        parts = [line.text]
        if line.is_sentence:
            parts = textwrap.wrap(line.text, width, break_long_words=False, break_on_hyphens=False)
        wrapped += [Line(part, line.is_sentence, line.style, line.styled) for part in parts or [""]]
    return wrapped


def write_lines(reporter: pytest.TerminalReporter, lines: Iterable[Line]) -> None:
    """Write lines to the terminal, with their style if it supports colours."""
    for line in lines:
        plain = len(line.text) - line.styled if line.styled else 0
        reporter.write(line.text[:plain])
        reporter.write_line(line.text[plain:], **line.style)
