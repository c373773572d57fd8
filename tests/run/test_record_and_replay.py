"""Requests recorded over real sockets are replayed offline with their seconds, round by round."""

import asyncio
import hashlib
import json
import re
import time
from pathlib import Path

import pytest
import yaml
from vcr import VCR

from fixtures.simulator.serving.process import run_simulator
from tests.helpers.forks import ROOT
from tests.helpers.suite import Run, make_images, run_suite

MODEL = "gemini-3-pro-preview"
PEOPLE = {"bus.jpg": 4, "crowd1.jpg": 95, "crowd2.jpg": 110, "classroom.jpg": 9}
STRATEGIES = ("sequential", "concurrent", "single_prompt")
KEY = "made-up-key-" + hashlib.sha256(b"a key that must not be stored").hexdigest()[:27]
TIME_SCALE = 0.01
"""A published minute takes 0.6 seconds."""


class Recording:
    """A recording of all strategies, and its replay."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images = make_images(folder / "four", PEOPLE)
        self.cassettes = folder / "cassettes"
        with run_simulator(time_scale=TIME_SCALE, folders=[self.images]) as url:
            options = ("--record-mode=rewrite", f"--base-url={url}", f"--model={MODEL}", "--rounds=3")
            self.recorded = self.run(*options, GEMINI_API_KEY=KEY)
        self.replayed = self.run()

    def run(self, *options: str | Path, **environment: str) -> Run:
        """Run the suite on this recording's images and cassettes."""
        places = (f"--images={self.images}", f"--cassette-dir={self.cassettes}")
        return run_suite(self.folder, *places, *options, **environment)

    def list_elapsed(self, strategy: str) -> list[list[float]]:
        """Return the recorded seconds of each exchange, by round."""
        interactions = yaml.safe_load(self.cassette(strategy).read_text())["interactions"]
        recorded = [each["response"]["recorded"] for each in interactions]
        return [[each["elapsed"] for each in recorded if each["round"] == number] for number in range(3)]

    def cassette(self, strategy: str) -> Path:
        """Return the path of a strategy's cassette."""
        return self.cassettes / MODEL / "four" / f"{strategy}.yaml"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Record all strategies once, at a hundredth of the seconds."""
    recording = Recording(tmp_path_factory.mktemp("recording"))
    assert recording.recorded.code == 0, recording.recorded.output
    assert recording.replayed.code == 0, recording.replayed.output
    return recording


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_round_replays_with_its_seconds(recording: Recording, strategy: str) -> None:
    """No replayed round is shorter than its exchanges, and at least one of three takes as long as it was recorded.

    On a busy machine any recorded or replayed round may take longer.
    """
    recorded, replayed = recording.recorded.seconds(strategy), recording.replayed.seconds(strategy)
    assert recorded == pytest.approx(recording.replayed.info(strategy)["recorded_seconds"], abs=1e-6)
    assert len(replayed) == 3
    join = max if strategy == "concurrent" else sum
    elapsed = recording.list_elapsed(strategy)
    assert all(seconds >= join(each) - 1e-5 for seconds, each in zip(replayed, elapsed, strict=True))
    assert min(abs(now - then) for now, then in zip(replayed, recorded, strict=True)) < 0.05


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_replay_gives_the_recorded_answers_tokens_and_cost(recording: Recording, strategy: str) -> None:
    """All fields that do not depend on the machine are the same on replay."""
    recorded, replayed = recording.recorded.info(strategy), recording.replayed.info(strategy)
    machine = {"timing", "client_cpu_seconds", "spans", "recorded_seconds"}
    assert {k: v for k, v in recorded.items() if k not in machine} == {
        k: v for k, v in replayed.items() if k not in machine
    }
    assert (recorded["timing"], replayed["timing"]) == ("live", "replayed")
    assert [names for *_, names in recorded["spans"]] == [names for *_, names in replayed["spans"]]


def test_the_strategies_send_what_they_say(recording: Recording) -> None:
    """Strategies send one request per image or one for all; sequential requests do not overlap, concurrent ones do."""
    spans = {strategy: recording.replayed.info(strategy)["spans"] for strategy in STRATEGIES}
    for strategy in ("sequential", "concurrent"):
        assert sorted(names for *_, names in spans[strategy]) == sorted([name] for name in PEOPLE)
    assert [sorted(names) for *_, names in spans["single_prompt"]] == [sorted(PEOPLE)]
    ends = [end for _, end, _, _ in spans["sequential"]]
    assert all(start >= end for (start, *_), end in zip(spans["sequential"][1:], ends, strict=False))
    assert max(start for start, *_ in spans["concurrent"]) < min(end for _, end, _, _ in spans["concurrent"])


def test_a_cassette_holds_digests_and_no_image_bytes(recording: Recording) -> None:
    """A cassette names its images by digest and size, so the file stays small."""
    text = recording.cassette("single_prompt").read_text()
    document = yaml.safe_load(text)
    parts = document["interactions"][0]["request"]["body"]["contents"][0]["parts"]
    data = (recording.images / "bus.jpg").read_bytes()
    assert parts[0] == {"text": "Image 1:"}
    expected = {
        "inlineData": {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "mime_type": "image/jpeg"}
    }
    assert expected in parts[1::2], "the images are in another order in every round"
    assert len(text) < 16_384
    assert [image["name"] for image in document["metadata"]["images"]] == list(PEOPLE)


def test_the_key_is_stored_nowhere(recording: Recording) -> None:
    """The key used for a recording is in no file of the recording's folder or the project."""
    assert KEY not in recording.recorded.output
    for folder in (recording.folder, ROOT):
        for path in folder.rglob("*"):
            if path.is_file() and not {".tox", ".venv", ".git"} & set(path.parts):
                assert KEY.encode() not in path.read_bytes(), path


