"""The record of a benchmark holds the figures of its median round, in the units that its fields name."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
import time_machine

from fixtures.base.secret_scan import SecretScan
from fixtures.exchange.answer import Answer, Reason
from fixtures.exchange.reply import Exchange, Timing
from fixtures.images.image import Image, ImageSet
from fixtures.recordings.metadata import SDK, Metadata, RecordedImage
from fixtures.run.contenders import Contender
from fixtures.run.options.settings import Settings, Simulation
from fixtures.run.record import makespan
from fixtures.run.record.building import build_metadata, build_record
from fixtures.run.record.makespan import bound_makespan, project_makespan
from fixtures.run.record.record import Client, Ideal, Projection, Record, ScalingCase
from fixtures.run.record.round import Round
from fixtures.simulator.latencies import Latencies, Observation
from fixtures.simulator.projection import RecordedLatencies
from fixtures.tasks.question import load_question
from tests.helpers.exchanges import QUESTION, STREAM, make_answer, make_exchange, make_question

MODEL = "gemini-3.6-flash"
"""A model whose prices double on 1 January 2027. Before that day, a million tokens of input cost 0.75 US dollars,
cached ones 0.075, and output 3.75."""
TOKYO = time_machine.travel(datetime(2027, 2, 2, 8, tzinfo=ZoneInfo("Asia/Tokyo")), tick=False)
"""A day after the price change: 2 February 2027 in Tokyo, still 1 February in UTC."""
A, B, C = (
    Image(f"{name}.jpg", name.encode(), "image/jpeg", 1, 1, people)
    for name, people in (("a", 3), ("b", 9), ("c", None))
)
IMAGES = ImageSet("own", (A, B, C))
CONTENDER = Contender(MODEL, "folder/own", "bounded")
CASE = ScalingCase(question="images", x=7, client=Client(cpu_seconds=0.1, image_bytes=2.0))


def ask(image: Image, start: float, seconds: float, *, status: int = 200, timing: str = "", **counts: int) -> Exchange:
    """Return an exchange that asks about an image."""
    answer = make_answer("v1", "", **counts)
    return make_exchange(
        QUESTION, make_question("How many?", image), start, seconds, answer, status=status, timing=timing
    )


FIRST = Round([Answer("a.jpg", 1), Answer("b.jpg", 2), Answer("c.jpg", 3)], [ask(A, 0.0, 1.0)], 9.0)
LAST = Round([Answer("a.jpg", 4), Answer("b.jpg", 5), Answer("c.jpg", 6)], [], 9.0)
MIDDLE = Round(
    [
        Answer("a.jpg", 3),
        Answer("b.jpg", 13),
        Answer("c.jpg", None, Reason.BLOCKED, "SAFETY"),
    ],
    [
        ask(A, 0.0, 1.0, status=503),
        ask(
            A,
            3.2500004,
            2.0,
            timing="gfet4t7; dur=1500",
            prompt=1000,
            images=900,
            candidates=2,
            thoughts=30,
            cached=100,
        ),
        make_exchange(
            STREAM,
            make_question("And here?", B),
            4.0,
            6.0000004,
            make_answer("v2"),
            make_answer("v2", "13", prompt=2000, images=1800, candidates=3, thoughts=40),
            timing="dur=250.0004",
        ),
    ],
    client_cpu_seconds=0.12345678,
)


def build(timing: Timing = "replayed", simulation: Simulation | None = None, **changed: Any) -> Record:
    """Return the record of three rounds."""
    metadata = Metadata(
        model=MODEL, source="gemini", recorded_at="2026-11-23T23:30:00+00:00", rounds=changed.pop("recorded", [5, 9, 7])
    )
    arguments: dict[str, Any] = {
        "contender": CONTENDER,
        "images": IMAGES,
        "rounds": [FIRST, LAST, MIDDLE],
        "seconds": [8.0, 7.0, 6.0],
        "metadata": metadata,
        "strategy_settings": {"concurrency": 2},
        "settings": make_settings(simulation or Simulation()),
        "question": load_question("four"),
    }
    with TOKYO:
        return build_record(timing=timing, **(arguments | changed))


def make_settings(simulation: Simulation, scan: SecretScan | None = None) -> Settings:
    """Return the settings that a record is built from."""
    return cast(Settings, SimpleNamespace(simulation=simulation, secret_scan=scan or SecretScan({})))


def test_a_record_has_the_figures_of_the_recordings_median_round() -> None:
    """The recorded times choose the round, here the third; prices are those of the day of recording."""
    assert build(simulation=Simulation("http", rpm=5)).dump() == {
        "version": 3,
        "strategy": "bounded",
        "model": MODEL,
        "image_set": "own",
        "timing": "replayed",
        "model_version": "v1, v2",
        "source": "gemini",
        "recorded_at": "2026-11-23T23:30:00+00:00",
        "recorded_seconds": [5.0, 9.0, 7.0],
        "sdk": SDK,
        "images": 3,
        "requests": 3,
        "retries": 1,
        "cancelled": 0,
        "bytes_sent": sum(len(exchange.sent.content) for exchange in MIDDLE.exchanges),
        "input_tokens": 3000,
        "image_tokens": 2700,
        "output_tokens": 5,
        "thoughts_tokens": 70,
        "cached_tokens": 100,
        "cached_by_round": [0, 0, 100],
        "cost_usd": 0.00246375,
        "priced_on": "2026-11-23",
        "answers": {"a.jpg": 3, "b.jpg": 13, "c.jpg": None},
        "errors": {"c.jpg": "blocked: SAFETY"},
        "task": {"answer": "count", "unit": "people"},
        "truth": {"a.jpg": 3, "b.jpg": 9},
        "judged": 2,
        "right": 0.555556,
        "right_by_image": {"a.jpg": 0.666667, "b.jpg": 0.444444},
        "mean_absolute_error": 2.0,
        "exact": 1,
        "order": "blocks",
        "permuted": False,
        "resumed": 0,
        "settings": {"concurrency": 2, "rpm": 5},
        "model_settings": {},
        "served_tiers": {},
        "prompt_sha256": MIDDLE.prompt_sha256,
        "images_sha256": IMAGES.sha256,
        "client_cpu_seconds": 0.123457,
        "server_seconds": 1.75,
        "backoff_seconds": 2.25,
        "first_token_seconds": 2.0,
        "answers_by_round": [
            {"a.jpg": 1, "b.jpg": 2, "c.jpg": 3},
            {"a.jpg": 4, "b.jpg": 5, "c.jpg": 6},
            {"a.jpg": 3, "b.jpg": 13, "c.jpg": None},
        ],
        "spans": [[0.0, 1.0, 503, ["a.jpg"]], [3.25, 5.25, 200, ["a.jpg"]], [4.0, 10.0, 200, ["b.jpg"]]],
        "course": [[0.0, 1], [1.0, 1], [3.25, 1], [4.0, 2], [5.25, 1], [10.0, 0]],
    }


def test_cached_tokens_are_stored_by_round_where_there_are_any() -> None:
    """A count of cached tokens that cannot be right is stored as None; if no round has any, the list is empty."""
    wrong = Round(MIDDLE.answers, [ask(A, 0.0, 1.0, prompt=10, cached=11)], 0.0)
    assert build(rounds=[FIRST, MIDDLE, wrong]).cached_by_round == [0, 100, None]
    assert build(rounds=[FIRST, LAST, FIRST]).cached_by_round == []


def test_a_record_says_whether_the_images_were_permuted() -> None:
    """A record is marked as permuted if the metadata of its recording are."""
    metadata = build_metadata(CONTENDER, IMAGES, "gemini", {}, [5.0, 9.0, 7.0], permuted=True)
    assert metadata.permuted
    assert build(metadata=metadata).permuted


def test_a_run_in_virtual_time_was_never_recorded() -> None:
    """A virtual run has no recorded times; its own seconds choose the round, and prices are today's in UTC."""
    record = build("virtual", rounds=[FIRST, MIDDLE, LAST])
    assert (record.recorded_at, record.recorded_seconds) == (None, [None] * 3)
    assert record.priced_on.isoformat() == "2027-02-01"
    assert record.requests == 3
    assert record.cost_usd == 0.0049275
    assert record.ideal == Ideal(seconds=6.0, bound="longest request", in_order=6.0)
    assert record.projected is None


