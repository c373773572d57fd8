"""Tasks for a model, task files, and the known sets of a simulator."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fixtures.exchange.retries import Policy
from fixtures.images.image import Image, ImageSet
from fixtures.simulator.known_sets import KnownSets, make_known_sets
from fixtures.tasks.question import COUNT_PEOPLE, load_question
from fixtures.tasks.task import Task


def count_people(model: str, policy: Policy | None = None) -> Task:
    """Return the task of the bundled sets of people for a model."""
    return Task(load_question("four"), model, policy or Policy())


def know_people(images: Sequence[Image] = ()) -> KnownSets:
    """Return the simulator's known sets for these images, whose people are counted."""
    return make_known_sets(load_question("four"), ImageSet("known", tuple(images)))


def write_task(
    folder: Path,
    *lines: str,
    truth: Mapping[str, Any] | None = None,
    sha256: Mapping[str, str] | None = None,
) -> Path:
    """Write a task file into a folder and return the folder; without lines it counts people.

    The values of `truth` are TOML.
    """
    asked = lines or tuple(f'{key} = "{value}"' for key, value in COUNT_PEOPLE.items())
    tables = []
    if truth is not None:
        tables.append("\n".join(["[truth]", *(f'"{name}" = {value}' for name, value in truth.items())]))
    if sha256 is not None:
        tables.append("\n".join(["[sha256]", *(f'"{name}" = "{digest}"' for name, digest in sha256.items())]))
    (folder / "task.toml").write_text("\n".join([*asked, "", *tables, ""]), encoding="utf-8")
    return folder