def test_stock_vcrpy_replays_a_cassette(recording: Recording) -> None:
    """Unmodified vcrpy, matching on method and path, replays the recorded answers."""
    from google import genai  # noqa: PLC0415
    from google.genai import types  # noqa: PLC0415

    path = recording.cassette("single_prompt")
    with VCR().use_cassette(str(path), record_mode="none", match_on=["method", "path"]):
        client = genai.Client(api_key="none", http_options=types.HttpOptions(base_url="http://127.0.0.1:9"))
        response = client.models.generate_content(model=MODEL, contents="anything")
    assert response.text is not None
    assert len(json.loads(response.text)) == 4
    assert 4 in json.loads(response.text)


def test_the_bundled_simulator_is_started_and_knows_the_true_numbers(tmp_path: Path) -> None:
    """`--simulate` starts the simulator; its recordings name it as their source, without its random port."""
    folder = make_images(tmp_path / "two", {"a.jpg": 1, "b.jpg": 2})
    places = (f"--images={folder}", f"--cassette-dir={tmp_path / 'cassettes'}")
    options = ("--record-mode=rewrite", "--simulate", "--rounds=1", "--model=gemini-2.5-flash", "-k", "single_prompt")
    recorded = run_suite(tmp_path, *places, *options, GEMINI_API_KEY=KEY)
    assert recorded.code == 0, recorded.output
    assert recorded.info("single_prompt")["answers"] == {"a.jpg": 1, "b.jpg": 2}
    assert recorded.info("single_prompt")["source"] == "simulator"
    text = (tmp_path / "cassettes" / "gemini-2.5-flash" / "two" / "single_prompt.yaml").read_text()
    assert "uri: http://simulator/v1/models/gemini-2.5-flash:generateContent" in text
    assert "127.0.0.1" not in text


def test_lost_concurrency_fails_the_gate(recording: Recording) -> None:
    """Concurrent requests that are sent one after another fail the gate with a sentence and no traceback."""
    storage = f"--benchmark-storage={recording.folder / 'gate'}"
    assert recording.run(storage, "--benchmark-save=baseline").code == 0
    gate = (storage, "--benchmark-compare", "--benchmark-compare-fail=mean:5%")
    one_by_one = recording.run(*gate, "-p", "tests.helpers.one_by_one")
    assert one_by_one.code == 1
    assert "Performance has regressed" in one_by_one.output
    assert "Speedup: against" in one_by_one.output, "the summary is printed although the gate failed"
    assert "Traceback" not in one_by_one.output
    assert "INTERNALERROR" not in one_by_one.output
    assert sum(one_by_one.seconds("concurrent")) > 1.2 * sum(recording.replayed.seconds("concurrent"))


def test_a_timing_of_real_waits_for_real(recording: Recording) -> None:
    """With `--timing=real`, a replay really waits the recorded seconds, and reports them."""
    began = time.monotonic()
    replayed = recording.run("--timing=real", "-k", "single_prompt")
    passed = time.monotonic() - began
    interactions = yaml.safe_load(recording.cassette("single_prompt").read_text())["interactions"]
    waits = [each["response"]["recorded"]["elapsed"] for each in interactions]
    assert replayed.code == 0, replayed.output
    assert passed > sum(waits)
    assert all(now >= then for now, then in zip(replayed.seconds("single_prompt"), waits, strict=True))