def test_without_a_day_the_prices_are_todays() -> None:
    """A cassette without the time of its recording is priced as of today."""
    metadata = Metadata(model=MODEL, source="gemini", recorded_at=None, rounds=[None])
    record = build(metadata=metadata, rounds=[MIDDLE], seconds=[1.0])
    assert record.priced_on.isoformat() == "2027-02-01"
    assert record.cost_usd == 0.0049275


def test_what_is_not_known_is_none() -> None:
    """The cost is None without a price; the error is None if no image with a truth was answered."""
    metadata = Metadata(model="somebodys-own", source="gemini", recorded_at=None, rounds=[1.0])
    unanswered = Round([Answer("c.jpg", 5)], MIDDLE.exchanges, 0.0)
    record = build(metadata=metadata, rounds=[unanswered], seconds=[1.0])
    assert (record.cost_usd, record.mean_absolute_error, record.right, record.exact) == (None, None, 0.0, 0)


def test_secrets_are_removed_from_a_record() -> None:
    """Secrets that a server repeats in an error are removed from the record."""
    settings = make_settings(Simulation(), SecretScan({"SAFETY-secret": "the key"}))
    echo = Round([Answer("a.jpg", None, Reason.REFUSED, "no SAFETY-secret here")], [], 0.0)
    record = build(rounds=[echo], seconds=[1.0], recorded=[1.0], settings=settings)
    assert record.errors == {"a.jpg": "refused request: no [removed] here"}


