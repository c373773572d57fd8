"""Projected seconds and tokens are recorded ones; a projection states its number of requests and its interval."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from benchmarks.report.sentences.remarks import describe_projections
from fixtures.base.errors import RunError
from fixtures.images.folder import load_images
from fixtures.images.shrinking import shrink_images
from fixtures.images.task_file import find_folder
from fixtures.run.record.provenance import describe_provenance
from fixtures.simulator import projection
from fixtures.simulator.decisions.replies import ApiReply
from fixtures.simulator.latencies import Latencies, Observation
from tests.helpers.forks import ROOT
from tests.helpers.runs import read_made
from tests.helpers.suite import run_suite

MODEL = "gemini-3.8-flash"
FOUR = ROOT / "cassettes" / MODEL / "four"
SIXTEEN = ROOT / "cassettes" / MODEL / "sixteen"
VIRTUAL = (f"--model={MODEL}", "--simulate=virtual", "--images=four", "-k", "sequential or concurrent or single_prompt")
OTHERS = ROOT / "cassettes" / "gemini-3-pro-preview" / "four"


def test_a_cassette_gives_each_answered_question_with_its_seconds_and_tokens() -> None:
    """Six rounds of four images are 24 requests; the single prompt adds six about four images each."""
    one = projection.read_latencies((FOUR / "sequential.yaml",), MODEL)
    both = projection.read_latencies((FOUR / "sequential.yaml", FOUR / "single_prompt.yaml"), MODEL)
    assert (one.count, both.count) == (24, 30)
    assert one.source == "simulator"
    assert {request.images for request in both.latencies.observations} == {1, 4}
    assert all(request.image_tokens >= 1081 * request.images for request in both.latencies.observations)
    assert all(request.error is not None for request in both.latencies.observations)


def test_streams_and_uploaded_files_count_too_and_jobs_do_not() -> None:
    """A stream has the tokens of its last event, a file counts as an image, and a batch job is left out."""
    for strategy in ("streamed", "files"):
        found = projection.read_latencies((SIXTEEN / f"{strategy}.yaml",), MODEL)
        assert {request.images for request in found.latencies.observations} == {1}
        assert found.count == 96
        assert all(request.thoughts_tokens for request in found.latencies.observations)
    with pytest.raises(RunError, match="contains no answered question about images"):
        projection.read_latencies((SIXTEEN / "batch.yaml",), MODEL)


def test_answers_about_images_that_were_made_smaller_are_judged_too(tmp_path: Path) -> None:
    """They are judged if the name of the cassette's folder has the longest side."""
    text = (FOUR / "sequential.yaml").read_text()
    images = load_images("four")
    for full, smaller in zip(images.images, shrink_images(images, 200).images, strict=True):
        text = text.replace(full.sha256, smaller.sha256)
    rights = []
    for name in ("thinking.low-side.200", "elsewhere"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sequential.yaml").write_text(text)
        found = projection.read_latencies((tmp_path / name / "sequential.yaml",), MODEL, (find_folder("four"),))
        rights.append([each.right for each in found.latencies.observations])
    original = projection.read_latencies((FOUR / "sequential.yaml",), MODEL)
    assert rights == [[each.right for each in original.latencies.observations], [None] * 24]


def test_what_is_drawn_was_recorded() -> None:
    """Drawn seconds and tokens are those of the same recorded request; the same key draws the same."""
    known = projection.read_latencies((FOUR / "sequential.yaml",), MODEL).latencies
    recorded = {(each.seconds, each.thoughts_tokens) for each in known.observations}
    reply = ApiReply(200, {"usageMetadata": {}}, 0.0)
    drawn = [known.apply(reply, 1, str(number)) for number in range(50)]
    assert {(each.seconds, each.body["usageMetadata"]["thoughtsTokenCount"]) for each in drawn} <= recorded
    assert len({each.seconds for each in drawn}) > 5
    assert known.apply(reply, 1, "7") == drawn[7]


def test_a_size_that_was_not_recorded_moves_along_the_line_of_seconds_over_tokens() -> None:
    """Recorded at 2 s plus 0.01 s per token, requests about two images have twice the tokens and stay on that line."""
    known = Latencies([Observation(1, 2 + tokens / 100, 20, 1100, 0, tokens) for tokens in (100, 200, 300)])
    found = known.list_observations(2)
    assert len(found) == 3
    for each in found:
        assert each.seconds == pytest.approx(2 + each.thoughts_tokens / 100)
        assert (each.images, each.image_tokens, each.text_tokens, each.error) == (2, 2200, 20, None)
        assert 200 <= each.thoughts_tokens <= 600
    assert not known.covers(2)


def test_an_extrapolation_is_never_faster_than_half_of_what_was_seen() -> None:
    """Extrapolated seconds are at least half of the recorded ones, also if the line leads below zero."""
    known = Latencies([Observation(10, tokens / 10 - 5, 20, 1100, 0, tokens) for tokens in (100, 200)])
    assert [each.seconds for each in known.list_observations(1)] == [2.5, 7.5]


def test_the_interval_widens_with_what_varies() -> None:
    """Equal latencies give an interval of no width; latencies from 1 to 20 s give a wide one."""
    sure = projection.RecordedLatencies(Latencies([Observation(1, 5.0, 1, 1, 1, 1)] * 20), "simulator", "")
    assert sure.project_interval([1] * 8, 4) == (10.0, 10.0)
    draws = Random(1)
    unsure = [Observation(1, draws.uniform(1, 20), 1, 1, 1, 1) for _ in range(20)]
    interval = projection.RecordedLatencies(Latencies(unsure), "simulator", "").project_interval([1] * 8, 4)
    assert interval is not None
    assert interval[1] > 1.5 * interval[0]


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        ((Path("nowhere.yaml"),), "there is no cassette nowhere.yaml"),
        (
            (OTHERS / "sequential.yaml",),
            "was recorded with gemini-3-pro-preview, not gemini-3.8-flash; choose the model with --model",
        ),
        ((SIXTEEN / "batch.yaml",), "contains no answered question about images"),
    ],
)
def test_recordings_that_cannot_be_drawn_from_are_refused_in_a_sentence(paths: tuple[Path, ...], sentence: str) -> None:
    """Missing cassettes, those of another model, and those without questions are refused."""
    with pytest.raises(RunError, match=sentence):
        projection.read_latencies(paths, MODEL)


