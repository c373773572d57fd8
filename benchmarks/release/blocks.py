"""Blocks of output in documents: each has a comment before it that says which command prints it and what is kept.

    <!-- output of: pytest benchmarks --strict-cassettes
         group: gemini-3.8-flash, sixteen
         only: ^(strategy|sequential) -->
    ```text
    ...
    ```

`group` keeps the lines below the title of that name. `first` keeps those from the first one on in which a regular
expression is found, and `lines` so many of them; `only` keeps lines in which one is found. `exit` is the exit code of
the command where it is not 0. `slow` says how long a command takes that is run with `--slow` alone. `varies` says which
numbers differ from run to run: without `--slow`, such a block is out of date where its words are.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

from fixtures.base.errors import RunError

_BLOCK = re.compile(r"^<!-- output of: (?P<fields>.*?) -->\n```text\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"=+ (?P<name>.+?) =+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
FIELDS = ("group", "first", "lines", "only", "exit", "slow", "varies")
NOTICEABLE = 0.01
"""The relative difference from which on a number in a block is out of date: a replay's own work varies by less."""


@dataclass(frozen=True)
class Block:
    """A block of output in a document."""

    document: Path
    command: str
    body: str
    """The lines that stand there now."""
    start: int
    """Where the body begins, in characters from the start of the document."""
    group: str = ""
    """The title of the section of the output that is kept; empty: all of it."""
    first: str = ""
    """A regular expression of the first line that is kept; empty: the first of all."""
    lines: int | None = None
    """How many lines are looked at from there; None: all."""
    only: str = ""
    """A regular expression of the lines that are kept; empty: all of them."""
    exit: int = 0
    slow: str = ""
    """How long the command takes, where that is more than a minute."""
    varies: str = ""
    """Which numbers of the output differ from run to run."""


def find_blocks(document: Path) -> list[Block]:
    """Return the blocks of a document, in their order; raise `RunError` where a comment cannot be read."""
    text = document.read_text(encoding="utf-8")
    return [_read_block(document, found) for found in _BLOCK.finditer(text)]


def _read_block(document: Path, found: re.Match[str]) -> Block:
    command, *lines = (line.strip() for line in found["fields"].splitlines())
    fields = dict(line.partition(": ")[::2] for line in lines)
    unknown = [name for name in fields if name not in FIELDS]
    if unknown:
        raise RunError(
            f"{document.name}: {unknown[0]!r} is not a field of an output block; the fields are {', '.join(FIELDS)}."
        )
    try:
        code, lines_kept = int(fields.pop("exit", "0")), int(fields.pop("lines", "0")) or None
        for name in ("first", "only"):
            re.compile(fields.get(name, ""))
    except (ValueError, re.error) as error:
        raise RunError(f"{document.name}: the block of `{command}` cannot be read: {error}.") from None
    return Block(document, command, found["body"], found.start("body"), exit=code, lines=lines_kept, **fields)


def select_lines(output: str, block: Block) -> str:
    """Return the lines of a command's output that the block keeps; raise `RunError` where it keeps none.

    Empty lines around them are left out, and three dots stand for what is left out between them.
    """
    lines = [line.rstrip() for line in output.splitlines()]
    if block.group:
        lines = list(_cut_section(lines, block.group))
    lines = list(dropwhile(lambda line: not re.search(block.first, line), lines))[: block.lines]
    shown: list[str] = []
    between = ""  # what stands for the lines since the last one that is kept, each with the line's end
    for line in lines:
        if not line:
            between = between or "\n"
        elif not re.search(block.only, line):
            between = "...\n"
        else:
            shown.append(f"{between if shown else ''}{line}\n")
            between = ""
    if not shown:
        raise RunError(f"{block.document.name}: the block of `{block.command}` selects no line of its output.")
    return "".join(shown)


def _cut_section(lines: list[str], name: str) -> Iterator[str]:
    is_inside = False
    for line in lines:
        title = _TITLE.fullmatch(line)
        if title:
            is_inside = title["name"] == name
        elif is_inside:
            yield line


def is_out_of_date(old: str, new: str, *, numbers: bool = True) -> bool:
    """Tell whether two texts differ in their words or, unless those do not count, in a number by more than 1 %.

    Widths of columns do not count.
    """
    if _write_words(old) != _write_words(new):
        return True
    if not numbers:
        return False
    pairs = zip(_list_numbers(old), _list_numbers(new), strict=True)
    return any(abs(before - after) > NOTICEABLE * max(before, after) for before, after in pairs)


def _write_words(text: str) -> list[str]:
    return re.sub(r"-{3,}", "---", _NUMBER.sub("0", text.replace(",", ""))).split()


def _list_numbers(text: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text.replace(",", ""))]


def renew(document: Path, run: Callable[[Block], str | None], *, exact: bool) -> str:
    """Return a document with those blocks renewed that are out of date.

    `run` returns what a block's command prints, or None where the block stays as it is. With `exact`, numbers that
    differ from run to run count too.
    """
    text = document.read_text(encoding="utf-8")
    for block in reversed(find_blocks(document)):
        output = run(block)
        new = block.body if output is None else select_lines(output, block)
        if is_out_of_date(block.body, new, numbers=exact or not block.varies):
            text = text[: block.start] + new + text[block.start + len(block.body) :]
    return text
