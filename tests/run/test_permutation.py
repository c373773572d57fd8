"""Every round has the images in another order, so that no prompt about several of them is sent twice."""

from itertools import pairwise
from math import factorial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from benchmarks.strategies import STRATEGIES, bind_strategy
from fixtures.exchange.answer import Answer
from fixtures.images.folder import load_images
from fixtures.images.image import ImageSet
from fixtures.models.model_settings import NO_SETTINGS, ModelSettings
from fixtures.recordings.metadata import SDK
from fixtures.run.contenders import Contender
from fixtures.run.options.settings import Settings
from fixtures.run.record.round import Round
from fixtures.run.rounds.permutation import permute
from fixtures.run.rounds.progress import Progress
from fixtures.run.rounds.runner import Rounds
from fixtures.simulator.serving.in_process import SIMULATED_BASE_URL
from fixtures.simulator.start import start_in_process
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.simulated import image, serve_folder
from tests.helpers.suite import make_images, run_suite
from tests.helpers.tasks import count_people, know_people

MODEL = "gemini-3.8-flash"
"""A model with about 1,100 tokens per image, which reads prompts of 4,096 tokens or more from its cache."""
TOGETHER = ("single_prompt", "chunked", "structured")
"""The strategies that put several images into one prompt; with four images, all four."""
FOUR = load_images("four")
SEVEN = ImageSet("seven", tuple(image(f"{number}.jpg", number) for number in range(7)))


def run_rounds(
    strategy: str,
    images: ImageSet = FOUR,
    *,
    permutes: bool,
    rounds: int = 6,
    settings: ModelSettings = NO_SETTINGS,
    **simulated: Any,
) -> list[Round]:
    """Run rounds in process, on a clock that only waiting moves."""
    simulator = start_in_process(MODEL, know_people(images.images), caches=True, **simulated)
    wire = Wire(virtual_clock(), SimulatorResponder(simulator))
    runner = Rounds(
        Contender(MODEL, images.name, strategy, settings),
        bind_strategy(count_people(MODEL), strategy, concurrency=4, chunk=4),
        images,
        wire,
        cast(Settings, SimpleNamespace(api_key=None, api_version=None)),
        SIMULATED_BASE_URL,
        permutes=permutes,
    )
    with runner.open() as session:
        for number in range(rounds):
            runner.run_round(session, number, Progress(runner.contender, wire))
            assert wire.problem is None
    return runner.rounds


def list_cached(rounds: list[Round]) -> list[int]:
    """Return the tokens of each round that were read from the cache."""
    return [sum(used.cached or 0 for used in each.tokens) for each in rounds]


def list_orders(rounds: list[Round]) -> list[list[str]]:
    """Return the digests of the images of each round, in the order in which they were sent."""
    return [[digest for exchange in each.exchanges for digest in exchange.sent.images] for each in rounds]


@pytest.mark.parametrize("count", range(1, 7))
def test_no_order_is_repeated_before_all_were_used(count: int) -> None:
    """All n! orders of n images are used before the first one is repeated."""
    orders = [permute(range(count), "any", number) for number in range(factorial(count))]
    assert len(set(orders)) == factorial(count)
    assert all(sorted(order) == list(range(count)) for order in orders)
    assert permute(range(count), "any", factorial(count)) == orders[0]


@pytest.mark.parametrize("count", [3, 4, 5, 6, 7, 9, 12, 16, 25])
def test_prompts_begin_differently_in_every_round(count: int) -> None:
    """In n rounds of n images each image is first once, so no cache finds a repeated beginning."""
    for cycle in range(3):
        firsts = {permute(range(count), "any", cycle * count + number)[0] for number in range(count)}
        assert len(firsts) == count


@pytest.mark.parametrize("count", [3, 4, 5, 6, 7, 9, 12, 16, 25])
def test_chunks_do_not_repeat_in_as_many_rounds_as_there_are_images(count: int) -> None:
    """In n rounds of n images, no two chunks of two or more images are equal, whatever the chunk size."""
    orders = [permute(range(count), "any", number) for number in range(count)]
    for size in range(2, count + 1):
        chunks = [order[first : first + size] for order in orders for first in range(0, count - 1, size)]
        several = [chunk for chunk in chunks if len(chunk) > 1]
        assert len(set(several)) == len(several)


def test_strategies_that_put_four_images_into_a_prompt_have_no_order_in_common() -> None:
    """The strategies share a session, and so a cache; none of them repeats an order of another."""
    orders = [permute(range(4), strategy, number) for strategy in TOGETHER for number in range(6)]
    assert len(set(orders)) == len(orders)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_answers_are_told_in_the_order_of_the_set(strategy: str) -> None:
    """Answers are in the order of the set, each about its own image, and no prompt about several is sent twice.

    The images have 0 to 6 people, which the simulator counts right.
    """
    rounds = run_rounds(strategy, SEVEN, permutes=True, rounds=3)
    names = [each.name for each in SEVEN.images]
    assert [[answer.image for answer in each.answers] for each in rounds] == [names] * 3
    assert [[answer.value for answer in each.answers] for each in rounds] == [list(range(7))] * 3
    prompts = [exchange.sent.digest for each in rounds for exchange in each.exchanges if len(exchange.sent.images) > 1]
    assert len(set(prompts)) == len(prompts)
    assert (len(prompts) > 0) == (strategy in (*TOGETHER, "batch", "batch_files"))


