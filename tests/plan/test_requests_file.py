"""The files of requests have the strategies' question about each image of a folder."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.plan import requests_file
from benchmarks.plan.requests_file import format_requests, write_requests
from fixtures.base.errors import RunError
from fixtures.exchange.sent import Sent
from fixtures.images import folder as images
from fixtures.models.model_settings import ModelSettings
from fixtures.tasks.question import make_kind
from tests.helpers.suite import make_images
from tests.helpers.tasks import count_people, write_task
from tests.plan.made import MODEL

LABELS = ('question = "What is shown?"', 'answer = "label"', 'choices = ["shoe", "shirt"]')
TOTALS = ('question = "What is the total? Return just the number."', 'answer = "number"', 'unit = "dollars"')
SHOES = make_kind({"answer": "label", "choices": ["shoe", "boot"]})
"""A kind that is named on the command line."""


def test_a_file_of_requests_asks_what_the_strategies_ask() -> None:
    """Each line has the prompt and the image that `sequential` sends, and the image's name as its key."""
    (picture, *_) = images.load_images("four").images
    (line,) = format_requests([picture], count_people(MODEL))
    document = json.loads(line)
    assert document["key"] == picture.name
    (part, text) = document["request"]["contents"][0]["parts"]
    assert base64.b64decode(part["inline_data"]["data"]) == picture.data
    assert text["text"] == count_people(MODEL).prompt
    sent = Sent("POST", f"models/{MODEL}:generateContent", json.dumps(document["request"]).encode())
    assert sent.images == (picture.sha256,)


def test_a_request_has_the_settings_of_its_task() -> None:
    """The settings are beside the contents, as documented: the tier in the request, the others in its configuration."""
    settings = ModelSettings(thinking_level="low", media_resolution="low", service_tier="flex")
    (line,) = format_requests(images.load_images("four").images[:1], replace(count_people(MODEL), settings=settings))
    request = json.loads(line)["request"]
    del request["contents"]
    assert request == {
        "service_tier": "flex",
        "generation_config": {
            "thinking_config": {"thinking_level": "LOW"},
            "media_resolution": "MEDIA_RESOLUTION_LOW",
        },
    }


def test_files_of_requests_are_as_large_as_they_may_be(tmp_path: Path) -> None:
    """Files are filled up to the limit of bytes or images, and an existing file is not overwritten."""
    folder = make_images(tmp_path / "set", {"a.jpg": 1, "b.jpg": 2, "c.jpg": 3})
    size = max(len(line) for line in format_requests(images.iterate_images(str(folder)), count_people(MODEL)))
    prefix = str(tmp_path / "requests")
    paths = write_requests(images.iterate_images(str(folder)), count_people(MODEL), prefix, most_bytes=2 * size)
    assert [path.name for path in paths] == ["requests-1.jsonl", "requests-2.jsonl"]
    assert [json.loads(line)["key"] for path in paths for line in path.read_text().splitlines()] == [
        "a.jpg",
        "b.jpg",
        "c.jpg",
    ]
    few = write_requests(images.iterate_images(str(folder)), count_people(MODEL), f"{tmp_path}/few", most_images=1)
    assert [len(path.read_text().splitlines()) for path in few] == [1, 1, 1]
    with pytest.raises(RunError, match=r"requests-1.jsonl cannot be written \(File exists\); choose another --prefix"):
        write_requests(images.iterate_images(str(folder)), count_people(MODEL), prefix)


@pytest.mark.parametrize(
    ("lines", "prompt"),
    [
        (LABELS, 'What is shown? Answer with exactly one of these: "shoe", "shirt".'),
        (TOTALS, "What is the total? Return just the number."),
    ],
)
def test_a_folders_own_question_is_asked(
    lines: tuple[str, ...], prompt: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prompt is that of the folder's question and kind of answer."""
    folder = write_task(make_images(tmp_path / "set", {"a.jpg": 1}), *lines)
    prefix = tmp_path / "requests"
    monkeypatch.setattr("sys.argv", ["requests_file", str(folder), f"--model={MODEL}", f"--prefix={prefix}"])
    assert requests_file.main() is None
    (line,) = Path(f"{prefix}-1.jsonl").read_text().splitlines()
    (_, text) = json.loads(line)["request"]["contents"][0]["parts"]
    assert text == {"text": prompt}


def test_a_kind_of_ones_own_is_asked_for_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the task file has no kind, `--task` gives it."""
    folder = write_task(make_images(tmp_path / "set", {"a.jpg": 1}), LABELS[0])
    prefix, task = tmp_path / "requests", f"--task={__name__}:SHOES"
    monkeypatch.setattr("sys.argv", ["requests_file", str(folder), f"--model={MODEL}", f"--prefix={prefix}", task])
    assert requests_file.main() is None
    (line,) = Path(f"{prefix}-1.jsonl").read_text().splitlines()
    (_, text) = json.loads(line)["request"]["contents"][0]["parts"]
    assert text == {"text": 'What is shown? Answer with exactly one of these: "shoe", "boot".'}
