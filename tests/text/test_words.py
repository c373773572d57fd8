"""Words are joined as in a sentence, and of many names the first are listed."""

import pytest

from fixtures.text.words import format_count, join_words, name_some


@pytest.mark.parametrize(("count", "joined"), [(1, "1"), (2, "1 and 2"), (4, "1, 2, 3 and 4")])
def test_words_are_joined_by_commas_and_the_last_by_and(count: int, joined: str) -> None:
    """Up to four words are all listed."""
    words = [str(number) for number in range(1, count + 1)]
    assert join_words(words) == name_some(words) == joined


def test_one_thing_is_in_the_singular() -> None:
    """Other counts are in the plural, with thousands separators."""
    assert [format_count(count, "image") for count in (0, 1, 5000)] == ["0 images", "1 image", "5,000 images"]


def test_of_more_than_four_three_are_named() -> None:
    """The others are counted."""
    assert name_some(["a", "b", "c", "d", "e"]) == "a, b, c and 2 others"
