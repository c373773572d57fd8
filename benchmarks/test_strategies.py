"""The comparison: each strategy is a benchmark test on each model and image set that is recorded, or asked for."""

import pytest

from benchmarks.strategies import STRATEGIES, bind_strategy
from fixtures.exchange.retries import choose_policy
from fixtures.models.model_settings import ModelSettings
from fixtures.run.contenders import Contender, parametrize
from fixtures.run.estimate import set_binder
from fixtures.run.measure import Measure
from fixtures.run.options.settings import Settings
from fixtures.run.rounds.runner import BoundStrategy
from fixtures.run.state import get_settings
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every contender."""
    settings = get_settings(metafunc.config)
    set_binder(metafunc.config, lambda contender: bind_contender(contender, settings))
    parametrize(metafunc, STRATEGIES)


def bind_contender(contender: Contender, settings: Settings) -> BoundStrategy:
    """Return a contender's strategy with the task of its image set, put to its model."""
    question = load_question(contender.image_set, settings.task)
    policy = choose_policy(contender.settings.service_tier)
    task = Task(question, contender.model, policy, contender.settings)
    return bind_strategy(task, contender.strategy, **settings.for_strategies)


def test_strategy(
    model: str,
    image_set: str,
    strategy: str,
    model_settings: ModelSettings,
    measure: Measure,
    pytestconfig: pytest.Config,
) -> None:
    """A strategy answers about every image, in the images' order; `--max-errors` may stay without an answer."""
    settings, contender = get_settings(pytestconfig), Contender(model, image_set, strategy, model_settings)
    rounds = measure(contender, bind_contender(contender, settings))
    failed = [[answer for answer in answers if answer.reason] for answers in rounds]
    most = max(failed, key=len)
    if len(most) > settings.max_errors:
        reasons = "; ".join(f"{answer.image}: {answer.error}" for answer in most)
        pytest.fail(
            f"round {failed.index(most) + 1}: {len(most)} of {len(rounds[0])} images without an answer, "
            f"--max-errors={settings.max_errors} allowed ({reasons:.1000})",
            pytrace=False,
        )
