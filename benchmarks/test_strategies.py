"""The comparison: a benchmark for each strategy, on each model and image set that is recorded or selected."""

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
    """Make a test for each contender."""
    settings = get_settings(metafunc.config)
    set_binder(metafunc.config, lambda contender: bind_contender(contender, settings))
    parametrize(metafunc, STRATEGIES)


def bind_contender(contender: Contender, settings: Settings) -> BoundStrategy:
    """Return the strategy of a contender, bound to the question of its image set, its model and its settings."""
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
    """A strategy answers every image, in the order of the images; at most `--max-errors` images have no answer."""
    settings, contender = get_settings(pytestconfig), Contender(model, image_set, strategy, model_settings)
    rounds = measure(contender, bind_contender(contender, settings))
    failed = [[answer for answer in answers if answer.reason] for answers in rounds]
    most = max(failed, key=len)
    if len(most) > settings.max_errors:
        reasons = "; ".join(f"{answer.image}: {answer.error}" for answer in most)
        pytest.fail(
            f"round {failed.index(most) + 1}: {len(most)} of {len(rounds[0])} images have no answer, "
            f"more than --max-errors={settings.max_errors} ({reasons:.1000})",
            pytrace=False,
        )