def test_a_chunk_that_is_asked_image_by_image_keeps_its_images_apart() -> None:
    """After two lists that are too short, each image of the chunk is asked about alone; some answers may be missing."""
    rounds = run_rounds("chunked", SEVEN, permutes=True, rounds=4, faults="too-short=0.4")
    assert {len(exchange.sent.images) for each in rounds for exchange in each.exchanges} == {1, 3, 4}
    for each in rounds:
        assert [answer.image for answer in each.answers] == [image.name for image in SEVEN.images]
        told = {number: answer.value for number, answer in enumerate(each.answers) if answer.value is not None}
        assert len(told) >= 6
        assert all(number == value for number, value in told.items())


def test_without_permutation_the_prompt_is_read_from_the_cache_and_with_it_is_not() -> None:
    """Without permutation, the second round reads its whole prompt from the cache; with permutation, no round does."""
    repeated, permuted = (run_rounds("single_prompt", permutes=permutes) for permutes in (False, True))
    assert list_cached(repeated)[0] == 0
    assert list_cached(repeated)[1] > 4096
    assert list_cached(permuted) == [0] * 6
    assert all(one != other for one, other in pairwise(list_orders(permuted)))
    assert len(set(map(tuple, list_orders(repeated)))) == 1
    (used,) = repeated[1].tokens
    assert used.cached == used.input


def test_an_answer_about_no_image_of_the_set_is_not_lost() -> None:
    """An answer about an image that is not in the set comes last."""

    def strategy(*_: object) -> list[Answer]:
        return [Answer("other.jpg", 1), Answer("1.jpg", 1), Answer("0.jpg", 0)]

    runner = Rounds(
        Contender(MODEL, "seven", "own"),
        cast(Any, SimpleNamespace(run=strategy, settings={})),
        SEVEN,
        Wire(virtual_clock(), SimulatorResponder(start_in_process(MODEL, know_people()))),
        cast(Settings, SimpleNamespace(api_key=None, api_version=None)),
        SIMULATED_BASE_URL,
        permutes=True,
    )
    with runner.open() as session:
        runner.run_round(session, 0, Progress(runner.contender, runner.wire))
    assert [answer.image for answer in runner.rounds[0].answers] == ["0.jpg", "1.jpg", "other.jpg"]


def test_a_recording_says_that_it_is_permuted_and_is_replayed_so(tmp_path: Path) -> None:
    """A replay sends the recorded orders; if the cassette does not say `permuted`, it sends the set's order."""
    folder = make_images(tmp_path / "own", {"a.jpg": 1, "b.jpg": 2, "c.jpg": 3})
    cassettes = tmp_path / "cassettes"
    own = (f"--cassette-dir={cassettes}", f"--images={folder}", "-k", "single_prompt")
    with serve_folder(folder) as url:
        made = run_suite(tmp_path, *own, "--record-mode=rewrite", f"--base-url={url}", "--rounds=2")
    assert made.code == 0, made.output
    (path,) = cassettes.rglob("*.yaml")
    document = yaml.safe_load(path.read_text())
    assert document["metadata"]["permuted"] is True
    assert document["metadata"]["sdk"] == SDK
    replayed = run_suite(tmp_path, *own, "--strict-cassettes")
    assert replayed.code == 0, replayed.output
    info = replayed.info("single_prompt")
    assert info["permuted"] is True
    assert [list(each) for each in info["answers_by_round"]] == [["a.jpg", "b.jpg", "c.jpg"]] * 2
    path.write_text(path.read_text().replace("  permuted: true\n", ""))
    missed = run_suite(tmp_path, *own)
    assert missed.code == 1
    assert "single_prompt" in missed.output


def test_runs_in_virtual_time_permute_and_have_the_cache(tmp_path: Path) -> None:
    """Virtual runs permute the images; prompts about one image still repeat and are read from the cache."""
    folder = make_images(tmp_path / "own", {"a.jpg": 1, "b.jpg": 2, "c.jpg": 3})
    options = ("--model=gemini-3-flash-preview", f"--images={folder}", "-k", "single_prompt or sequential")
    run = run_suite(tmp_path, "--simulate=virtual", "--rounds=2", *options)
    assert run.code == 0, run.output
    alone, together = run.info("sequential"), run.info("single_prompt")
    assert (alone["permuted"], together["permuted"]) == (True, True)
    assert alone["cached_by_round"][0] == 0
    assert alone["cached_by_round"][1] > 1024
    assert together["cached_by_round"] == []
