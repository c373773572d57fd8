"""Every relative link in the documents has a target: a file, and a heading in it."""

import re
from pathlib import Path

import pytest

from benchmarks.release.__main__ import list_documents
from tests.helpers.forks import ROOT

DOCUMENTS = list_documents()
LONGEST = 120
"""The maximum number of lines of the main README."""


def remove_code(text: str) -> str:
    """Return a document without its blocks of code, which may contain text like links and headings."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def list_anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", remove_code(path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_has_a_target(document: Path) -> None:
    """Relative links to files, headings and pictures are checked; others would need a network."""
    text = remove_code(document.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        path = (document.parent / place).resolve() if place else document
        assert path.exists(), target
        assert path.is_relative_to(ROOT), target
        assert not anchor or anchor in list_anchors(path), target


def test_the_readme_is_short_and_links_to_all_others() -> None:
    """The main README links to the README of every room."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    rooms = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS if path.name == "README.md"]
    assert len(rooms) > 1
    assert [room for room in rooms if room != "README.md" and f"]({room})" not in text] == []
