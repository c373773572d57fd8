"""The commands that messages suggest keep the options that the user gave."""

from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.models.model_settings import NO_SETTINGS, ModelSettings
from fixtures.run.options.commands import explain_recording
from tests.helpers.settings import PLAIN


def find_command(sentence: str) -> str:
    """Return the command in a sentence."""
    return sentence.partition("'")[2].partition("'")[0]


def test_what_is_at_its_default_is_left_out() -> None:
    """Options at their defaults are left out of the suggested command."""
    assert explain_recording(PLAIN) == (
        "Record with 'tox -e record' (from Gemini, needs a key) or, from the bundled simulator, with -e simulate."
    )


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"models": ("m", "n")}, "--model=m --model=n"),
        ({"image_sets": ("four", "own")}, "--images=four --images=own"),
        ({"model_settings": {"thinking_level": ("low", None), "max_side": ()}}, "--thinking-level=low,default"),
        ({"task": "mine:TAGS"}, "--task=mine:TAGS"),
        ({"concurrency": 3}, "--concurrency=3"),
        ({"chunk": 3}, "--chunk=3"),
        ({"batch_deadline": 5400}, "--batch-deadline=5400s"),
        ({"max_errors": 2}, "--max-errors=2"),
        ({"cassette_dir": Path("other")}, "--cassette-dir=other"),
    ],
)
def test_an_option_of_the_user_is_kept(given: dict[str, object], option: str) -> None:
    """Each option that the user gave is in the suggested command, because it changes what is recorded, or where."""
    assert find_command(explain_recording(replace(PLAIN, **given))) == f"tox -e record -- {option}"  # type: ignore[arg-type]


def test_what_is_named_takes_the_place_of_what_the_user_has_chosen() -> None:
    """The model, image set and settings that lack a recording replace the user's longer choice in the command."""
    given = replace(PLAIN, models=("m", "n"), image_sets=("a", "b"), model_settings={"max_side": (64, 32)})
    options = {"model": "n", "image_set": "b", "strategies": ["batch"]}
    some = explain_recording(given, **options, model_settings=ModelSettings(max_side=32))  # type: ignore[arg-type]
    assert find_command(some) == "tox -e record -- --model=n --images=b --max-side=32 -k batch"
    none = explain_recording(given, **options, model_settings=NO_SETTINGS)  # type: ignore[arg-type]
    assert find_command(none) == "tox -e record -- --model=n --images=b -k batch"


def test_what_a_shell_would_take_apart_is_quoted() -> None:
    """Arguments with spaces are put in double quotes, because the command itself is in single quotes."""
    sentence = explain_recording(PLAIN, image_set='my "own" $photos', strategies=["files", "batch"])
    assert find_command(sentence) == r'tox -e record -- "--images=my \"own\" \$photos" -k "files or batch"'


@pytest.mark.parametrize("source", ["", "gemini", "simulator"])
def test_a_server_is_asked_again_where_it_was_recorded_from(source: str) -> None:
    """For a recording of another server, which has only its host and port, the command has the placeholder `URL`."""
    assert "URL" not in explain_recording(PLAIN, source=source)
    assert explain_recording(PLAIN, source="localhost:8000") == (
        "Record with 'tox -e record -- --base-url=URL', where URL is the address of localhost:8000, which answered the "
        "earlier recording."
    )
