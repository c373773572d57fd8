"""Blocks of output in documents: the comment before each block has its command and selects the lines to keep.

    <!-- output of: pytest benchmarks --strict-cassettes
         group: gemini-3.8-flash, sixteen
         only: ^(strategy|sequential) -->
    ```text
    ...
    ```

`group` keeps the lines below the title with that name. `first` is a regular expression: lines are kept from the first
match on. `lines` is the number of lines from there. `only` is a regular expression that kept lines match.
`exit` is the exit code of the command, if it is not 0. `slow` says how long a command takes that is run only with
`--slow`. `varies` names the numbers that differ from run to run; without `--slow`, they are not compared.
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
"""The relative difference above which a number in a block is out of date; replays differ by less."""


@dataclass(frozen=True)
class Block:
    """A block of output in a document."""

    document: Path
    command: str
    body: str
    """The current lines of the block."""
    start: int
    """The position of the body in the document, in characters."""
    group: str = ""
    """The title of the section of the output to keep; if empty, all of the output."""
    first: str = ""
    """A regular expression for the first line to keep; if empty, it is the first line of the section."""
    lines: int | None = None
    """The number of lines from there, before `only` is applied; None means all."""
    only: str = ""
    """A regular expression for the lines to keep; if empty, all are kept."""
    exit: int = 0
    """The expected exit code of the command."""
    slow: str = ""
    """The duration of the command in words, if it is more than a minute; else empty."""
    varies: str = ""
    """The numbers of the output that differ from run to run, in words; empty if none do."""


def find_blocks(document: Path) -> list[Block]:
    """Return the blocks of a document, in their order; raise `RunError` if a comment is invalid."""
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
    """Return the lines of a command's output that the block keeps; raise `RunError` if it keeps none.

    Empty lines at both ends are left out; three dots stand for lines that are left out between kept ones.
    """
    lines = [line.rstrip() for line in output.splitlines()]
    if block.group:
        lines = list(_cut_section(lines, block.group))
    lines = list(dropwhile(lambda line: not re.search(block.first, line), lines))[: block.lines]
    shown: list[str] = []
    between = ""  # stands for the lines since the last kept one: an empty line or three dots
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
    """Return whether two texts differ in a word or, with `numbers`, in a number by more than 1 %.

    Widths of columns are ignored.
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
    """Return the text of a document in which the blocks that are out of date have their new output.

    `run` returns the output of a block's command, or None if the block stays as it is. With `exact`, numbers that
    differ from run to run are compared too.
    """
    text = document.read_text(encoding="utf-8")
    for block in reversed(find_blocks(document)):
        output = run(block)
        new = block.body if output is None else select_lines(output, block)
        if is_out_of_date(block.body, new, numbers=exact or not block.varies):
            text = text[: block.start] + new + text[block.start + len(block.body) :]
    return text
