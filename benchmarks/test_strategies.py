"""The race: each strategy is a benchmark test on each model and image set that is recorded, or asked for."""

import inspect

import pytest

from benchmarks.counting import Counting
from benchmarks.strategies import STRATEGIES
from fixtures.contenders import Contender, parametrize
from fixtures.estimate import STRATEGY_OF
from fixtures.measure import Measure
from fixtures.options import SETTINGS, Settings
from fixtures.race import Bound


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every contender."""
    settings = metafunc.config.stash[SETTINGS]

    def strategy_of(model: str, strategy: str) -> Bound:
        return bound(model, strategy, settings)

    metafunc.config.stash[STRATEGY_OF] = strategy_of
    parametrize(metafunc, STRATEGIES)


def bound(model: str, strategy: str, settings: Settings) -> Bound:
    """Return a strategy with its task and with those of the settings that it has parameters for."""
    function, task = STRATEGIES[strategy], Counting(model)
    known = {"window": settings.concurrency, "chunk": settings.chunk}
    taken = {name: value for name, value in known.items() if name in inspect.signature(function).parameters}
    return Bound(lambda client, images: function(client, images, task, **taken), taken)


def test_strategy(model: str, image_set: str, strategy: str, measure: Measure, pytestconfig: pytest.Config) -> None:
    """A strategy answers about every image, in the images' order; `--max-errors` may stay without a number."""
    settings = pytestconfig.stash[SETTINGS]
    rounds = measure(Contender(model, image_set, strategy), bound(model, strategy, settings))
    failed = [[answer for answer in answers if answer.reason] for answers in rounds]
    most = max(failed, key=len)
    if len(most) > settings.max_errors:
        told = "; ".join(f"{answer.image}: {settings.without_secrets(answer.error)}" for answer in most)
        pytest.fail(
            f"round {failed.index(most) + 1}: {len(most)} of {len(rounds[0])} images without a number, "
            f"--max-errors={settings.max_errors} allowed ({told:.1000})",
            pytrace=False,
        )
