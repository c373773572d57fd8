"""The comparison: each strategy is a benchmark test on each model and image set that is recorded, or asked for."""

import pytest

from benchmarks.strategies import STRATEGIES, bind_strategy
from fixtures.run.contenders import Contender, parametrize
from fixtures.run.estimate import set_binder
from fixtures.run.measure import Measure
from fixtures.run.rounds import BoundStrategy
from fixtures.run.state import get_settings


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every contender."""
    settings = get_settings(metafunc.config)

    def bind(model: str, strategy: str) -> BoundStrategy:
        return bind_strategy(model, strategy, **settings.for_strategies)

    set_binder(metafunc.config, bind)
    parametrize(metafunc, STRATEGIES)


def test_strategy(model: str, image_set: str, strategy: str, measure: Measure, pytestconfig: pytest.Config) -> None:
    """A strategy answers about every image, in the images' order; `--max-errors` may stay without a number."""
    settings = get_settings(pytestconfig)
    rounds = measure(Contender(model, image_set, strategy), bind_strategy(model, strategy, **settings.for_strategies))
    failed = [[answer for answer in answers if answer.reason] for answers in rounds]
    most = max(failed, key=len)
    if len(most) > settings.max_errors:
        reasons = "; ".join(f"{answer.image}: {answer.error}" for answer in most)
        pytest.fail(
            f"round {failed.index(most) + 1}: {len(most)} of {len(rounds[0])} images without a number, "
            f"--max-errors={settings.max_errors} allowed ({reasons:.1000})",
            pytrace=False,
        )
