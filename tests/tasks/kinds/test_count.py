"""A count is read from a text with plainly one number, and is scored by its error as a share of the truth."""

import json

import pytest

from fixtures.exchange.answer import Answer, Reason
from fixtures.tasks.kinds.count import MOST, Count
from fixtures.tasks.responses import TEXT_KEPT, read, read_all
from tests.helpers.responses import said

NAMES = ["a.jpg", "b.jpg", "c.jpg"]
PEOPLE = Count("people")
HUGE = "1" + "0" * 400


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("35", 35, id="bare"),
        pytest.param("0", 0, id="zero"),
        pytest.param(" 35\n", 35, id="white-space"),
        pytest.param("**35**", 35, id="bold"),
        pytest.param("35.", 35, id="full-stop"),
        pytest.param("**35**.", 35, id="bold-and-full-stop"),
        pytest.param("about 35 people", 35, id="about"),
        pytest.param("There are 35 people in this image.", 35, id="sentence"),
        pytest.param("There are 35 people. The answer is 35.", 35, id="said-twice"),
        pytest.param("I count 35 in total, roughly.", 35, id="in-total"),
        pytest.param("The answer is: 35", 35, id="last-word"),
        pytest.param("35 visible people", 35, id="with-an-adjective"),
        pytest.param("**35** people", 35, id="bold-people"),
        pytest.param("I count 1,234 people.", 1234, id="thousands"),
        pytest.param("1,000,000,000", MOST, id="the-most"),
        pytest.param("```\n35\n```", 35, id="fence"),
        pytest.param("```json\n[35]\n```", 35, id="fenced-list"),
        pytest.param("Sure:\n```json\n35\n```", 35, id="fence-after-prose"),
        pytest.param('"35"', 35, id="json-string"),
        pytest.param("[35]", 35, id="list"),
        pytest.param('["35"]', 35, id="list-of-string"),
        pytest.param("Here you go: [35]", 35, id="list-in-prose"),
    ],
)
def test_the_only_number_in_a_text_is_read(text: str, number: int) -> None:
    """It is read from digits, prose, Markdown and JSON, and the text is kept."""
    assert read(PEOPLE, "a.jpg", [said(text)]) == Answer("a.jpg", number, text=text)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        pytest.param("", "no text", id="empty"),
        pytest.param(" \n", "no text", id="white-space"),
        pytest.param("a dozen", "no number: 'a dozen'", id="number-word"),
        pytest.param("30 to 40", "more than one number: '30 to 40'", id="range"),
        pytest.param("30-40", "not a plain integer: '30-40'", id="range-in-one-word"),
        pytest.param("Image 1: 35", "more than one number: 'Image 1: 35'", id="label"),
        pytest.param("Image [1]: 35", "neither a number nor prose: 'Image [1]: 35'", id="label-in-brackets"),
        pytest.param("1 234 people", "more than one number: '1 234 people'", id="spaced-thousands"),
        pytest.param("100 100", "more than one number: '100 100'", id="spaced-thousands-alike"),
        pytest.param("12,34", "not a plain integer: '12,34'", id="odd-thousands"),
        pytest.param("0,123", "not a plain integer: '0,123'", id="decimal-comma"),
        pytest.param("007", "not a plain integer: '007'", id="leading-zeros"),
        pytest.param("35.5", "not a plain integer: '35.5'", id="float"),
        pytest.param("35.0", "not a plain integer: '35.0'", id="whole-float"),
        pytest.param("[35.0]", "not a plain integer: '35.0'", id="whole-float-in-list"),
        pytest.param(".5", "not a plain integer: '.5'", id="float-without-zero"),
        pytest.param("-3", "not a plain integer: '-3'", id="negative"),
        pytest.param("- 3", "not a plain integer: '- 3'", id="spaced-negative"),
        pytest.param("\u22123", "not a plain integer: '\u22123'", id="unicode-minus"),
        pytest.param("[-0]", "not a plain integer: '-0'", id="negative-zero"),
        pytest.param("NaN", "no number: 'NaN'", id="nan"),
        pytest.param("[NaN]", "not a plain integer: 'NaN'", id="nan-in-list"),
        pytest.param("Infinity", "no number: 'Infinity'", id="infinity"),
        pytest.param("1000000001", "too large: '1000000001'", id="too-many"),
        pytest.param("1,000,000,001", "too large: '1000000001'", id="too-many-with-thousands"),
        pytest.param(HUGE, "too large: '1000", id="400-zeros"),
        pytest.param("9" * 5000, "too large: '9999", id="5000-digits"),
        pytest.param("1e400", "not a plain integer: '1e400'", id="exponent"),
        pytest.param("[1e2]", "not a plain integer: '1e2'", id="exponent-in-list"),
        pytest.param("12%", "not a plain integer: '12%'", id="percent"),
        pytest.param("12 percent", "not plainly a count of people: '12 percent'", id="percent-word"),
        pytest.param("about 2 dozen people", "not plainly a count of people: 'about 2 dozen people'", id="dozens"),
        *(
            pytest.param(text, f"not plainly a count of people: '{text}'", id=text)
            for text in (
                "Image 2 shows three people.",
                "There are no people, only 1 dog.",
                "I see 2 buses.",
                "five hundred and 12 people",
                "Twenty-five people in 3 rows",
                "I cannot count the people in image 1.",
                "Nobody in picture 1.",
                "The resolution is 1080 and too low.",
                "12 couples",
                "3 rows of people",
                "fewer than 10 people",
                "more than 35 people",
                "at least 35",
                "over 100",
                "1 or two people",
                "not 35",
                "I am 90 sure",
            )
        ),
        pytest.param("\u0663\u0665", "not a plain integer: '\u0663\u0665'", id="arabic-digits"),
        pytest.param("3\u00bd", "not a plain integer: '3\u00bd'", id="fraction"),
        pytest.param("35 \u00bd", "more than one number: '35 \u00bd'", id="spaced-fraction"),
        pytest.param("35\u4e07", "not a plain integer: '35\u4e07'", id="chinese-unit"),
        pytest.param('{"count": 35}', "neither a number nor prose: '{\"count\": 35}'", id="dict"),
        pytest.param("[[35]]", "not a plain integer: ['35']", id="nested-list"),
        pytest.param("[35", "neither a number nor prose: '[35'", id="truncated-list"),
        pytest.param("[true]", "not a plain integer: True", id="boolean"),
        pytest.param("[null]", "not a plain integer: None", id="null"),
        pytest.param("[" * 100_000 + "]" * 100_000, "neither a number nor prose: '[[[", id="deep-nesting"),
    ],
)
def test_a_text_without_one_plain_integer_is_unreadable(text: str, detail: str) -> None:
    """Nothing is guessed, and the detail says in at most 120 characters what is wrong."""
    answer = read(PEOPLE, "a.jpg", [said(text)])
    assert (answer.value, answer.reason, answer.text) == (None, Reason.UNREADABLE, text[:TEXT_KEPT])
    assert answer.detail.startswith(detail)
    assert answer.detail == detail or len(answer.detail) > 80
    assert len(answer.detail) <= 120