@pytest.mark.parametrize(("count", "is_kept"), [(100, True), (101, False)])
def test_a_question_about_scale_keeps_names_of_up_to_a_hundred_images(count: int, *, is_kept: bool) -> None:
    """More than 100 images have no answers by name in a scaling record; ten missing answers keep their reasons."""
    images = ImageSet("many", tuple(Image(f"{n}", b"%d" % n, "image/jpeg", 1, 1, n) for n in range(count)))
    answers = [Answer(f"{n}", None if n < 12 else n + 1, Reason.BLOCKED if n < 12 else None) for n in range(count)]
    rounds = [Round(answers, MIDDLE.exchanges, 0.0)] * 2
    options: dict[str, Any] = {"images": images, "rounds": rounds, "seconds": [1.0, 1.0]}
    record = build("virtual", scaling=CASE, **options)
    assert record.scaling == CASE.model_copy(update={"unanswered": 12})
    assert record.errors == {f"{n}": "blocked" for n in range(10)}
    assert (record.images, record.mean_absolute_error, record.exact) == (count, 1.0, 0)
    kept = {answer.image: answer.value for answer in answers} if is_kept else {}
    assert record.answers == kept
    assert record.answers_by_round == [kept] * 2
    assert record.truth == ({f"{n}": n for n in range(count)} if is_kept else {})
    assert len(record.spans) == (3 if is_kept else 0)
    strategy = build("virtual", **options)
    assert len(strategy.errors) == 12
    assert len(strategy.answers) == count


def test_the_metadata_of_a_recording_say_what_was_asked_when_and_with_what() -> None:
    """The time of a recording is in UTC and whole seconds; the seconds of its rounds are rounded to microseconds."""
    with TOKYO:
        made = build_metadata(CONTENDER, IMAGES, "host.example", {"chunk": 3}, [1.23456789, 2.0])
    assert made == Metadata(
        model=MODEL,
        image_set="own",
        strategy="bounded",
        source="host.example",
        recorded_at="2027-02-01T23:00:00+00:00",
        sdk=SDK,
        settings={"chunk": 3},
        images=[RecordedImage(name=image.name, sha256=image.sha256) for image in IMAGES.images],
        rounds=[1.234568, 2.0],
    )


QUESTIONS = Round(
    [],
    [
        ask(A, 0.0, 3.0, prompt=100),
        ask(B, 0.0, 4.0, prompt=200),
        ask(C, 3.0, 5.1234567, prompt=300),
        ask(A, 0.0, 90.0, status=429, prompt=1000),
        make_exchange(QUESTION, make_question("x", A), 0.0, 80.0, make_answer(prompt=1000), error="ReadTimeout: "),
        make_exchange("files", None, 0.0, 70.0, {}),
        make_exchange("batches/1", None, 0.0, 60.0, {}),
    ],
    0.0,
)
"""Three answered questions, two at a time, and requests that failed or that ask no question."""


