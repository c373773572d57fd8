"""Recorded and simulated answers are judged by the known truths, and as strictly as in a run."""

from typing import Any

import pytest

from fixtures.simulator.known_sets import KnownSet
from fixtures.simulator.latencies import Observation
from fixtures.simulator.projection import make_observation
from fixtures.tasks.question import make_kind

NUMBERS = KnownSet(make_kind({"answer": "number"}), truths={"a": 5.0, "b": 2.0})
TEXTS = KnownSet(make_kind({"answer": "text"}), truths={"a": "one two three"})


def answer(*texts: str) -> list[dict[str, Any]]:
    """Return the events of a stream with these texts, or the document of an answer."""
    return [
        {
            "candidates": [{"content": {"parts": [{"text": "hm", "thought": True}, {"text": text}]}}],
            "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 1, "totalTokenCount": 11},
        }
        for text in texts
    ]


def judge(text: str, *digests: str, images: int | None = None) -> Observation:
    """Return the observation of a request about these images, with the score of its answer."""
    return make_observation(answer(text), 1.0, len(digests) if images is None else images, digests, NUMBERS)


def test_images_with_a_truth_are_judged_beside_others_without() -> None:
    """Each answer in a list is judged by the image at its position; images without a truth are left out."""
    found = judge("[5, 7, 2.5]", "a", "unknown", "b")
    assert (found.judged, found.right, found.error) == (("a", "b"), 0.5, 0.25)
    assert judge("5", "unknown") == judge("7", "unknown")


@pytest.mark.parametrize("text", ["", "five", "[5]", "[5, 2, 1]", '[5, "two"]'])
def test_an_answer_that_cannot_be_read_is_not_right(text: str) -> None:
    """As in a run, an unreadable answer scores 0."""
    found = judge(text, "a", "b")
    assert (found.judged, found.right, found.error) == (("a", "b"), 0.0, None)


def test_images_whose_digests_are_not_all_known_are_not_judged() -> None:
    """With uploaded files beside inlined images, it is not known which answer belongs to which image."""
    found = judge("[5, 2]", "a", images=2)
    assert (found.judged, found.right, found.error) == ((), None, None)


def test_the_events_of_a_stream_are_one_answer() -> None:
    """The texts of all events are joined before they are judged."""
    found = make_observation(answer("one ", "two ", "three"), 1.0, 1, ["a"], TEXTS)
    assert found.right == 1.0