def write_foreign(folder: Path, replacement: tuple[str, str] = ("", "")) -> Path:
    """Write a recording as stock vcrpy makes it, with no times but the server's, after a replacement in its text."""
    document = yaml.load((FOUR / "sequential.yaml").read_text(), yaml.CSafeLoader)
    del document["metadata"]
    for interaction in document["interactions"]:
        del interaction["response"]["recorded"]
    path = folder / "foreign.yaml"
    path.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper).replace(*replacement))
    return path


@pytest.mark.parametrize(
    "replacement",
    [
        ("server-timing", "server-tempo"),  # no time at all
        ("dur=", "dur=0.0; was="),  # 0 s does not count as a time
        (":generateContent", ":streamGenerateContent"),  # the server's time of a stream ends with the first byte
    ],
)
def test_recordings_without_times_are_refused(tmp_path: Path, replacement: tuple[str, str]) -> None:
    """On replay, a missing time counts as 0 s; as a latency it would give every strategy 0 s."""
    with pytest.raises(RunError, match="has no time for 24 of its 24 answered questions about images; name"):
        projection.read_latencies((write_foreign(tmp_path, replacement),), MODEL)


def test_audio_video_and_documents_are_no_images(tmp_path: Path) -> None:
    """Of four questions, only the one without other media is used; without it, the cassette is refused."""
    document = yaml.load((FOUR / "sequential.yaml").read_text(), yaml.CSafeLoader)
    document["metadata"]["rounds"] = document["metadata"]["rounds"][:1]
    document["interactions"] = document["interactions"][:4]
    bodies = [interaction["request"]["body"] for interaction in document["interactions"]]
    parts = [body["contents"][0]["parts"] for body in bodies]
    parts[0][0]["inlineData"]["mime_type"] = "application/pdf"
    parts[1].append({"inlineData": {"sha256": "0", "bytes": 1, "mime_type": "audio/mpeg"}})
    parts[2].append({"fileData": {"fileUri": "https://www.youtube.com/watch?v=1", "mimeType": "video/*"}})
    path = tmp_path / "media.yaml"
    path.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper))
    found = projection.read_latencies((path,), MODEL)
    assert [request.images for request in found.latencies.observations] == [1]
    del document["interactions"][3]
    path = tmp_path / "others.yaml"
    path.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper))
    with pytest.raises(RunError, match="contains no answered question about images only"):
        projection.read_latencies((path,), MODEL)


