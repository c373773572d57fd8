"""Hedged: a slow request is sent a second time, the first answer counts, and the other one is cancelled."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.scaling.single_round import TimedRound, run_round
from benchmarks.strategies import bind_strategy
from fixtures.clock.clock import Clock
from fixtures.clock.schedule import find_overlap
from fixtures.exchange.answer import Reason
from fixtures.exchange.reply import Exchange, Reply
from fixtures.images import made_up
from fixtures.images.image import Image
from fixtures.recordings.cassette import Cassette
from fixtures.run.rounds.runner import BoundStrategy
from fixtures.simulator.known_sets import make_known_sets
from fixtures.simulator.start import start_in_process
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.responders import NetworkResponder, Player, SimulatorResponder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.exact_server import answer, make_images, refuse, run_exactly
from tests.helpers.metadata import make_metadata
from tests.helpers.simulated import serve_sets

IMAGES = 200
CONCURRENCY = 16


def find_cancelled(done: TimedRound) -> list[Exchange]:
    """Return the requests that were cancelled."""
    return [exchange for exchange in done.round.exchanges if exchange.is_cancelled]


def find_spans(done: TimedRound) -> list[tuple[float, float]]:
    """Return the starts and ends of the requests."""
    return [(round(each.start, 6), round(each.end, 6)) for each in done.round.exchanges]


def find_moments(done: TimedRound) -> list[float]:
    """Return the starts of all requests, then the ends of the cancelled ones."""
    cancelled = [each.end for each in find_cancelled(done)]
    return [*(each.start for each in done.round.exchanges), *cancelled]


def test_a_slow_request_is_sent_again_and_the_first_answer_counts() -> None:
    """A request that would take 100 seconds is sent again after 4 seconds, and the second answer counts."""

    def decide(number: int, seen: int, _: float) -> Reply:
        return answer(number, 100.0 if number == 3 and not seen else 1.0)

    done = run_exactly("hedged", make_images(20), decide, concurrency=4)
    assert [each.value for each in done.round.answers] == list(range(20))
    (lost,) = find_cancelled(done)
    assert (lost.start, lost.end) == (0.0, 5.0)
    assert find_spans(done).count((4.0, 5.0)) == 3
    assert done.seconds == 7.0


def test_a_hedge_that_is_slower_is_cancelled() -> None:
    """If the first request is answered before its hedge, the hedge is cancelled."""

    def decide(number: int, seen: int, _: float) -> Reply:
        return answer(number, (7.0 if not seen else 50.0) if number == 3 else 1.0)

    done = run_exactly("hedged", make_images(20), decide, concurrency=4)
    (lost,) = find_cancelled(done)
    assert (lost.start, lost.end) == (4.0, 7.0)
    assert done.round.answers[3].value == 3


def test_hedges_count_towards_the_concurrency_and_precede_the_next_image() -> None:
    """Hedges count towards the concurrency of 4, and are sent before the next image."""

    def decide(number: int, seen: int, _: float) -> Reply:
        return answer(number, 30.0 if number in (20, 21, 22) and not seen else 1.0)

    done = run_exactly("hedged", make_images(100), decide, concurrency=4)
    assert find_overlap(find_spans(done)).most == 4
    begun = [round(each.start, 6) for each in done.round.exchanges]
    assert begun == sorted(begun)
    assert len(find_cancelled(done)) == 3
    assert max(each.end for each in find_cancelled(done)) <= 10.0


@pytest.mark.parametrize(("images", "most"), [(12, 1), (40, 2), (100, 5)])
def test_at_most_5_percent_of_the_images_are_asked_about_twice(images: int, most: int) -> None:
    """Even if every image would be hedged, at most 5 % of the images are, but at least one."""
    done = run_exactly(
        "hedged", make_images(images), lambda number, *_: answer(number, 1.0 + number * (number > 9)), concurrency=4
    )
    assert len(done.round.exchanges) == images + most


def test_nothing_is_hedged_before_ten_images_are_answered() -> None:
    """A slow request is sent again only after ten other images are answered."""

    def decide(number: int, seen: int, _: float) -> Reply:
        return answer(number, 1000.0 if number == 0 and not seen else 1.0)

    assert len(run_exactly("hedged", make_images(10), decide, concurrency=2).round.exchanges) == 10
    done = run_exactly("hedged", make_images(11), decide, concurrency=2)
    assert [round(each.start, 6) for each in done.round.exchanges][-1] == 10.0


@pytest.mark.parametrize(("slowest", "late"), [(1, 250), (5, 299)])
def test_the_slowest_few_answers_are_ignored(slowest: int, late: int) -> None:
    """A request is hedged after 1 second, although a few answers took 10 seconds.

    The slowest 1 % of the answers are ignored, and the slowest 5 % when no images are waiting.
    """

    def decide(number: int, seen: int, _: float) -> Reply:
        slow = 10.0 if number < slowest else 100.0 if number == late and not seen else 1.0
        return answer(number, slow)

    images = make_images(300)
    done = run_exactly("hedged", images, decide, concurrency=8)
    (lost,) = (each for each in find_cancelled(done) if each.sent.images == (images[late].sha256,))
    assert lost.reply.elapsed == 2.0


def test_a_request_is_not_hedged_while_it_waits_for_a_retry() -> None:
    """A request with a 429 is retried after the server's delay, and is not hedged meanwhile."""

    def decide(number: int, seen: int, _: float) -> Reply:
        return refuse(0.5, 30.0) if number == 3 and not seen else answer(number, 1.0)

    done = run_exactly("hedged", make_images(20), decide, concurrency=4)
    about = [each.start for each in done.round.exchanges if each.sent.images == (make_images(20)[3].sha256,)]
    assert len(about) == 2
    assert about[1] >= 30.5


