"""Blocks of output in documents are found, their lines are selected, and they are updated."""

from pathlib import Path

import pytest

from benchmarks.release.blocks import Block, find_blocks, is_out_of_date, renew, select_lines
from fixtures.base.errors import RunError

OUTPUT = """start
======= gemini-3.8-flash, four =======
advice 1

table 1
======= gemini-3.8-flash, sixteen =======

advice 2

table
a 1
b 2
a 3
======= 2 passed in 0.10s =======
"""


def write_document(folder: Path, fields: str = "pytest benchmarks", body: str = "old 1\n") -> Path:
    """Write a document with one block of output, text around it, and a block of code."""
    document = folder / "README.md"
    text = f"Before.\n\n<!-- output of: {fields} -->\n```text\n{body}```\n\nAfter.\n\n```python\nx = 1\n```\n"
    document.write_text(text, encoding="utf-8")
    return document


def make_block(group: str = "", first: str = "", lines: int | None = None, only: str = "") -> Block:
    """Return a block with these fields."""
    return Block(Path("README.md"), "pytest benchmarks", "", 0, group=group, first=first, lines=lines, only=only)


def test_a_block_has_a_command_and_fields(tmp_path: Path) -> None:
    """The comment before a block has the command and the fields, one per line."""
    fields = (
        "pytest a\n     group: b, c\n     first: ^d\n     lines: 3\n     only: e|f\n     exit: 1\n     slow: 3 minutes"
    )
    (block,) = find_blocks(write_document(tmp_path, fields))
    assert (block.command, block.group, block.first, block.lines) == ("pytest a", "b, c", "^d", 3)
    assert (block.only, block.exit, block.slow, block.body) == ("e|f", 1, "3 minutes", "old 1\n")


@pytest.mark.parametrize(
    ("field", "said"),
    [("grop: x", "'grop' is not a field"), ("exit: x", "invalid literal"), ("only: (", "unterminated")],
)
def test_an_invalid_comment_is_an_error(field: str, said: str, tmp_path: Path) -> None:
    """An invalid comment raises an error that names the document."""
    with pytest.raises(RunError, match=rf"README\.md: .*{said}"):
        find_blocks(write_document(tmp_path, f"pytest a\n     {field}"))


def test_a_group_has_the_lines_below_its_title() -> None:
    """A group has the lines from its title to the next, without empty lines at both ends."""
    assert select_lines(OUTPUT, make_block("gemini-3.8-flash, sixteen")) == "advice 2\n\ntable\na 1\nb 2\na 3\n"
    assert select_lines(OUTPUT, make_block("gemini-3.8-flash, four")) == "advice 1\n\ntable 1\n"


def test_lines_left_out_between_kept_lines_are_marked() -> None:
    """Three dots stand for lines that are left out between kept lines, but not at the ends."""
    assert select_lines(OUTPUT, make_block("gemini-3.8-flash, sixteen", only="^a ")) == "a 1\n...\na 3\n"


def test_lines_are_counted_from_the_first_match() -> None:
    """`lines` counts from the line that matches `first`."""
    assert select_lines(OUTPUT, make_block(first="^table$", lines=2)) == "table\na 1\n"


def test_a_block_that_keeps_nothing_is_an_error() -> None:
    """A block that selects no line raises an error."""
    with pytest.raises(RunError, match="selects no line"):
        select_lines(OUTPUT, make_block("gemini-9, sixteen"))


@pytest.mark.parametrize(
    ("old", "new", "is_old"),
    [
        ("a  49.49\n-----", "a    49.50\n-------", False),
        ("a 49.49", "a 50.49", True),
        ("a 1,000", "a 1,001", False),
        ("a 1", "a 2", True),
        ("a 1", "b 1", True),
        ("a 1\nb 2", "a 1", True),
    ],
)
def test_different_words_and_numbers_are_out_of_date(old: str, new: str, *, is_old: bool) -> None:
    """Different words and numbers that differ by more than 1 % are out of date; widths of columns are ignored."""
    assert is_out_of_date(old, new) == is_old


def test_numbers_that_vary_are_compared_on_request() -> None:
    """Without `numbers`, only words are compared."""
    assert is_out_of_date("2 s", "3 s")
    assert not is_out_of_date("2 s", "3 s", numbers=False)
    assert is_out_of_date("2 s", "2 minutes", numbers=False)


def test_an_update_changes_only_the_block(tmp_path: Path) -> None:
    """The text around a block is kept, and so is a block whose command is not run."""
    document = write_document(tmp_path)
    before = document.read_text(encoding="utf-8")
    assert renew(document, lambda _: "new 2\n", exact=False) == before.replace("old 1", "new 2")
    assert renew(document, lambda _: None, exact=False) == before
    assert document.read_text(encoding="utf-8") == before, "it is returned, not written"
