"""The prompts are the published ones."""

from fixtures.tasks.counting import Counting

TASK = Counting("some-model")


def test_the_prompts_are_the_published_ones() -> None:
    """Recordings and comparisons with the published table depend on every character."""
    assert TASK.prompt == "Count the number of people in this image. Return just the integer number."
    assert TASK.make_prompt(4) == (
        "I have provided 4 images above labeled Image 1 to Image 4. Count the number of people in each image "
        "respectively. Return the result strictly as a JSON list of integers, e.g., [10, 5, 3, 20]. "
        "Do not include markdown formatting or backticks."
    )


def test_a_schema_takes_the_place_of_the_words_that_ask_for_a_list() -> None:
    """The question stays the published one."""
    assert TASK.make_prompt(2).startswith(TASK.make_question(2))
    assert "JSON" not in TASK.make_question(2)
    assert TASK.schema.response_schema == list[int]
