"""Every request to the model has the settings of the task, and no strategy contains code about settings.

The tests check the requests that arrive at the simulator, in process and in virtual time.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import benchmarks.strategies
from benchmarks.scaling.single_round import run_round
from benchmarks.strategies import STRATEGIES, bind_strategy
from fixtures.base.errors import RunError
from fixtures.exchange.questions import list_job_requests
from fixtures.exchange.reply import Exchange
from fixtures.exchange.sent import QUESTIONS
from fixtures.images.folder import load_images
from fixtures.models.model_settings import NO_SETTINGS, ModelSettings
from fixtures.simulator.known_sets import make_known_sets
from fixtures.simulator.start import start_in_process
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock

MODEL = "gemini-3.5-flash"
IMAGES = load_images("four")
LEVEL = ModelSettings(thinking_level="low", media_resolution="low", service_tier="flex")
BUDGET = ModelSettings(thinking_budget=128)
CONFIG: dict[ModelSettings, dict[str, Any]] = {
    LEVEL: {"mediaResolution": "MEDIA_RESOLUTION_LOW", "thinkingConfig": {"thinking_level": "LOW"}},
    BUDGET: {"thinkingConfig": {"thinking_budget": 128}},
}
"""The keys that each adds to the `generationConfig` of a request."""
TIER = {LEVEL: {"serviceTier": "flex"}, BUDGET: {}}
"""The keys that each adds outside of `generationConfig`."""
SCHEMA = {"responseMimeType", "responseSchema"}
"""The keys that `generationConfig` may have without settings."""
BAD_DAY = "503=0.5,too-short=0.5"
"""Faults of which every request gets one, so that requests are retried and images are asked about one by one."""
UNKNOWN = re.compile(
    "|".join((*(each.name for each in fields(ModelSettings)), "thinking", "model_?settings", r"task\.settings")),
    re.IGNORECASE,
)
"""The names of settings, which must not occur in a strategy's code."""


def send(strategy: str, settings: ModelSettings, faults: str = "") -> list[dict[str, Any]]:
    """Run a strategy with concurrency 2 and chunk 2; return the bodies of the requests to the model."""
    task = Task(load_question("four"), MODEL, settings=settings)
    simulator = start_in_process(MODEL, make_known_sets(task.question, IMAGES), faults=faults)
    wire = Wire(virtual_clock(), SimulatorResponder(simulator))
    timed = run_round(bind_strategy(task, strategy, concurrency=2, chunk=2), IMAGES.images, wire)
    return [body for exchange in timed.round.exchanges for body in list_questions(exchange)]


def list_questions(exchange: Exchange) -> Iterator[dict[str, Any]]:
    """Yield the body of each question in a request; the request of a batch job has several."""
    yield from map(spell_like_the_sdk, list_job_requests(exchange.sent.body))
    if exchange.sent.resource.endswith(QUESTIONS):
        yield exchange.sent.body


def spell_like_the_sdk(body: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a question with the SDK's names in place of the documented ones, which batch files use."""
    renamed = {"generation_config": "generationConfig", "service_tier": "serviceTier"}
    renamed |= {"thinking_config": "thinkingConfig", "media_resolution": "mediaResolution"}
    spelled = {renamed.get(name, name): value for name, value in body.items()}
    if "generationConfig" in spelled:
        config = spelled["generationConfig"]
        spelled["generationConfig"] = {renamed.get(name, name): value for name, value in config.items()}
    return spelled


def count_images(bodies: list[dict[str, Any]]) -> int:
    """Return the number of images, inlined or given by their URI."""
    parts = [part for body in bodies for content in body["contents"] for part in content["parts"]]
    return sum("text" not in part for part in parts)


def remove_settings(body: dict[str, Any], settings: ModelSettings) -> dict[str, Any]:
    """Return a body without the keys of the settings; assert that all of them are there."""
    bare = deepcopy(body)
    config = bare.pop("generationConfig")
    assert {name: config.pop(name, None) for name in CONFIG[settings]} == CONFIG[settings]
    assert {name: bare.pop(name, None) for name in TIER[settings]} == TIER[settings]
    return bare | ({"generationConfig": config} if config else {})


def spell(bodies: list[dict[str, Any]]) -> set[str]:
    """Return the distinct bodies as text, without order or repetitions."""
    return {json.dumps(body, sort_keys=True) for body in bodies}


@pytest.mark.parametrize("settings", [LEVEL, BUDGET], ids=lambda settings: settings.name)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_settings_are_added_to_every_question(strategy: str, settings: ModelSettings) -> None:
    """Settings are added to every question and change nothing else in it."""
    without, found = send(strategy, NO_SETTINGS), send(strategy, settings)
    assert count_images(found) >= len(IMAGES.images)
    assert spell([remove_settings(body, settings) for body in found]) == spell(without)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_retried_requests_have_the_settings_too(strategy: str) -> None:
    """Retried requests have the settings too."""
    found = send(strategy, LEVEL, BAD_DAY)
    assert count_images(found) >= len(IMAGES.images)
    for body in found:
        remove_settings(body, LEVEL)


def test_the_faults_of_a_bad_day_cause_all_kinds_of_questions() -> None:
    """The faults of `BAD_DAY` cause retries of a prompt, and questions about single images."""
    found = [count_images([body]) for body in send("single_prompt", LEVEL, BAD_DAY)]
    assert found.count(len(IMAGES.images)) >= 2
    assert found.count(1) >= len(IMAGES.images)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_without_settings_a_question_has_none(strategy: str) -> None:
    """Without settings, a question has only its contents and, if structured, a response schema."""
    found = send(strategy, NO_SETTINGS, BAD_DAY)
    assert count_images(found) >= len(IMAGES.images)
    for body in found:
        assert set(body) <= {"contents", "generationConfig"}
        assert set(body.get("generationConfig", SCHEMA)) == SCHEMA


def test_the_structured_strategy_keeps_its_schema() -> None:
    """The configuration of the structured strategy has both the schema and the settings."""
    (body,) = send("structured", LEVEL)
    assert set(body["generationConfig"]) == SCHEMA | set(CONFIG[LEVEL])


def test_no_strategy_mentions_settings() -> None:
    """No strategy mentions a setting: they all come from the task's configuration."""
    modules = list(Path(benchmarks.strategies.__path__[0]).glob("*.py"))
    texts = {path.name: path.read_text(encoding="utf-8") for path in modules}
    assert set(texts) > {f"{name}.py" for name in STRATEGIES}
    assert {name: found for name, text in texts.items() if (found := UNKNOWN.findall(text))} == {}
    assert [name for name, text in texts.items() if "GenerateContentConfig" in text] == []


def test_files_are_deleted_if_a_setting_is_refused() -> None:
    """If the model refuses a setting, the uploaded files are deleted."""
    task = Task(load_question("four"), "gemini-3.8-flash", settings=ModelSettings(thinking_level="minimal"))
    simulator = start_in_process(task.model, make_known_sets(task.question, IMAGES))
    wire = Wire(virtual_clock(), SimulatorResponder(simulator))
    with pytest.raises(RunError, match=r"^The model refused a setting: Thinking level MINIMAL is not"):
        run_round(bind_strategy(task, "files"), IMAGES.images, wire)
    methods = Counter(
        exchange.sent.method for exchange in wire.exchanges if exchange.sent.resource.startswith("files/")
    )
    assert methods["DELETE"] == len(IMAGES.images)