def test_a_changed_image_is_a_miss(recording: Recording) -> None:
    """An image that differs from the recorded one gets no answer, and the replay fails in one sentence."""
    changed = make_images(recording.folder / "changed" / "four", PEOPLE)
    other = make_images(recording.folder / "other", {"other.jpg": 4}) / "other.jpg"
    table = (changed / "task.toml").read_text()
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (changed / "bus.jpg", other)]
    (changed / "task.toml").write_text(table.replace(digests[0], digests[1]))
    (changed / "bus.jpg").write_bytes(other.read_bytes())
    replayed = run_suite(recording.folder, f"--images={changed}", f"--cassette-dir={recording.cassettes}")
    assert replayed.code == 1
    assert re.search(
        r"sequential\.yaml has no recording of a request: in round 1, bus\.jpg differs from the recorded one "
        r"\(\w{12} instead of \w{12}\); the same: prompt, model \(\d of the round's 4 recordings were used\)\. "
        r"Undo the change, or record again\. Record with 'tox -e record -- --model=gemini-3-pro-preview",
        replayed.output,
    )
    assert re.search(r"image \d, bus\.jpg, differs from the recorded one", replayed.output), "the single prompt"
    assert "Traceback" not in replayed.output
    assert replayed.benchmarks == {}


def test_a_recording_that_fails_leaves_the_cassette(recording: Recording) -> None:
    """If a server fails during a recording, the earlier cassette is unchanged."""
    before = recording.cassette("sequential").read_bytes()

    async def serve_two_answers() -> Run:
        answered = 0

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal answered
            await reader.readuntil(b"\r\n\r\n")
            if answered < 2:  # the check before the first round, and a first image
                body = b'{"candidates":[{"content":{"parts":[{"text":"1"}],"role":"model"}}]}'
                writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
                answered += 1
            else:
                writer.write(b"HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        options = ("--record-mode=rewrite", f"--base-url={url}", f"--model={MODEL}", "-k", "sequential")
        async with server:
            return await asyncio.to_thread(recording.run, *options)

    failed = asyncio.run(serve_two_answers())
    assert failed.code == 1
    assert "nothing was recorded" in failed.output
    assert "Traceback" not in failed.output
    assert recording.cassette("sequential").read_bytes() == before
    assert [path.name for path in recording.cassette("sequential").parent.iterdir() if path.suffix != ".yaml"] == []


JOBS = ("batch", "batch_files")


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """Record the batch strategies, at a hundredth of the seconds; return the folder and the run."""
    folder = tmp_path_factory.mktemp("jobs")
    images = make_images(folder / "four", PEOPLE)
    with run_simulator(time_scale=TIME_SCALE, folders=[images]) as url:
        options = ("--record-mode=rewrite", f"--base-url={url}", f"--model={MODEL}", "--rounds=2", "-k", "batch")
        return folder, run_suite(folder, *place(folder), *options, GEMINI_API_KEY=KEY)


def place(folder: Path, images: str = "four") -> tuple[str, str]:
    """Return the options for the folders of images and cassettes."""
    return f"--images={folder / images}", f"--cassette-dir={folder / 'cassettes'}"


def test_jobs_replay_with_their_answers_tokens_and_cost(jobs: tuple[Path, Run]) -> None:
    """Uploads, jobs, polls and downloads of results replay like other requests."""
    folder, recorded = jobs
    assert recorded.code == 0, recorded.output
    replayed = run_suite(folder, *place(folder), "-k", "batch")
    assert replayed.code == 0, replayed.output
    kept = ("answers_by_round", "errors", "input_tokens", "image_tokens", "thoughts_tokens", "cost_usd", "served_tiers")
    for strategy in JOBS:
        now, then = replayed.info(strategy), recorded.info(strategy)
        assert {name: now[name] for name in kept} == {name: then[name] for name in kept}
        assert now["served_tiers"] == {"batch": 4}
        assert min(abs(a - b) for a, b in zip(replayed.seconds(strategy), now["recorded_seconds"], strict=True)) < 0.05
    spans = [sorted(names) for *_, names in replayed.info("batch_files")["spans"] if names]
    assert spans == [sorted(PEOPLE)], "the upload is told by its images"
    path = folder / "cassettes" / MODEL / "four" / "batch_files.yaml"
    first = next(
        each for each in yaml.safe_load(path.read_text())["interactions"] if isinstance(each["request"]["body"], list)
    )
    assert [line["key"] for line in first["request"]["body"]] == ["1", "2", "3", "4"]
    assert path.stat().st_size < 48_000


@pytest.mark.parametrize(("fault", "answered"), [("result-503", 4), ("job-partial", 2)])
def test_a_job_that_went_wrong_replays_so(fault: str, answered: int, tmp_path: Path) -> None:
    """A failed job replays with the same answers, reasons and failed requests, however often it is polled."""
    images = make_images(tmp_path / "four", PEOPLE)
    with run_simulator(time_scale=TIME_SCALE, folders=[images], options=[f"--faults={fault}"]) as url:
        options = ("--record-mode=rewrite", f"--base-url={url}", f"--model={MODEL}", "--rounds=1", "--max-errors=2")
        recorded = run_suite(tmp_path, *place(tmp_path), *options, "-k", "batch")
    assert recorded.code == 0, recorded.output
    replayed = run_suite(tmp_path, *place(tmp_path), "-k", "batch", "--max-errors=2")
    assert replayed.code == 0, replayed.output
    for strategy in JOBS:
        now, then = replayed.info(strategy), recorded.info(strategy)
        for name in ("answers", "errors", "requests", "retries", "cost_usd"):
            assert now[name] == then[name], name
        assert len(now["errors"]) == 4 - answered
        assert now["retries"] == (2 if fault == "result-503" else 0)


@pytest.fixture(scope="module")
def given_up(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """Record jobs that stay pending, with a deadline; return the folder and the run."""
    folder = tmp_path_factory.mktemp("given up")
    images = make_images(folder / "four", PEOPLE)
    with run_simulator(time_scale=TIME_SCALE, folders=[images], options=["--faults=job-pending"]) as url:
        options = ("--record-mode=rewrite", f"--base-url={url}", f"--model={MODEL}", "--rounds=1", "-k", "batch")
        return folder, run_suite(folder, *place(folder), *options, "--batch-deadline=3s")


def test_a_job_that_was_given_up_replays_so(given_up: tuple[Path, Run]) -> None:
    """A job cancelled after three seconds replays with an answer for every image, and the record has the deadline."""
    folder, recorded = given_up
    assert recorded.code == 0, recorded.output
    replayed = run_suite(folder, *place(folder), "-k", "batch", "--batch-deadline=3s", "--strict-cassettes")
    assert replayed.code == 0, replayed.output
    for strategy in JOBS:
        now, then = replayed.info(strategy), recorded.info(strategy)
        assert now["settings"] == then["settings"] == {"batch_deadline": 3, "concurrency": 8}
        assert None not in now["answers"].values()
        for name in ("answers", "requests", "cost_usd", "served_tiers"):
            assert now[name] == then[name], name
        assert now["served_tiers"].get("batch") is None
        assert all(seconds > 3 for seconds in replayed.seconds(strategy))


def test_another_deadline_than_the_recorded_one_is_told(given_up: tuple[Path, Run], jobs: tuple[Path, Run]) -> None:
    """Replayed without its deadline, a job leaves images unanswered; with a new one, the cancellation is a miss."""
    folder, _ = given_up
    waiting = run_suite(folder, *place(folder), "-k", "batch", "--max-errors=4")
    assert "it was recorded with batch_deadline 3; its seconds without batch_deadline are proj" in waiting.output
    assert "unavailable: the job was cancelled" in waiting.output
    folder, _ = jobs
    hurried = run_suite(folder, *place(folder), "-k", "batch", "--batch-deadline=1s")
    assert hurried.code == 1
    assert "the API method is POST batches:cancel instead of " in hurried.output
    assert "--batch-deadline=1s" in hurried.output, "the command that records it so"


def test_a_changed_image_is_a_miss_of_its_job_too(jobs: tuple[Path, Run]) -> None:
    """A changed image is named although an upload begins with a request that has only its size."""
    folder, _ = jobs
    changed = make_images(folder / "changed" / "four", PEOPLE)
    table, data = (changed / "task.toml").read_text(), (changed / "bus.jpg").read_bytes()
    other = data + bytes(100)
    digests = [hashlib.sha256(each).hexdigest() for each in (data, other)]
    (changed / "task.toml").write_text(table.replace(digests[0], digests[1]))
    (changed / "bus.jpg").write_bytes(other)
    replayed = run_suite(folder, *place(folder, "changed/four"), "-k", "batch")
    assert replayed.code == 1
    for strategy, said in (
        ("batch", r"image \d, bus\.jpg, differs from the recorded one"),
        ("batch_files", r"the uploaded file has \d+ bytes instead of \d+: bus\.jpg was changed after the rec"),
    ):
        assert re.search(rf"{strategy}\.yaml has no recording of a request: in round 1, {said}", replayed.output)
