"""A replay says that the recorded model does not answer any more, in one sentence of its group."""

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
    """Return what is said of a recording."""
    return describe_models([read_made("sequential", **changed).record])


@pytest.mark.parametrize(
    ("recorded_at", "is_told"),
    [("2026-10-07T12:00:00+00:00", True), ("2026-10-08T12:00:00+00:00", False), (None, True)],
)
def test_gemini_recorded_before_another_model_answered_is_told(recorded_at: str | None, is_told: bool) -> None:  # noqa: FBT001
    """After that, the model that answered names itself in the answers; when nobody knows when, it is told."""
    assert told(source="gemini", recorded_at=recorded_at) == ([REROUTED] if is_told else [])


def test_the_simulators_recording_of_such_a_model_is_told() -> None:
    """It goes by the name of Gemini's model, whenever it was recorded."""
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
def test_nothing_is_said_where_nothing_ended(changed: dict[str, Any]) -> None:
    """A model that goes on, one that is not known, another server's, and what was not recorded."""
    assert told(**changed) == []


def test_the_sentence_stands_once_in_terminal_and_markdown() -> None:
    """However many strategies were recorded, below where the figures come from."""
    made = [read_made(name, model="gemini-3-pro-preview") for name in ("sequential", "concurrent")]
    assert show_group(made, is_verbose=False)[-1].startswith(SHUT_DOWN)
    for text in ("\n".join(show_group(made)), make_markdown(group_benchmarks(made))):
        assert text.count("was shut down on 9 March 2026") == 1
