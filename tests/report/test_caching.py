"""Rounds whose prompts were read from a cache in part are told, with how many tokens, and whose cache it was."""

from benchmarks.report.sentences.caching import describe_cached
from tests.helpers.runs import read_made


def test_rounds_that_read_from_the_cache_are_told() -> None:
    """Each with its tokens; a benchmark without any is not named."""
    cached = read_made("single_prompt", source="gemini", cached_by_round=[0, 4096, None, 512])
    assert describe_cached({"single_prompt": cached, "bounded": read_made("bounded")}) == [
        (
            "single_prompt: tokens of prompts were read from the provider's cache: 4,096 in round 2, an unknown number "
            "in round 3, 512 in round 4. They cost less, and these rounds may be faster for it."
        )
    ]


def test_the_simulators_cache_is_called_so() -> None:
    """It is made up."""
    (sentence,) = describe_cached({"structured": read_made("structured", cached_by_round=[0, 7])})
    assert sentence.startswith("structured: tokens of prompts were read from the simulator's cache: 7 in round 2.")
