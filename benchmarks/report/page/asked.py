"""What was asked about the images of a group, and some of the answers as text."""

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
"""The most images whose answers are shown as text."""
LONGEST = 200
"""The most characters of an answer that is shown as text."""
_NOT_CHECKED = "This is the question in the set's task file now; no request of this run has exactly this text."


@dataclass(frozen=True)
class Asked:
    """The question that was asked, and answers to it."""

    question: str
    """The prompt about one image; empty where it is not known."""
    for_many: str
    """The prompt about several images in one request, where a strategy sends several; else empty."""
    note: str
    """The sentence that says what is not known of the question; empty where it is what was sent."""
    answers: Table
    """The answers of one strategy about the first images, beside the true ones."""


def make_asked(group: Group, image_sets: Mapping[str, str], strategy: str) -> Asked:
    """Return what was asked about a group's images, and what this strategy of it answered in its median round.

    `image_sets` names the folder of a set that is not one of the suite's own.
    """
    answers, name = _make_answers(group, strategy), group.first.image_set
    question = _find_question(group.first, image_sets)
    digest = hashlib.sha256(question.prompt.encode()).hexdigest() if question else ""
    is_sent = any(record.prompt_sha256 == digest for record in group.records.values())
    if question is None or not (is_sent or find_folder(image_sets.get(name, name)).is_dir()):
        return Asked("", "", "The question is not known: the folder of these images is not at hand.", answers)
    sends_many = any(len(span.images) > 1 for record in group.records.values() for span in record.spans)
    for_many = question.for_many.replace("{n}", "N") if sends_many else ""
    return Asked(question.prompt, for_many, "" if is_sent else _NOT_CHECKED, answers)


def _find_question(record: Record, image_sets: Mapping[str, str]) -> Question | None:
    """Return the question of an image set; None where it is not at hand, or asks for answers of another kind now."""
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
    return Table(f"Answers of {strategy} about {first} (median round)", ["image", *truth, "answer"], rows)


def _format_value(kind: Kind, value: Any) -> str:
    """Return an answer as text: the parts of a record by name, anything else in the words of its kind."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_format_part(part)}" for name, part in value.items())
    return shorten(value, LONGEST) if isinstance(value, str) else kind.format_answer(value)


def _format_part(part: Any) -> str:
    if part is None:
        return "none"
    return shorten(part if isinstance(part, str) else json.dumps(part, ensure_ascii=False), LONGEST)
