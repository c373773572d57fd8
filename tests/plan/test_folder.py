"""A user's own folder is planned with its own question, kind of answer, sizes and truths."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.plan import __main__ as command
from benchmarks.plan import samples
from benchmarks.plan.samples import read_subject, simulate_requests
from fixtures.base.errors import RunError
from fixtures.run.record.provenance import MADE_UP
from fixtures.simulator.projection import read_latencies
from fixtures.tasks.question import load_question, make_kind
from tests.helpers.forks import ROOT
from tests.helpers.suite import make_images
from tests.helpers.tasks import write_task
from tests.plan.made import CLIENT

RECEIPTS = ROOT / "fixtures" / "images" / "receipts"
MODEL = "gemini-3.8-flash"
CASSETTES = ROOT / "cassettes" / MODEL
TOTALS = ('question = "What is the total? Return just the number."', 'answer = "number"', 'unit = "dollars"')
TWELVE = {f"r{number:02}.jpg": 10.5 + number for number in range(1, 13)}
SHOES = make_kind({"answer": "label", "choices": ["shoe", "boot"]})
"""A kind that is named on the command line."""


@pytest.fixture
def receipts(tmp_path: Path) -> Path:
    """Return a folder of twelve receipts with the question about their totals."""
    folder = tmp_path / "my receipts"
    folder.mkdir()
    for name in TWELVE:
        shutil.copy(RECEIPTS / name, folder)
    return write_task(folder, *TOTALS, truth=TWELVE)


@pytest.fixture(autouse=True)
def few_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate few requests, and skip the measurement of the client."""
    monkeypatch.setattr(samples, "IMAGES", 240)
    monkeypatch.setattr(samples, "LEAST_REQUESTS", 24)
    monkeypatch.setattr(command, "measure_client", lambda: CLIENT)


def run_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *options: str | Path) -> str:
    """Return the command's output, or its error."""
    monkeypatch.setattr("sys.argv", ["plan", f"--model={MODEL}", *map(str, options)])
    told = command.main()
    return told if isinstance(told, str) else capsys.readouterr().out


def plan_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *options: str | Path
) -> dict[str, Any]:
    """Return the JSON document that the command prints."""
    document: dict[str, Any] = json.loads(run_command(monkeypatch, capsys, "--json", *options))
    return document


