"""A number is read only from text that can be one number only, and is right within the tolerance."""

import pytest

from fixtures.exchange.answer import Answer, Reason
from fixtures.tasks.kinds.number import Number
from fixtures.tasks.responses import read, read_all
from tests.helpers.responses import said

DOLLARS = Number("dollars", 0.005)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.34", 12.34),
        ("12", 12.0),
        ("0", 0.0),
        ("-0", 0.0),
        ("-5.00", -5.0),
        ("\u22125", -5.0),
        ("-$5", -5.0),
        ("$1,234.50", 1234.5),
        ("$ 1,234.50", 1234.5),
        ("12,34 \u20ac", 12.34),
        ("12,34\u00a0\u20ac", 12.34),
        ("1.234,50 \u20ac", 1234.5),
        ("\u20ac 1.526,11", 1526.11),
        ("EUR 12.00", 12.0),
        ("12.00 CHF", 12.0),
        ("\u00a51200", 1200.0),
        ("\u00a31,234,567.89", 1234567.89),
        ("1,234,567", 1234567.0),
        ("1.234.567", 1234567.0),
        ("1234,567", 1234.567),
        ("0,123", 0.123),
        ("12,3456", 12.3456),
        ("1.234", 1.234),
        ("0.123", 0.123),
        ("12.34 dollars", 12.34),
        ("12.34 Dollars", 12.34),
        ("**12.34**.", 12.34),
        ('"12.34"', 12.34),
        ("```\n12.34\n```", 12.34),
        ("[12.34]", 12.34),
        ('["$12.34"]', 12.34),
        ("Here you go: [12.34]", 12.34),
        ("999999999999999", 999999999999999.0),
    ],
)
def test_a_number_is_read_as_it_is_written(text: str, number: float) -> None:
    """Decimal points and commas, thousands separators and currencies are read; a whole number becomes a float."""
    answer = read(DOLLARS, "a.jpg", [said(text)])
    assert answer == Answer("a.jpg", number, text=text)
    assert str(answer.value) == str(number)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        *(
            (text, f"not plainly one number: '{text}'")
            for text in (
                *("1,234", "$1,234", "1.234 \u20ac", "$1.234", "12.34.56", "1,23,456", "1.23,456", "1,2345,678"),
                *("00.5", "007", "12,34,56", "1,234.567,8", "12,"),
            )
        ),
        *(
            (text, f"not a number alone: '{text}'")
            for text in (
                *("12 34", "1 234,50", "1\u2019234.50", "1e3", "1e400", "NaN", "Infinity", "about 12", "12.34 or 13"),
                *("12-13", "12 pence"),
                *("MAY 12", "12 %", "12%", "12 pounds", "12.34 dollars or so", "a dozen", ".5", "+5", "- 5", "--5"),
                *("\u0661\u0662", "\u0967\u0968.\u0967", "\uff11\uff12", "1\u00bd", "3\u4e07", "0x10", "12 USDT"),
            )
        ),
        ("9" * 16, "too many digits: '9999999999999999'"),
        ("1,000,000,000,000,000", "too many digits: '1,000,000,000,000,000'"),
        ("0.1234567890123456", "too many digits: '0.1234567890123456'"),
        ('{"total": 12.34}', "not a number alone: '{\"total\": 12.34}'"),
        ("[[12.34]]", "not a number alone: ['12.34']"),
        ("[true]", "not a number alone: True"),
        ("[null]", "not a number alone: None"),
        ("[1e2]", "not a number alone: '1e2'"),
        ("[NaN]", "not a number alone: 'NaN'"),
    ],
)
def test_an_ambiguous_number_is_unreadable(text: str, detail: str) -> None:
    """Text that can be several numbers, such as 1,234, or is none gives no value."""
    assert read(DOLLARS, "a.jpg", [said(text)]) == Answer("a.jpg", None, Reason.UNREADABLE, detail, text)


