"""Finding the commands in documents: in indented blocks, in code within text, and above output."""

import re
from collections.abc import Iterator

_FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
_OUTPUT = re.compile(r"^<!-- output of: (.*?)(?: -->)?$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")
_PROGRAM = re.compile(r"(?:[A-Z_]+=\S+ )*(?:[\w./-]+/)?(?:pytest|tox|python3?|pip|uvx|git|\.ci/run)(?: |$)")
"""The beginning of code within text that is a command of one of the programs used in the documents."""


def find_commands(text: str) -> list[str]:
    """Return the commands of a document, sorted and without duplicates; comments in indented blocks are left out."""
    prose = _COMMENT.sub("", _FENCE.sub("", text))
    spans = (" ".join(span.split()) for span in _SPAN.findall(prose))
    found = {*_OUTPUT.findall(text), *_list_indented(prose), *filter(_PROGRAM.match, spans)}
    return sorted(found)


def _list_indented(prose: str) -> Iterator[str]:
    """Yield the lines of indented blocks: four spaces, below an empty line or another such line."""
    is_block = False
    before = ""
    for line in prose.splitlines():
        is_block = line.startswith("    ") and (is_block or not before.strip())
        if is_block and not line.strip().startswith("#"):
            yield line.strip()
        before = line
