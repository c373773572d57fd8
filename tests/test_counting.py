"""The prompts are the published ones, and answers are read as they come or not at all."""

import pytest
from google.genai import types

from benchmarks.counting import Counting
from fixtures.images import Image

TASK = Counting("some-model")
IMAGES = [Image(f"{name}.jpg", b"", "image/jpeg", 1, 1) for name in "abcd"]


def response(text: str | None) -> types.GenerateContentResponse:
    """Return a model's answer."""
    parts = [] if text is None else [types.Part(text=text)]
    return types.GenerateContentResponse(candidates=[types.Candidate(content=types.Content(parts=parts))])


def test_the_prompts_are_the_published_ones() -> None:
    """Recordings and comparisons with the published table depend on every character."""
    assert TASK.prompt == "Count the number of people in this image. Return just the integer number."
    assert TASK.prompt_for(4) == (
        "I have provided 4 images above labeled Image 1 to Image 4. Count the number of people in each image "
        "respectively. Return the result strictly as a JSON list of integers, e.g., [10, 5, 3, 20]. "
        "Do not include markdown formatting or backticks."
    )


@pytest.mark.parametrize("text", ["85", " 85\n"])
def test_an_integer_is_read(text: str) -> None:
    """White space around the number does not matter."""
    answer = TASK.read(IMAGES[0], response(text))
    assert (answer.image, answer.number, answer.reason) == ("a.jpg", 85, "")


@pytest.mark.parametrize("text", ["", None, "many", "-4", "3.5", "9" * 400, "²"])
def test_what_is_no_count_is_a_reason_and_not_a_guess(text: str | None) -> None:
    """An unreadable answer has no number, and says what was answered."""
    answer = TASK.read(IMAGES[0], response(text))
    assert answer.number is None
    assert answer.reason.startswith("unreadable answer")


@pytest.mark.parametrize(
    "text", ["[4, 38, 35, 9]", "```json\n[4, 38, 35, 9]\n```", "```\n[4, 38, 35, 9]```", "\n[4,38,\n35,9] "]
)
def test_a_list_is_read_with_and_without_fences(text: str) -> None:
    """The images' answers come in the images' order."""
    answers = TASK.read_all(IMAGES, response(text))
    assert [(answer.image, answer.number) for answer in answers] == [
        ("a.jpg", 4),
        ("b.jpg", 38),
        ("c.jpg", 35),
        ("d.jpg", 9),
    ]


@pytest.mark.parametrize("text", ["[4, 38]", "[1, 2, 3, 4, 5]", "4", '{"a": 1}', "[4, 38", "[" * 100_000, None])
def test_a_list_of_the_wrong_kind_or_length_answers_no_image(text: str | None) -> None:
    """Nobody can know which image a list of two of four numbers is about."""
    answers = TASK.read_all(IMAGES, response(text))
    assert [answer.number for answer in answers] == [None] * 4
    assert all(answer.reason and len(answer.text) <= 500 for answer in answers)


def test_one_entry_that_is_no_count_spoils_only_its_own_image() -> None:
    """The other numbers of the list still count."""
    answers = TASK.read_all(IMAGES, response('[4, "many", -1, true]'))
    assert [answer.number for answer in answers] == [4, None, None, None]
    assert answers[1].reason == "not a count: 'many'"
