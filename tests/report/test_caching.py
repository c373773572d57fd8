"""Rounds that read parts of their prompts from a cache are named, with the number of tokens and the kind of cache."""

from benchmarks.report.sentences.caching import describe_cached
from tests.helpers.runs import read_made


def test_rounds_that_read_from_the_cache_are_named() -> None:
    """Each round is named with its cached tokens; a benchmark without any is not named."""
    cached = read_made("single_prompt", source="gemini", cached_by_round=[0, 4096, None, 512])
    assert describe_cached({"single_prompt": cached, "bounded": read_made("bounded")}) == [
        (
            "single_prompt: prompt tokens were read from the provider's cache: 4,096 in round 2, an unknown number "
            "in round 3, 512 in round 4. They cost less and may make these rounds faster."
        )
    ]


def test_the_simulators_cache_is_named_as_such() -> None:
    """For a recording of the simulator, the sentence names the simulator's cache and not the provider's."""
    (sentence,) = describe_cached({"structured": read_made("structured", cached_by_round=[0, 7])})
    assert sentence.startswith("structured: prompt tokens were read from the simulator's cache: 7 in round 2.")
