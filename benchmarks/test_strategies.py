"""The race: each strategy is a benchmark test on each model and image set that is recorded, or asked for."""

import pytest

from benchmarks.counting import Counting
from benchmarks.strategies import STRATEGIES
from fixtures.contenders import Contender, parametrize
from fixtures.measure import Measure


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every contender."""
    parametrize(metafunc, STRATEGIES)


def test_strategy(model: str, image_set: str, strategy: str, measure: Measure) -> None:
    """A strategy answers about every image, in the images' order."""
    task = Counting(model)
    run = STRATEGIES[strategy]
    answers = measure(Contender(model, image_set, strategy), lambda client, images: run(client, images, task))
    assert {answer.image: answer.reason for answer in answers if answer.reason} == {}