@pytest.mark.parametrize("text", ["[30, 40]", "[1,234]", "[35, 35]"])
def test_two_answers_for_one_image_are_the_wrong_number_of_answers(text: str) -> None:
    """In a list, a comma separates entries, not thousands."""
    assert read(PEOPLE, "a.jpg", [said(text)]) == Answer(
        "a.jpg", None, Reason.WRONG_NUMBER, "2 answers for 1 image", text
    )


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        pytest.param("null", "None", id="null"),
        pytest.param("true", "True", id="boolean"),
        pytest.param("NaN", "'NaN'", id="nan"),
        pytest.param("-Infinity", "'-Infinity'", id="infinity"),
        pytest.param("35.0", "'35.0'", id="float"),
        pytest.param("1e400", "'1e400'", id="exponent"),
        pytest.param("-3", "'-3'", id="negative"),
        pytest.param('""', "''", id="empty-string"),
        pytest.param('"about 35"', "'about 35'", id="prose"),
        pytest.param('"1,234"', "'1,234'", id="thousands"),
        pytest.param('"\\u0663"', "'\u0663'", id="arabic-digit"),
        pytest.param("[35]", "['35']", id="list"),
        pytest.param('{"n": 35}', "{'n': '35'}", id="dict"),
        pytest.param("[" * 300 + "]" * 300, "[[[[[[[...]]]]]]]", id="nesting"),
    ],
)
def test_a_bad_entry_costs_only_its_image(entry: str, shown: str) -> None:
    """The other entries are read, and the detail shows the bad one."""
    text = f"[4, {entry}, 35]"
    assert read_all(PEOPLE, NAMES, said(text)) == [
        Answer("a.jpg", 4, text=text[:TEXT_KEPT]),
        Answer("b.jpg", None, Reason.UNREADABLE, f"not a plain integer: {shown}", text[:TEXT_KEPT]),
        Answer("c.jpg", 35, text=text[:TEXT_KEPT]),
    ]


