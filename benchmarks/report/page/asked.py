"""The question about the images of a group, and some of the answers as text."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.history.groups import Group
from fixtures.base.errors import RunError
from fixtures.images.task_file import find_folder
from fixtures.run.record.record import Record
from fixtures.tasks.answer_text import shorten
from fixtures.tasks.kind import Kind
from fixtures.tasks.question import Question, load_question
from fixtures.text.tables import Table

SHOWN = 4
"""The largest number of images whose answers are shown as text."""
LONGEST = 200
"""The largest number of characters of an answer that is shown as text."""
_NOT_CHECKED = "This question is now in the task file of the image set; no request of this run has exactly this text."


@dataclass(frozen=True)
class Asked:
    """The question that was asked, and some of the answers."""

    question: str
    """The prompt about one image; empty if it is not known."""
    for_many: str
    """The prompt about several images in one request; empty if no strategy sends several."""
    note: str
    """The sentence that says that the question is not known or may differ; empty if it is the one that was sent."""
    answers: Table
    """The answers of one strategy to the first images, next to the truths."""


def make_asked(group: Group, image_sets: Mapping[str, str], strategy: str) -> Asked:
    """Return the question about a group's images, and the answers of this strategy in its median round.

    `image_sets` has the folders of the image sets that are not bundled, by name.
    """
    answers, name = _make_answers(group, strategy), group.first.image_set
    question = _find_question(group.first, image_sets)
    digest = hashlib.sha256(question.prompt.encode()).hexdigest() if question else ""
    is_sent = any(record.prompt_sha256 == digest for record in group.records.values())
    if question is None or not (is_sent or find_folder(image_sets.get(name, name)).is_dir()):
        return Asked("", "", "The question is not known: the folder of these images was not found.", answers)
    sends_many = any(len(span.images) > 1 for record in group.records.values() for span in record.spans)
    for_many = question.for_many.replace("{n}", "N") if sends_many else ""
    return Asked(question.prompt, for_many, "" if is_sent else _NOT_CHECKED, answers)


def _find_question(record: Record, image_sets: Mapping[str, str]) -> Question | None:
    """Return the question of an image set; None if it cannot be loaded, or asks for another kind of answer now."""
    kind = str(record.task.get("answer", ""))
    try:
        question = load_question(image_sets.get(record.image_set, record.image_set), kind if ":" in kind else "")
    except RunError:
        return None
    return question if question.options == record.task else None


def _make_answers(group: Group, strategy: str) -> Table:
    record = group.records[strategy]
    kind, images = record.kind, list(record.answers)[:SHOWN]
    first = f"the first {len(images)} of {len(record.answers)} images" if len(record.answers) > SHOWN else "all images"
    truth = ["true answer"] if record.truth else []
    rows = [
        [
            image,
            *([_format_value(kind, record.truth[image]) if image in record.truth else "not known"] if truth else []),
            "no answer" if record.answers[image] is None else _format_value(kind, record.answers[image]),
        ]
        for image in images
    ]
    return Table(f"Answers of {strategy} to {first} (median round)", ["image", *truth, "answer"], rows)


def _format_value(kind: Kind, value: Any) -> str:
    """Return an answer as text: the fields of a record by name, any other value as its kind formats it."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_format_part(part)}" for name, part in value.items())
    return shorten(value, LONGEST) if isinstance(value, str) else kind.format_answer(value)


def _format_part(part: Any) -> str:
    if part is None:
        return "none"
    return shorten(part if isinstance(part, str) else json.dumps(part, ensure_ascii=False), LONGEST)
