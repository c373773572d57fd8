"""A label is one of the choices alone, in any case and with marks around it."""

import pytest

from fixtures.exchange.answer import Answer, Reason
from fixtures.tasks.kinds.label import Label
from fixtures.tasks.responses import read, read_all
from tests.helpers.responses import said

SHOP = Label(("shoe", "Red shirt", "bag"))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("shoe", "shoe"),
        ("Shoe", "shoe"),
        (" SHOE\n", "shoe"),
        ("shoe.", "shoe"),
        ("**shoe**", "shoe"),
        ('"shoe"', "shoe"),
        ("**Shoe**.", "shoe"),
        ("`shoe`", "shoe"),
        ("red shirt", "Red shirt"),
        ("Red\n  shirt", "Red shirt"),
        ("```\nbag\n```", "bag"),
        ('["bag"]', "bag"),
        ('```json\n["Bag"]\n```', "bag"),
        ('Here you go: ["bag"]', "bag"),
    ],
)
def test_a_choice_is_read_in_any_case_and_markup(text: str, label: str) -> None:
    """The value is the choice as the task file spells it."""
    assert read(SHOP, "a.jpg", [said(text)]) == Answer("a.jpg", label, text=text)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        *(
            (text, f"not one of the choices: {text!r}")
            for text in (
                *("a shoe", "shoes", "shoe or bag", "shoe, bag", "It is a shoe", "boot", "sh", "red", "shirt", "1"),
                *("redshirt", "not a shoe", "shoe?", "shoe bag", "{shoe}"),
            )
        ),
        ("[true]", "not one of the choices: True"),
        ("[null]", "not one of the choices: None"),
        ('[["shoe"]]', "not one of the choices: ['shoe']"),
        ('{"label": "shoe"}', 'not one of the choices: \'{"label": "shoe"}\''),
        ("", "no text"),
    ],
)
def test_a_text_that_is_not_one_choice_is_unreadable(text: str, detail: str) -> None:
    """The nearest choice is not guessed."""
    assert read(SHOP, "a.jpg", [said(text)]) == Answer("a.jpg", None, Reason.UNREADABLE, detail, text)


def test_two_labels_for_one_image_are_too_many() -> None:
    """A list of two labels for one image is an error, even if they are equal."""
    answer = read(SHOP, "a.jpg", [said('["shoe", "shoe"]')])
    assert (answer.value, answer.reason, answer.detail) == (None, Reason.WRONG_NUMBER, "2 answers for 1 image")


def test_a_list_gives_each_image_its_label() -> None:
    """An entry that is not a choice leaves only its own image without an answer."""
    answers = read_all(SHOP, ["a", "b", "c"], said('["BAG", "boot", "red shirt"]'))
    assert [answer.value for answer in answers] == ["bag", None, "Red shirt"]


def test_choices_may_themselves_have_marks_and_be_numbers() -> None:
    """An answer is compared with its marks, then without; if several choices match, it is unreadable."""
    marked = Label(("N.A.", '"x"', "*", "**", "5", "6"))
    for choice in marked.choices:
        assert read(marked, "a.jpg", [said(choice)]).value == choice
    assert read(marked, "a.jpg", [said("**n.a.**")]).value == "N.A."
    assert read(marked, "a.jpg", [said("x")]).value == '"x"'
    assert read(marked, "a.jpg", [said("***")]).value is None
    assert [answer.value for answer in read_all(marked, ["a", "b"], said('[5, "6"]'))] == ["5", "6"]


@pytest.mark.parametrize(
    ("answer", "truth", "right"), [("shoe", "shoe", 1.0), ("shoe", " SHOE", 1.0), ("shoe", "bag", 0.0)]
)
def test_a_label_is_right_or_wrong(answer: str, truth: str, right: float) -> None:
    """The truth may be written in another case than the choice."""
    SHOP.check_truth(truth)
    assert SHOP.score(answer, truth) == right
    assert SHOP.compare(answer, truth) == right
    assert SHOP.measure_error(answer, truth) is None


@pytest.mark.parametrize("truth", ["boot", "", 3, None, True, ["shoe"]])
def test_a_truth_that_is_no_choice_is_refused(truth: object) -> None:
    """The error lists the choices."""
    with pytest.raises(ValueError, match=r"^one of the choices \(shoe, Red shirt, bag\)$"):
        SHOP.check_truth(truth)


def test_choices_may_be_given_as_a_list() -> None:
    """A list, as task files and stored runs have it, gives the same kind as a tuple."""
    assert Label(["shoe", "bag"]) == Label(("shoe", "bag"))  # type: ignore[arg-type]