def test_a_folder_is_planned_for_in_its_own_terms(
    receipts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan has the folder's number of images, unit and sizes, and does not mention people."""
    text = run_command(monkeypatch, capsys, "--images", receipts, "--deadline=5m", "--least-right=0.5")
    assert text.startswith("12 images, gemini-3.8-flash, no rate limits, within 5 min, at least 50 % right\n")
    assert f"the bundled simulator, with the images in 'my receipts'. {MADE_UP} " in text
    assert "%, 12 images), off by " in text
    assert " dollars; " in text
    assert "An image in 'my receipts' has 50 KB on average: a request can inline " in text
    assert "people" not in text


def test_programs_get_the_folder_its_number_and_its_unit(
    receipts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The document names them, and has a plan of all images in one prompt."""
    document = plan_folder(monkeypatch, capsys, "--images", receipts)
    assert (document["asked"]["images"], document["asked"]["folder"]) == (12, str(receipts))
    assert {(plan["unit"], plan["judged"]) for plan in document["plans"]} == {("dollars", 12)}
    assert "single_prompt" in {plan["strategy"] for plan in document["plans"]}


def test_a_bundled_set_is_planned_for_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--images=four` plans for the bundled set."""
    assert run_command(monkeypatch, capsys, "--images=four").startswith("4 images, ")


def test_images_without_a_truth_are_not_judged(tmp_path: Path) -> None:
    """Only the one image of three with a truth is judged, alone or in a prompt with others."""
    folder = make_images(tmp_path / "set", {"a.jpg": 1, "b.jpg": 2, "c.jpg": 3})
    write_task(folder, *TOTALS, truth={"b.jpg": 2.5})
    subject = read_subject(str(folder))
    for size in (1, 3):
        sample = simulate_requests(MODEL, subject, size)
        assert sample.judged == 1
        assert sample.right is not None
        assert {len(request.judged) for request in sample.requests} == ({0, 1} if size == 1 else {1})


@pytest.mark.parametrize("size", [1, 3])
def test_the_question_is_that_of_the_folder(size: int, receipts: Path) -> None:
    """The simulated requests have a token per four characters of the folder's prompt, for one image or several."""
    subject = read_subject(str(receipts))
    prompt = subject.question.prompt if size == 1 else subject.question.make_prompt(size)
    sample = simulate_requests(MODEL, subject, size)
    assert {request.text_tokens for request in sample.requests} == {len(prompt) // 4}


def test_the_sizes_are_those_of_the_folder(receipts: Path) -> None:
    """Requests with larger images take longer, because sending takes longer."""
    subject = read_subject(str(receipts))
    assert subject.image_bytes == sum(path.stat().st_size for path in receipts.glob("*.jpg")) / 12
    larger = replace(subject, sizes=dict.fromkeys(subject.sizes, 4_000_000))
    one, another = (simulate_requests(MODEL, each, 1).mean_seconds for each in (subject, larger))
    assert another > one + 2


def test_a_request_inlines_as_many_as_their_size_allows(
    receipts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A request inlines three images of 5 MB and none of 20 MB, whatever the size of the client's images."""
    monkeypatch.setattr(samples.Subject, "image_bytes", 5_000_000)
    text = run_command(monkeypatch, capsys, "--images", receipts)
    assert (
        "single_prompt and structured: not planned, because a request holds at most 3 images of this size, not 12.\n"
        in text
    )
    assert "chunked (chunk 3, concurrency 4)" in text
    monkeypatch.setattr(samples.Subject, "image_bytes", 20_000_000)
    text = run_command(monkeypatch, capsys, "--images", receipts)
    assert "chunked: not planned, because a request holds at most 0 images of this size.\n" in text
    assert "Does not fit: sequential, concurrent or streamed, bounded or threads (concurrency " in text
    assert "), because a request of at most 20 MB can inline 0 images of this size.\n" in text
    assert "files, because a request" not in text, "which uploads them"
    assert "\nbatch: not planned, because a request holds at most 0 images of this size, not 12.\n" in text
    assert (
        "\nsingle_prompt and structured: not planned, because a request holds at most 0 images of this size, not 12.\n"
        in text
    )
    monkeypatch.setattr(samples.Subject, "image_bytes", 5_000_000)
    text = run_command(monkeypatch, capsys, "--images", receipts)
    assert "has 5000 KB on average: a request can inline 3 of them.\n" in text
    assert "The Batch API takes them as a file of requests" in text


def test_long_texts_are_judged_by_some_of_the_requests_and_timed_by_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long texts are judged in the first requests only, because misreading them takes time; latencies are the same."""
    folder = make_images(tmp_path / "set", {"a.jpg": 1, "b.jpg": 2})
    text = '"' + "all that stands on this page " * 20 + '"'
    subject = read_subject(
        str(write_task(folder, 'question = "Read it."', 'answer = "text"', truth={"a.jpg": text, "b.jpg": text}))
    )
    every = simulate_requests(MODEL, subject, 2)
    monkeypatch.setattr(samples, "MOST_JUDGED", 10 * every.requests[0].output_tokens)
    some = simulate_requests(MODEL, subject, 2)
    assert some.seconds == every.seconds
    assert [bool(request.judged) for request in some.requests] == [True] * 10 + [False] * (len(some.seconds) - 10)
    assert some.judged == 2
    assert some.right == pytest.approx(every.right, abs=0.01)


def test_recorded_answers_are_judged_by_the_truths_of_the_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Recorded answers about images of the folder are judged by its truths; other answers are not judged."""
    cassette = f"--latency-from={CASSETTES / 'receipts' / 'sequential.yaml'}"
    (own, *_) = plan_folder(monkeypatch, capsys, "--images=receipts", cassette)["plans"]
    assert own["judged"] == 12
    assert own["right"] > 0.8
    text = run_command(monkeypatch, capsys, "--images=receipts", cassette)
    assert "% of fields right (" in text
    (other, *_) = plan_folder(monkeypatch, capsys, "--images=four", cassette)["plans"]
    assert (other["judged"], other["right"]) == (0, None)


def test_a_number_of_images_is_told_in_the_terms_of_the_recordings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plan for a number of images uses the recordings' kind of answer; two kinds are refused."""
    receipts, *people = (
        f"--latency-from={CASSETTES / name / 'sequential.yaml'}" for name in ("receipts", "four", "sixteen")
    )
    assert "% of fields right (" in run_command(monkeypatch, capsys, "--images=500", receipts)
    assert ", 20 images), off by " in run_command(monkeypatch, capsys, "--images=500", *people)
    told = run_command(monkeypatch, capsys, "--images=500", receipts, *people)
    assert told == (
        "plan: --latency-from: the cassettes hold different kinds of answers; name cassettes of one kind only."
    )


def test_a_kind_of_ones_own_is_planned_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The kind of `--task` is planned, and the suggested command for files of requests has `--task` too."""
    folder = write_task(make_images(tmp_path / "set", {"a.jpg": 1}), 'question = "What?"', truth={"a.jpg": '"boot"'})
    task = f"{__name__}:SHOES"
    assert read_subject(str(folder), task).question.kind is SHOES
    monkeypatch.setattr(samples.Subject, "image_bytes", 10**8)
    text = run_command(monkeypatch, capsys, "--images", folder, "--task", task)
    assert f"python -m benchmarks.plan.requests_file {folder} --model {MODEL} --task {task}\n" in text


def test_what_is_wrong_in_a_folder_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error in the task file has the same message as in a run."""
    folder = write_task(make_images(tmp_path / "set", {"a.jpg": 1}), 'question = "What?"', 'answer = "colour"')
    with pytest.raises(RunError) as raised:
        load_question(str(folder))
    assert run_command(monkeypatch, capsys, "--images", folder) == f"plan: {raised.value}"


def test_recordings_are_judged_by_the_bundled_sets_where_no_folder_is_named() -> None:
    """Without a folder, each recorded answer is judged by the kind and truths of its bundled set."""
    both = read_latencies((CASSETTES / "receipts" / "sequential.yaml", CASSETTES / "four" / "sequential.yaml"), MODEL)
    assert both.kinds == (load_question("receipts").kind, load_question("four").kind)
    assert all(request.judged for request in both.latencies.observations)
    own = read_latencies((CASSETTES / "four" / "sequential.yaml",), MODEL, (RECEIPTS,))
    assert own.kinds == ()
    assert not any(request.judged for request in own.latencies.observations)