def test_times_of_failed_images_are_not_used() -> None:
    """The times of failed images are not used to find slow requests."""

    def decide(number: int, *_: object) -> Reply:
        refused = Reply(400, (), b'{"error": {"code": 400, "message": "no"}}', 0.01)
        return refused if number < 10 else answer(number, 1.0)

    done = run_exactly("hedged", make_images(40), decide, concurrency=4)
    assert len(done.round.exchanges) == 40


def test_equal_images_are_both_answered() -> None:
    """Two equal images in a set are both answered, and their requests are not hedges of each other."""
    images = [*make_images(12), *make_images(2)]
    done = run_exactly("hedged", images, lambda number, *_: answer(number, 2.0 - number / 100), concurrency=4)
    assert all(each.reason is None for each in done.round.answers)
    assert len(done.round.exchanges) == 14


def test_a_failed_request_waits_for_its_hedge() -> None:
    """If the first request fails while its hedge is under way, the answer of the hedge counts."""

    def decide(number: int, seen: int, _: float) -> Reply:
        if number == 3:
            return answer(3, 10.0) if seen else Reply(400, (), b'{"error": {"code": 400, "message": "no"}}', 8.0)
        return answer(number, 1.0)

    done = run_exactly("hedged", make_images(20), decide, concurrency=4)
    assert done.round.answers[3].value == 3
    assert not find_cancelled(done)


def test_if_both_requests_fail_the_image_has_the_reason() -> None:
    """If a request and its hedge fail, the image has the reason, and the others have their answers."""

    def decide(number: int, seen: int, _: float) -> Reply:
        failed = Reply(400, (), b'{"error": {"code": 400, "message": "no"}}', 10.0 - seen)
        return failed if number == 3 else answer(number, 1.0)

    done = run_exactly("hedged", make_images(20), decide, concurrency=4)
    assert [each.reason for each in done.round.answers] == [Reason.REFUSED if n == 3 else None for n in range(20)]


def test_a_cancelled_hedge_is_cancelled_on_the_replay(tmp_path: Path) -> None:
    """A replay of 200 images in virtual time has the same requests, cancelled at the same times."""
    images, task = made_up.make_images(IMAGES), Task(load_question(made_up.IMAGE_SET), "gemini-3.8-flash")
    strategy = bind_strategy(task, "hedged", concurrency=CONCURRENCY)
    simulator = start_in_process(task.model, make_known_sets(task.question, images))
    recorded = run_round(strategy, images.images, Wire(virtual_clock(), SimulatorResponder(simulator)))
    assert find_cancelled(recorded)
    replayed = _replay(recorded, strategy, images.images, tmp_path / "c.yaml")
    assert find_moments(replayed) == pytest.approx(find_moments(recorded), abs=1e-5)
    assert replayed.seconds == pytest.approx(recorded.seconds, abs=1e-5)
    assert replayed.round.answers == recorded.round.answers


def test_hedges_over_sockets_replay_without_a_miss(tmp_path: Path) -> None:
    """A recording over sockets, at a hundredth of the simulator's seconds, replays with an answer for every image.

    With such short latencies, milliseconds decide which requests are hedged and which answer is first. A hedge that was
    not recorded is cancelled when the first request is answered, and is not counted.
    """
    images = made_up.make_images(2 * IMAGES)
    task = Task(load_question(made_up.IMAGE_SET), "gemini-3.8-flash")
    strategy = bind_strategy(task, "hedged", concurrency=CONCURRENCY)
    with serve_sets(make_known_sets(task.question, images), scale=0.01) as server:
        recorded = run_round(strategy, images.images, Wire(Clock(skip=False), NetworkResponder()), server)
    assert find_cancelled(recorded)
    replayed = _replay(recorded, strategy, images.images, tmp_path / "c.yaml")
    assert find_cancelled(replayed)
    assert len(replayed.round.exchanges) <= len(recorded.round.exchanges)
    assert [each.image for each in replayed.round.answers if each.reason is None] == [
        each.name for each in images.images
    ]


def _replay(recorded: TimedRound, strategy: BoundStrategy, images: Sequence[Image], path: Path) -> TimedRound:
    """Record a round in a cassette, and replay it on a virtual clock; assert that every recorded request is used."""
    cassette = Cassette.open_to_record(path, "test")
    cassette.record_round(0, [replace(each, played=False) for each in recorded.round.exchanges])
    cassette.save(make_metadata([recorded.seconds]))
    cassette = Cassette.open_to_replay(path)
    wire = Wire(virtual_clock(), Player(cassette))
    replayed = run_round(strategy, images, wire)
    assert wire.problem is None
    assert cassette.list_leftovers() == []
    return replayed
