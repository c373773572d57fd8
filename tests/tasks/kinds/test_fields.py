"""Fields are read from one JSON object and scored by the share of right ones."""

from random import Random
from typing import Any

import pytest

from fixtures.exchange.answer import Answer, Reason
from fixtures.tasks.kinds.fields import Fields
from fixtures.tasks.responses import read, read_all
from tests.helpers.responses import said

RECEIPT = Fields({"merchant": "text", "total": "number", "items": "count"}, 0.005)
READ = {"merchant": "Old Mill", "total": 12.5, "items": 3}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"merchant": "Old Mill", "total": 12.5, "items": 3}', READ),
        ('{"items": 3, "total": 12.50, "merchant": " Old Mill "}', READ),
        ('{"merchant": "Old Mill", "total": "$12.50", "items": "3"}', READ),
        ('{"merchant": "Old Mill", "total": "12,50 \u20ac", "items": 3, "tip": {"total": 5}}', READ),
        ('```json\n{"merchant": "Old Mill", "total": 12.5, "items": 3}\n```', READ),
        ('[{"merchant": "Old Mill", "total": 12.5, "items": 3}]', READ),
        ('{"merchant": "Old Mill", "total": null}', {"merchant": "Old Mill", "total": None, "items": None}),
        ('{"total": 0}', {"merchant": None, "total": 0.0, "items": None}),
    ],
)
def test_the_fields_of_one_object_are_read(text: str, value: dict[str, Any]) -> None:
    """They come in the order of the task file; a field that is null or missing is None."""
    answer = read(RECEIPT, "a.jpg", [said(text)])
    assert answer == Answer("a.jpg", value, text=text)
    assert list(answer.value) == ["merchant", "total", "items"]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("Old Mill, 12.50", "not a JSON object: 'Old Mill, 12.50'"),
        ('Here: {"total": 12.5}', "not a JSON object: 'Here: {\"total\": 12.5}'"),
        ('{"total": 12.5', "not a JSON object: '{\"total\": 12.5'"),
        ('{"total": 12.5} {"total": 13}', 'not a JSON object: \'{"total": 12.5} {"total": 13}\''),
        ('{"total": 12.5, "total": 13}', 'not a JSON object: \'{"total": 12.5, "total": 13}\''),
        ("12.5", "not a JSON object: '12.5'"),
        ("null", "not a JSON object: 'null'"),
        ('"total"', "not a JSON object: 'total'"),
        ("{}", "none of the fields: {}"),
        ('{"Total": 12.5}', "none of the fields: {'Total': '12.5'}"),
        ('{"total": null}', "none of the fields: {'total': None}"),
        ('{"total": "1,234"}', "total: not plainly one number: '1,234'"),
        ('{"total": 1e3}', "total: not a number alone: '1e3'"),
        ('{"total": NaN}', "total: not a number alone: 'NaN'"),
        ('{"total": [12.5]}', "total: not a number alone: ['12.5']"),
        ('{"total": true}', "total: not a number alone: True"),
        ('{"items": 3.0}', "items: not a plain integer: '3.0'"),
        ('{"merchant": 5}', "merchant: not a text: '5'"),
        ('{"merchant": ""}', "merchant: no text"),
        ('{"merchant": {"name": "Old Mill"}}', "merchant: not a text: {'name': 'Old Mill'}"),
    ],
)
def test_a_text_that_is_not_one_object_of_the_fields_is_unreadable(text: str, detail: str) -> None:
    """One unreadable field makes the whole answer unreadable."""
    assert read(RECEIPT, "a.jpg", [said(text)]) == Answer("a.jpg", None, Reason.UNREADABLE, detail, text)


def test_a_list_gives_each_image_its_object() -> None:
    """A wrong entry leaves only its own image without an answer, a list of the wrong length leaves all."""
    answers = read_all(RECEIPT, ["a", "b"], said('[{"total": 1}, 5]'))
    assert [(answer.value, answer.detail) for answer in answers] == [
        ({"merchant": None, "total": 1.0, "items": None}, ""),
        (None, "not a JSON object: '5'"),
    ]
    assert {answer.reason for answer in read_all(RECEIPT, ["a", "b"], said('[{"total": 1}]'))} == {Reason.WRONG_NUMBER}


@pytest.mark.parametrize(
    ("answer", "truth", "right"),
    [
        (READ, READ, 1.0),
        (READ | {"merchant": "OLD  mill", "total": 12.505}, READ, 1.0),
        (READ | {"total": 12.506}, READ, 2 / 3),
        (READ | {"merchant": "Old Mil"}, READ, 2 / 3),  # texts are the same or not
        (READ | {"items": 4}, READ, 2 / 3),
        (READ | {"merchant": None}, READ, 2 / 3),
        ({"merchant": None, "total": 0.0, "items": None}, READ, 0.0),
        (READ, {"total": 12.5}, 1.0),
        (READ, {"total": 12.5, "items": 5}, 0.5),
        ({"merchant": "Old Mill", "total": None, "items": None}, {"total": 12.5}, 0.0),
    ],
)
def test_the_share_of_right_fields_counts(answer: dict[str, Any], truth: dict[str, Any], right: float) -> None:
    """The score is the share of right fields among those with a known truth."""
    assert RECEIPT.score(answer, truth) == pytest.approx(right)
    assert RECEIPT.compare(answer, truth) == float(right == 1.0)
    assert RECEIPT.measure_error(answer, truth) is None


def test_fields_that_neither_answer_has_agree() -> None:
    """When two answers are compared, a field that both left out counts as equal."""
    half = {"merchant": "Old Mill", "total": None, "items": None}
    assert RECEIPT.compare(half, dict(half)) == 1.0
    assert RECEIPT.compare(half, READ) == 0.0


def test_an_answer_is_shown_short_and_against_the_truth_only_where_it_is_wrong() -> None:
    """A dash is shown for a missing field; beside the truth, only wrong fields are shown."""
    answer = {"merchant": "The Old Mill Garden Centre", "total": 12.0, "items": None}
    assert RECEIPT.format_answer(answer) == "The Old Mil...; 12; -"
    assert RECEIPT.format_against(answer, READ | {"total": 12}) == "merchant The Old Mill Garden Centre; items -"
    assert RECEIPT.format_against(READ, READ) == "right"
    assert RECEIPT.format_right(0.94) == "94 % of fields right"


@pytest.mark.parametrize(
    ("truth", "sentence"),
    [
        (3, "a table of merchant, total, items"),
        ({}, "a table of merchant, total, items"),
        ({"tip": 3}, "a table of merchant, total, items"),
        ({"merchant": 3}, "a text in quotation marks for merchant"),
        ({"total": "12.50"}, "a number of at most 15 digits for total"),
        ({"items": 3.5}, "a whole number of at least 0 for items"),
    ],
)
def test_a_truth_that_is_no_table_of_the_fields_is_refused(truth: object, sentence: str) -> None:
    """The error names the field."""
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        RECEIPT.check_truth(truth)


def test_a_field_without_a_truth_is_null_in_a_simulated_answer() -> None:
    """The simulator answers null for a field that the truth lacks, as if it were not in the image."""
    assert RECEIPT.spoil({"items": 3}, 1, Random(1)) == {"merchant": None, "total": None, "items": 3}
