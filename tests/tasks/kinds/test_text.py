"""A text is read unchanged, and is scored by its similarity to the truth without case and white space."""

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
    """White space around it is stripped; marks are kept, because they may be in the image."""
    assert read(Text(), "a.jpg", [said(said_text)]) == Answer("a.jpg", text, text=said_text)


@pytest.mark.parametrize("text", ["", " \n"])
def test_no_text_is_no_answer(text: str) -> None:
    """An empty text, or white space alone, is no answer."""
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
    """An entry that is no string, or has a lone surrogate, leaves only its own image without an answer."""
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
        ("kitten", "sitting", 1 - 3 / 7),  # the usual example: two letters replaced and one added, of seven
        ("abc", "xyz", 0.0),
        ("Caf\u00e9", "Cafe", 0.75),
        ("Caf\u00e9", "Cafe\u0301", 1.0),
        ("a", "abcdefghij", 0.1),
    ],
)
def test_a_text_is_right_as_far_as_it_is_alike(answer: str, truth: str, right: float) -> None:
    """The score is 1 minus the edit distance as a share of the longer text."""
    assert Text().score(answer, truth) == pytest.approx(right)
    assert Text().score(truth, answer) == pytest.approx(right)
    assert Text().compare(answer, truth) == pytest.approx(right)
    assert Text().measure_error(answer, truth) is None


def test_a_share_is_called_alike() -> None:
    """The share is shown as "alike", because a text can be partly right."""
    assert Text().format_right(0.964) == "96 % alike"


def test_a_long_text_is_shown_on_one_line_and_printable() -> None:
    """Control characters are escaped, and the text is cut with three dots."""
    assert Text().format_answer("a\nb \x1b[31m") == "a b \\x1b[31m"
    assert Text().format_answer("ab" * 100) == "ab" * 38 + "a..."


@pytest.mark.parametrize("truth", ["", " ", 3, None, True])
def test_a_truth_that_is_no_text_is_refused(truth: object) -> None:
    """A truth must be a string with other characters than white space; a number in an image is written as one."""
    with pytest.raises(ValueError, match=r"^a text in quotation marks$"):
        Text().check_truth(truth)