def test_a_projection_from_one_request_says_that_it_has_no_interval() -> None:
    """One recorded request gives no interval, because an interval of no width would suggest certainty."""
    projected: dict[str, Any] = {"requests": 1, "source": "gemini", "recorded_at": "", "extrapolated": []}
    made = {
        name: read_made(name, timing="virtual", recorded_at=None, projected=projected | {"interval": interval})
        for name, interval in (("bounded", None), ("chunked", [4.0, 6.0]))
    }
    assert describe_projections(made) == [
        "No interval, because only one request was recorded: bounded.",
        "95 % intervals of the projection, by resampling: chunked 4.00 to 6.00 s.",
    ]
    assert "projected from 1 recorded request of Gemini" in describe_provenance([made["bounded"].record])


def test_recordings_of_two_sources_are_not_mixed(tmp_path: Path) -> None:
    """Recordings of Gemini and of the simulator are refused together."""
    text = (FOUR / "sequential.yaml").read_text()
    (tmp_path / "other.yaml").write_text(text.replace("source: simulator", "source: gemini", 1))
    with pytest.raises(RunError, match=r"recorded from different sources \(gemini and simulator\)"):
        projection.read_latencies((FOUR / "sequential.yaml", tmp_path / "other.yaml"), MODEL)


def test_what_was_not_recorded_is_called_extrapolated(tmp_path: Path) -> None:
    """With recorded requests about one image, a request about four is marked as extrapolated."""
    run = run_suite(tmp_path, *VIRTUAL, f"--latency-from={FOUR / 'sequential.yaml'}")
    assert "Extrapolated, because no request about as many images was recorded: single_prompt." in run.output
    assert run.info("single_prompt")["projected"]["extrapolated"] == [4]
    assert run.info("sequential")["projected"]["extrapolated"] == []


def test_projections_from_other_recordings_are_not_compared(tmp_path: Path) -> None:
    """The verdict is `cannot tell yet`, because the latencies differ."""
    options = (*VIRTUAL, f"--benchmark-storage={tmp_path / 'stored'}")
    assert run_suite(tmp_path, *options, f"--latency-from={FOUR / 'sequential.yaml'}", "--benchmark-autosave").code == 0
    run = run_suite(tmp_path, *options, f"--latency-from={FOUR / 'concurrent.yaml'}", "--benchmark-compare")
    assert "cannot tell yet" in run.output
    assert "the settings changed from latency_from " in run.output


def test_a_projection_says_what_it_is_projected_from(tmp_path: Path) -> None:
    """The table and the record have the number and source of the requests, the intervals, and any server times."""
    options = [f"--latency-from={path}" for path in (write_foreign(tmp_path), FOUR / "single_prompt.yaml")]
    run = run_suite(tmp_path, *VIRTUAL, *options)
    assert run.code == 0, run.output
    assert (
        "projected from 30 recorded requests of the bundled simulator, not of Gemini (2026-11-30; "
        "for 24 of them only the server's time is known, without the network)"
    ) in run.output
    assert "95 % intervals of the projection" in run.output
    info = run.info("single_prompt")
    assert info["projected"]["requests"] == 30
    assert info["source"] == "simulator with recorded latencies"
    low, high = info["projected"]["interval"]
    assert low <= run.benchmarks["single_prompt"]["stats"]["median"] <= high + 0.1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--latency-from=x.yaml",), "--latency-from is for virtual time; add --simulate=virtual"),
        (("--simulate=virtual", "--latency-from=x.yaml"), "there is no cassette x.yaml"),
        (("--simulate=virtual", "--record-mode=rewrite"), "--simulate=virtual is for running, not for recording"),
        (("--rpm=5",), "--rpm is for the bundled simulator; add --simulate"),
        (("--simulate=virtual", "--rpm=0"), "'0' is not a whole number of at least 1"),
        (
            ("-m", "scaling", "--simulate=http"),
            "-m scaling runs in virtual time with generated images",
        ),
        (("-m", "scaling", "--images=four"), "leave --images out"),
        (("-m", "scaling", "--live"), "--live calls the API, and --simulate=virtual does not"),
        (("-m", "scaling", "--model=gemini-9"), "The simulator has no profile of gemini-9, only of gemini-2.5-flash"),
        (
            ("--simulate=virtual", "--model=gemini-9"),
            "The simulator has no profile of gemini-9, only of gemini-2.5-flash",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused_in_a_sentence(
    tmp_path: Path, options: tuple[str, ...], sentence: str
) -> None:
    """The exit code is 4, pytest's code for wrong usage, and there is no traceback."""
    run = run_suite(tmp_path, *options)
    assert run.code == 4
    assert sentence in run.output
    assert "Traceback" not in run.output