def test_two_numbers_for_one_image_are_too_many() -> None:
    """In a list, a comma separates entries, not thousands."""
    answer = read(DOLLARS, "a.jpg", [said("[1,234.50]")])
    assert (answer.value, answer.reason, answer.detail) == (None, Reason.WRONG_NUMBER, "2 answers for 1 image")


def test_only_the_unit_of_the_task_is_read() -> None:
    """A number with another unit is unreadable; units are not converted."""
    assert read(Number("km"), "a.jpg", [said("12.5 km")]).value == 12.5
    assert read(Number("km"), "a.jpg", [said("12.5 miles")]).value is None
    assert read(Number(), "a.jpg", [said("12.5 km")]).value is None
    assert read(Number("km"), "a.jpg", [said("12.5km")]).value is None
    assert read(Number("km"), "a.jpg", [said("1.234 km")]).value is None, "1234 or 1.234"


def test_a_list_gives_each_image_its_number() -> None:
    """Numbers and strings may be mixed, and an unreadable entry leaves only its own image without an answer."""
    answers = read_all(DOLLARS, ["a", "b", "c"], said('[12.34, "1,234", "12,34 \u20ac"]'))
    assert [answer.value for answer in answers] == [12.34, None, 12.34]


@pytest.mark.parametrize(
    ("tolerance", "answer", "truth", "right"),
    [
        (0.0, 0.1 + 0.2, 0.3, 0.0),
        (0.0, 12.34, 12.34, 1.0),
        (0.0, 12.0, 12, 1.0),
        (0.005, 12.345, 12.34, 1.0),
        (0.005, 12.335, 12.34, 1.0),
        (0.005, 12.346, 12.34, 0.0),
        (0.1, 0.4, 0.3, 1.0),
        (5, -3.0, 2, 1.0),
        (5, -3.01, 2, 0.0),
    ],
)
def test_a_number_is_right_within_the_tolerance_and_wrong_beyond(
    tolerance: float, answer: float, truth: float, right: float
) -> None:
    """The distance is computed in decimals, so it is exact at the tolerance."""
    assert Number(tolerance=tolerance).score(answer, truth) == right


def test_a_number_is_off_by_its_distance_from_the_truth() -> None:
    """The error is the absolute difference, computed in decimals."""
    assert DOLLARS.measure_error(12.3, 12.34) == 0.04
    assert DOLLARS.measure_error(12.34, 12.3) == 0.04


@pytest.mark.parametrize(
    ("number", "shown"),
    [(12.0, "12"), (12.5, "12.5"), (1234567.25, "1,234,567.25"), (1e-7, "0.0000001"), (100.0, "100")],
)
def test_a_number_is_shown_without_an_exponent(number: float, shown: str) -> None:
    """Whole numbers are shown without a decimal point, others without trailing zeros."""
    assert DOLLARS.format_answer(number) == shown


@pytest.mark.parametrize("truth", [True, "12", None, float("nan"), float("inf"), 10**15, 10**400, [1]])
def test_a_truth_that_no_answer_can_equal_is_refused(truth: object) -> None:
    """A truth must be a finite number of at most 15 digits."""
    with pytest.raises(ValueError, match=r"^a number of at most 15 digits$"):
        DOLLARS.check_truth(truth)


@pytest.mark.parametrize(
    ("tolerance", "sentence"),
    [
        ("0.1", "tolerance is not a number$"),
        (True, "tolerance is not a number$"),
        (-1, "tolerance is not a number of at least 0"),
        (float("nan"), "tolerance is not a number of at least 0"),
        (float("inf"), "tolerance is not a number of at least 0"),
    ],
)
def test_an_invalid_tolerance_is_refused(tolerance: object, sentence: str) -> None:
    """A tolerance must be a finite number of at least 0."""
    with pytest.raises(ValueError, match=sentence):
        Number(tolerance=tolerance)  # type: ignore[arg-type]
