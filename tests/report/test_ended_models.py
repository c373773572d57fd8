"""A replay has one sentence per group about recorded models that were shut down or replaced."""

from typing import Any

import pytest

from benchmarks.history.groups import group_benchmarks
from benchmarks.report.page import make_markdown
from benchmarks.report.sentences.advice import describe_models
from tests.helpers.runs import read_made
from tests.helpers.terminal import show_group

SHUT_DOWN = "gemini-3-pro-preview was shut down on 9 March 2026 and can no longer be recorded from Gemini"
REROUTED = "gemini-3.5-flash: requests have been answered by gemini-3.6-flash since 8 October 2026."


def told(**changed: Any) -> list[str]:
    """Return the sentences about the model of a recording."""
    return describe_models([read_made("sequential", **changed).record])


@pytest.mark.parametrize(
    ("recorded_at", "is_told"),
    [("2026-10-07T12:00:00+00:00", True), ("2026-10-08T12:00:00+00:00", False), (None, True)],
)
def test_a_recording_from_before_the_change_of_model_has_the_sentence(recorded_at: str | None, is_told: bool) -> None:  # noqa: FBT001
    """The sentence is printed for recordings from before the change of model, and for those without a date."""
    assert told(source="gemini", recorded_at=recorded_at) == ([REROUTED] if is_told else [])


def test_a_recording_of_the_simulator_has_the_sentence() -> None:
    """A recording of the simulator under a Gemini model's name has the sentence, whatever its date."""
    (sentence,) = told(model="gemini-3-pro-preview")
    assert sentence.startswith(SHUT_DOWN)
    assert told(model="gemini-3.5-flash") == [REROUTED]


@pytest.mark.parametrize(
    "changed",
    [
        {"model": "gemini-3.8-flash"},
        {"model": "gemini-9"},
        {"source": "gateway.example:8080"},
        {"timing": "live", "source": "simulator"},
        {"timing": "virtual", "recorded_at": None},
    ],
    ids=str,
)
def test_other_models_and_runs_have_no_sentence(changed: dict[str, Any]) -> None:
    """There is no sentence for a current model, an unknown model, another server, or a run that is not a replay."""
    assert told(**changed) == []


def test_the_sentence_is_once_in_terminal_and_markdown() -> None:
    """The sentence is printed once for all strategies, as the last line of the group."""
    made = [read_made(name, model="gemini-3-pro-preview") for name in ("sequential", "concurrent")]
    assert show_group(made, is_verbose=False)[-1].startswith(SHUT_DOWN)
    for text in ("\n".join(show_group(made)), make_markdown(group_benchmarks(made))):
        assert text.count("was shut down on 9 March 2026") == 1