@pytest.mark.parametrize(
    ("settings", "simulation", "expected"),
    [
        ({}, Simulation(), (6.061728, "all work / concurrency", 8.123457)),
        ({"concurrency": 1}, Simulation(), (12.123457, "all work / concurrency", 12.123457)),
        ({"concurrency": 3}, Simulation(), (5.123457, "longest request", 5.123457)),
        ({"concurrency": 3}, Simulation(rpm=6), (23.0, "requests a minute", 5.123457)),
        ({"concurrency": 3}, Simulation(tpm=600), (53.0, "tokens a minute", 5.123457)),
    ],
)
def test_the_best_possible_is_that_of_the_answered_questions(
    settings: dict[str, int], simulation: Simulation, expected: tuple[float, str, float]
) -> None:
    """The bound uses the limits and the strategy's concurrency, or, without one, the observed concurrency of two."""
    seconds, bound, in_order = expected
    assert bound_makespan(QUESTIONS, settings, simulation) == Ideal(seconds=seconds, bound=bound, in_order=in_order)


class MadeUpLatencies(RecordedLatencies):
    """Latencies whose interval shows the arguments: the number of images in all requests, and the concurrency."""

    def project_interval(self, images: Sequence[int], concurrency: int) -> tuple[float, float] | None:
        """Return an interval for a concurrency of 1 or 3, else None."""
        return (sum(images) + 0.00051, concurrency + 0.25051) if concurrency in {1, 3} else None


def test_a_projection_says_from_what_it_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploaded files count as images; sizes that were not recorded are listed once each, in ascending order."""
    known = MadeUpLatencies(Latencies([Observation(1, 5.0, 0, 0, 0, 0)] * 2), "gemini", "2026-11-23", 1)
    by_arguments = {((Path("x.yaml"),), MODEL): known}
    monkeypatch.setattr(makespan, "read_latencies", lambda *arguments: by_arguments[arguments])
    simulation = Simulation("virtual", latency_from=(Path("x.yaml"),))
    shown = Round([], [ask(A, 0.0, 3.0), ask(B, 3.0, 3.0), ask(C, 6.0, 3.0, status=500)], 0.0)
    expected: dict[str, Any] = {
        "requests": 2,
        "source": "gemini",
        "recorded_at": "2026-11-23",
        "extrapolated": [],
        "interval": (2.001, 1.251),
        "server_timed": 1,
    }
    assert project_makespan(shown, MODEL, {}, simulation) == Projection(**expected)
    expected["interval"] = None
    assert project_makespan(shown, MODEL, {"concurrency": 2}, simulation) == Projection(**expected)
    large = [
        make_exchange(QUESTION, make_question("x", *images, files=files), 0.0, 1.0, {})
        for images, files in (((A, B), ("u", "v")), ((A,), ("u",)), ((A, B), ()))
    ]
    expected |= {"extrapolated": [2, 4], "interval": (10.001, 3.251)}
    found = project_makespan(Round([], [*large, *shown.exchanges], 0.0), MODEL, {"concurrency": 3}, simulation)
    assert found == Projection(**expected)


def test_the_record_of_a_projected_run_has_its_projection(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The projection is that of the median round, and the settings have the digest of the recordings."""
    cassette = tmp_path / "x.yaml"
    cassette.write_bytes(b"recordings")
    known = MadeUpLatencies(Latencies([Observation(1, 5.0, 0, 0, 0, 0)]), "gemini", "")
    by_arguments = {((cassette,), MODEL): known}
    monkeypatch.setattr(makespan, "read_latencies", lambda *arguments: by_arguments[arguments])
    simulation = Simulation("virtual", latency_from=(cassette,), rpm=6)
    record = build("virtual", simulation, strategy_settings={"concurrency": 3}, rounds=[LAST, MIDDLE, FIRST])
    assert record.projected is not None
    assert (record.projected.interval, record.projected.requests) == ((2.001, 3.251), 1)
    assert record.ideal == Ideal(seconds=12.0, bound="requests a minute", in_order=6.0)
    assert set(record.settings) == {"concurrency", "rpm", "latency_from"}
    assert build("live", simulation, rounds=[MIDDLE] * 3).projected is None, "its seconds were measured"


@pytest.mark.parametrize(("latency_from", "exchanges"), [((), MIDDLE.exchanges), ((Path("x.yaml"),), [])])
def test_without_recordings_or_answers_no_makespan_is_projected(
    latency_from: tuple[Path, ...], exchanges: Sequence[Exchange]
) -> None:
    """Without recordings or answered questions there is no projection; without the latter, no bound."""
    simulation = Simulation("virtual", latency_from=latency_from)
    assert project_makespan(Round([], list(exchanges), 0.0), MODEL, {}, simulation) is None
    assert bound_makespan(Round([], [], 0.0), {}, simulation) is None