@pytest.mark.parametrize("entry", ["9" * 5000, HUGE, json.dumps("many " * 100), json.dumps(["many " * 9] * 9)])
def test_a_long_bad_entry_is_cut(entry: str) -> None:
    """The detail shows 80 characters of it."""
    answers = read_all(PEOPLE, NAMES, said(f"[4, {entry}, 35]"))
    assert [answer.value for answer in answers] == [4, None, 35]
    assert len(answers[1].detail.partition(": ")[2]) == 80


@pytest.mark.parametrize(
    ("unit", "text", "number"),
    [
        ("cars", "I count 12 cars.", 12),
        ("cars", "There are 12 cars in this image.", 12),
        ("cars", "12 people", None),
        ("red cars", "I see 12 red cars here", 12),
        ("red cars", "I see 12 red buses here", None),
        ("big red cars", "There are 12 big red cars here", 12),
        ("", "12 cars are here", None),
        ("", "The answer is 12.", 12),
        ("people", "12 faces here", 12),
        ("cars", "12 faces here", None),
        ("cars", "There is 1 car here", 1),
        ("cars", "Receipt 17.", None),
        ("cars", "17", 17),
    ],
)
def test_a_number_in_prose_is_of_the_unit_or_ends_the_sentence(unit: str, text: str, number: int | None) -> None:
    """A number is read before the unit, or at the end of a sentence if the unit is people or empty."""
    answer = read(Count(unit), "a.jpg", [said(text)])
    assert answer.value == number
    if number is None:
        told = f"not plainly a count of {unit}" if unit else "not plainly a count"
        assert answer.detail == f"{told}: '{text}'"


@pytest.mark.parametrize(
    ("answer", "truth", "right", "error"),
    [
        (95, 95, 1.0, 0),
        (90, 100, 0.9, 10),
        (110, 100, 0.9, 10),
        (36, 90, 0.4, 54),
        (200, 100, 0.0, 100),
        (999, 100, 0.0, 899),
        (0, 4, 0.0, 4),
        (0, 0, 1.0, 0),
        (1, 0, 0.0, 1),
        (1, 1, 1.0, 0),
    ],
)
def test_a_count_is_right_but_for_its_error_as_a_share_of_the_truth(
    answer: int, truth: int, right: float, error: int
) -> None:
    """The score is 1 minus the error as a share of the truth, at least 0; with a truth of 0, any error scores 0."""
    assert PEOPLE.score(answer, truth) == pytest.approx(right, abs=1e-12)
    assert PEOPLE.measure_error(answer, truth) == error


def test_two_counts_agree_where_they_are_the_same() -> None:
    """Counts that differ by 1 do not agree."""
    assert (PEOPLE.compare(35, 35), PEOPLE.compare(35, 36)) == (1.0, 0.0)
    assert PEOPLE.format_right(0.94) == "94 % right"


@pytest.mark.parametrize("truth", [-1, 3.0, True, "3", None, MOST + 1])
def test_a_truth_that_is_no_count_is_refused(truth: object) -> None:
    """A truth must be an integer from 0 to the largest count; a whole float is refused too."""
    with pytest.raises(ValueError, match=r"^a whole number of at least 0$"):
        PEOPLE.check_truth(truth)
