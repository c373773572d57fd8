"""The race: each strategy is a benchmark test on each model and image set that is recorded, or asked for."""

import pytest

from benchmarks.counting import Counting
from benchmarks.strategies import STRATEGIES
from fixtures.contenders import Contender, parametrize
from fixtures.estimate import STRATEGY_OF
from fixtures.measure import Measure, Strategy


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every contender."""
    metafunc.config.stash[STRATEGY_OF] = bound
    parametrize(metafunc, STRATEGIES)


def bound(model: str, strategy: str) -> Strategy:
    """Return a strategy with its task."""
    task = Counting(model)
    return lambda client, images: STRATEGIES[strategy](client, images, task)


def test_strategy(model: str, image_set: str, strategy: str, measure: Measure) -> None:
    """A strategy answers about every image, in the images' order."""
    answers = measure(Contender(model, image_set, strategy), bound(model, strategy))
    assert {answer.image: answer.reason for answer in answers if answer.reason} == {}
