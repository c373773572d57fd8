"""A text is taken as it is, and is right as far as it is alike, case and white space left aside."""

import pytest

from fixtures.exchange.answer import Answer, Reason
from fixtures.tasks.kinds.text import Text
from fixtures.tasks.responses import read, read_all
from tests.helpers.responses import said


@pytest.mark.parametrize(
    ("said_text", "text"),
    [
        ("Blue Door Books", "Blue Door Books"),
        (" Blue\n Door \n", "Blue\n Door"),
        ('"Blue"', '"Blue"'),
        ("**Blue**.", "**Blue**."),
        ("12.50", "12.50"),
        ("[1]", "[1]"),
        ('{"a": 1}', '{"a": 1}'),
        ("```\nBlue\n```", "```\nBlue\n```"),
    ],
)
def test_a_text_about_one_image_is_taken_as_it_is(said_text: str, text: str) -> None:
    """Without white space around it; marks may be written in the image."""
    assert read(Text(), "a.jpg", [said(said_text)]) == Answer("a.jpg", text, text=said_text)


@pytest.mark.parametrize("text", ["", " \n"])
def test_no_text_is_no_answer(text: str) -> None:
    """Nor is white space."""
    assert read(Text(), "a.jpg", [said(text)]) == Answer("a.jpg", None, Reason.UNREADABLE, "no text", text)


@pytest.mark.parametrize(
    ("entry", "detail"),
    [
        ("12", "not a text: '12'"),
        ("null", "not a text: None"),
        ("true", "not a text: True"),
        ('["a"]', "not a text: ['a']"),
        ('{"a": "b"}', "not a text: {'a': 'b'}"),
        ('""', "no text"),
        ('" "', "no text"),
        ('"a\\ud800"', "not a text: 'a\\ud800'"),
    ],
)
def test_a_list_has_strings_and_another_entry_costs_only_its_image(entry: str, detail: str) -> None:
    """Half a character, which JSON can spell, could be stored in no file."""
    text = f'["first", {entry}, " third "]'
    assert read_all(Text(), ["a", "b", "c"], said(text)) == [
        Answer("a", "first", text=text),
        Answer("b", None, Reason.UNREADABLE, detail, text),
        Answer("c", "third", text=text),
    ]


@pytest.mark.parametrize(
    ("answer", "truth", "right"),
    [
        ("Blue Door", "Blue Door", 1.0),
        ("BLUE  door", "blue\nDoor", 1.0),
        ("Stra\u00dfe", "STRASSE", 1.0),
        ("kitten", "sitting", 1 - 3 / 7),  # Levenshtein's own: two letters replaced and one added, of seven
        ("abc", "xyz", 0.0),
        ("Caf\u00e9", "Cafe", 0.75),
        ("Caf\u00e9", "Cafe\u0301", 1.0),
        ("a", "abcdefghij", 0.1),
    ],
)
def test_a_text_is_right_as_far_as_it_is_alike(answer: str, truth: str, right: float) -> None:
    """1 less the letters to be added, removed and replaced, as a share of the longer text."""
    assert Text().score(answer, truth) == pytest.approx(right)
    assert Text().score(truth, answer) == pytest.approx(right)
    assert Text().compare(answer, truth) == pytest.approx(right)
    assert Text().measure_error(answer, truth) is None


def test_a_share_is_called_alike() -> None:
    """For nothing is wholly wrong."""
    assert Text().format_right(0.964) == "96 % alike"


def test_a_long_text_is_shown_on_one_line_and_printable() -> None:
    """Cut off with three dots; a terminal obeys none of it."""
    assert Text().format_answer("a\nb \x1b[31m") == "a b \\x1b[31m"
    assert Text().format_answer("ab" * 100) == "ab" * 38 + "a..."


@pytest.mark.parametrize("truth", ["", " ", 3, None, True])
def test_a_truth_that_is_no_text_is_refused(truth: object) -> None:
    """A number in an image is written as a text."""
    with pytest.raises(ValueError, match=r"^a text in quotation marks$"):
        Text().check_truth(truth)
