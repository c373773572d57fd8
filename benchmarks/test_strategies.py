"""The race: each strategy is a benchmark test on each model and image set that is recorded, or asked for."""

import pytest

from benchmarks.strategies import STRATEGIES, bound
from fixtures.run.contenders import Contender, parametrize
from fixtures.run.estimate import STRATEGY_OF
from fixtures.run.measure import Measure
from fixtures.run.options import SETTINGS
from fixtures.run.race import Bound


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every contender."""
    settings = metafunc.config.stash[SETTINGS]

    def strategy_of(model: str, strategy: str) -> Bound:
        return bound(model, strategy, window=settings.concurrency, chunk=settings.chunk)

    metafunc.config.stash[STRATEGY_OF] = strategy_of
    parametrize(metafunc, STRATEGIES)


def test_strategy(model: str, image_set: str, strategy: str, measure: Measure, pytestconfig: pytest.Config) -> None:
    """A strategy answers about every image, in the images' order; `--max-errors` may stay without a number."""
    settings = pytestconfig.stash[SETTINGS]
    asked = bound(model, strategy, window=settings.concurrency, chunk=settings.chunk)
    rounds = measure(Contender(model, image_set, strategy), asked)
    failed = [[answer for answer in answers if answer.reason] for answers in rounds]
    most = max(failed, key=len)
    if len(most) > settings.max_errors:
        told = "; ".join(f"{answer.image}: {settings.without_secrets(answer.error)}" for answer in most)
        pytest.fail(
            f"round {failed.index(most) + 1}: {len(most)} of {len(rounds[0])} images without a number, "
            f"--max-errors={settings.max_errors} allowed ({told:.1000})",
            pytrace=False,
        )
