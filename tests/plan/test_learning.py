"""A strategy's requests are learned in a rehearsal that sends nothing; if that fails, the reason is given."""

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from benchmarks.plan.learning.learner import learn_job, learn_strategies
from benchmarks.plan.learning.pattern import AtOnce, Growth, Overhead, Pattern
from benchmarks.plan.learning.rehearsal import CONCURRENCY, NotLearned, Rehearsal, rehearse
from benchmarks.strategies import STRATEGIES
from fixtures.exchange.reply import Exchange, Reply
from fixtures.exchange.sent import Sent
from tests.plan import stand_ins
from tests.plan.made import SUBJECT, learn

EXPECTED = {
    "sequential": Pattern(()),
    "concurrent": Pattern((), at_once=AtOnce.ALL),
    "single_prompt": Pattern((), images=24, share=Fraction(1)),
    "bounded": Pattern(("concurrency",), at_once=AtOnce.SETTING),
    "chunked": Pattern(("chunk", "concurrency"), images=3, takes_chunk=True, at_once=AtOnce.SETTING),
    "files": Pattern((), inlines=False, at_once=AtOnce.ALL, overhead=Overhead(in_turn=0.802)),
    "batch": Pattern((), is_job=True),
}
"""The patterns of the suite's strategies. An upload takes 0.652 s plus the time for its bytes, a deletion 0.15 s."""


@pytest.mark.parametrize("strategy", EXPECTED)
def test_the_suites_own_strategies_are_what_they_say(strategy: str) -> None:
    """The pattern has the images per request, the requests at a time, and the other requests per image."""
    assert learn().patterns[strategy] == EXPECTED[strategy]


def test_strategies_that_send_the_same_in_the_same_way_are_a_group() -> None:
    """Clients, prompts and streaming make no difference to a group; every strategy is in a group."""
    learned = learn_strategies(STRATEGIES, SUBJECT.question)
    groups = [set(names) for names in learned.groups.values()]
    assert {"bounded", "threads"} in groups
    assert {"concurrent", "streamed"} in groups
    assert {"single_prompt", "structured"} in groups
    assert set.union(*groups) == set(STRATEGIES)
    assert not learned.failures


def learn_stand_in(monkeypatch: pytest.MonkeyPatch, name: str) -> Any:
    """Return the pattern of a stand-in, or the reason why it has none."""
    monkeypatch.setitem(STRATEGIES, name, getattr(stand_ins, name))
    learned = learn_strategies([name], SUBJECT.question)
    return learned.patterns.get(name) or learned.failures[name]


def test_a_constant_number_of_images_a_request_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two images per request, and five with a smaller last request, three at a time, are learned."""
    assert learn_stand_in(monkeypatch, "in_pairs") == Pattern((), images=2)
    fives = learn_stand_in(monkeypatch, "in_fives")
    assert fives == Pattern((), images=5, most=3)
    assert [fives.count_requests(images, 4) for images in (3, 5, 11)] == [1, 1, 3]
    assert fives.find_size(3, 4) == 3


def test_a_strategy_that_finds_its_own_rate_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A growth by a quarter each round trip is learned, and continued beyond the rehearsal."""
    pattern = learn_stand_in(monkeypatch, "growing")
    assert pattern.at_once is AtOnce.GROWING
    growth = pattern.growth
    assert growth is not None
    assert growth.under_way[:6] == (4, 5, 6, 7, 9, 12)
    assert not growth.is_capped
    openings = growth.list_openings(300, 10.0)
    assert openings[:5] == [0.0] * 4 + [10.0]
    assert openings == sorted(openings)
    # ln(300 / 4) / ln(1.25) is 19.3.
    assert openings[-1] == pytest.approx(200.0, abs=10.0)


def test_one_that_stops_growing_is_known_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A concurrency of 4, 8, 16 and then no more is learned as capped."""
    pattern = learn_stand_in(monkeypatch, "capped")
    assert (pattern.growth, pattern.most) == (Growth((4, 8, 16), is_capped=True), 16)


def test_what_is_sent_before_the_questions_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads one after another add 0.652 s per image at any concurrency; shared ones are divided by it."""
    pattern = learn_stand_in(monkeypatch, "upload_first")
    assert (pattern.inlines, pattern.at_once) == (False, AtOnce.SETTING)
    assert pattern.overhead == Overhead(per_image=0.652)
    assert pattern.overhead.find_seconds(1000, 64) == pytest.approx(652.0)
    shared = Overhead(base=1.0, per_image=0.5, is_shared=True)
    assert shared.find_seconds(100, 2 * CONCURRENCY) == pytest.approx(1.0 + 25.0)


def test_questions_that_are_asked_twice_are_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A strategy that asks about all images twice has `times=2`, and 200 requests for 100 images."""
    pattern = learn_stand_in(monkeypatch, "twice")
    assert pattern == Pattern((), times=2, at_once=AtOnce.ALL)
    assert pattern.count_requests(100, 4) == 200


def test_the_slowest_that_are_asked_a_second_time_are_found_in_a_slow_rehearsal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 40 images two are hedged in a slow rehearsal, and none in a normal one."""
    pattern = learn_stand_in(monkeypatch, "hedging")
    assert pattern == Pattern(("concurrency",), at_once=AtOnce.SETTING, asked_again=Fraction(1, 20))
    slow = rehearse("hedging", SUBJECT.question, 40, is_slow=True)
    assert len(slow.asked) == 42
    assert len(slow.questions) == 40, "as two were cancelled"
    assert len(rehearse("hedging", SUBJECT.question, 40).asked) == 40


def test_what_is_cancelled_at_the_same_moment_as_it_is_answered_is_no_other_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hedge sent just before its answer arrives and then cancelled counts as asked again."""
    assert learn_stand_in(monkeypatch, "hasty") == Pattern(
        ("concurrency",), at_once=AtOnce.SETTING, asked_again=Fraction(1)
    )


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("mixed", "it sends 24 images in requests of different sizes (1, 24), which cannot be planned"),
        ("failing", "it fails in a rehearsal (ZeroDivisionError: integer division or modulo by zero)"),
        ("forgetful", "it returns 11 answers about 12 images in a rehearsal"),
        ("silent", "it sends no question to the model in a rehearsal"),
        ("refused", "it gets no answer in a rehearsal (refused request: "),
        ("all_but_two", "its largest request has 10 of 12 images, and 22 of 24"),
        ("beside_a_job", "it sends questions outside its batch job, which cannot be planned"),
        ("without_images", "it sends questions without images"),
    ],
)
def test_what_cannot_be_learned_says_why(monkeypatch: pytest.MonkeyPatch, name: str, why: str) -> None:
    """The reason is a clause about the strategy."""
    assert learn_stand_in(monkeypatch, name).startswith(why)


def rehearse_job(images: int, uploaded: Sequence[bytes]) -> Rehearsal:
    """Return the rehearsal of a strategy that uploads these bodies and then creates a job on a file."""
    body = {"batch": {"displayName": "job", "inputConfig": {"fileName": "files/requests"}}}
    sent = [Sent("POST", "files", each) for each in uploaded]
    sent.append(Sent("POST", "models/rehearsed:batchGenerateContent", json.dumps(body).encode()))
    reply = Reply(200, (), b"", 1.0)
    return Rehearsal(images, 1.0, [Exchange(each, "", {}, reply, 0.0, 1, played=False) for each in sent], {})


def write_lines(images: int, *, each: int = 1) -> bytes:
    """Return the lines of a file of requests, each about `each` images."""
    part = {"inline_data": {"data": "aaaa", "mime_type": "image/jpeg"}}
    line = {"key": "a", "request": {"contents": [{"parts": [*[part] * each, {"text": "How many?"}]}]}}
    return b"\n".join([json.dumps(line).encode()] * (images // each))


def test_the_requests_of_a_job_are_read_from_the_file_that_is_uploaded() -> None:
    """Files with one or two images per request are read; other uploads are ignored."""
    one, two = (
        learn_job(*(rehearse_job(images, [b"\xff\xd8", b"7", write_lines(images, each=each)]) for images in (12, 24)))
        for each in (1, 2)
    )
    assert one == Pattern((), is_job=True, is_filed=True)
    assert two == Pattern((), images=2, is_job=True, is_filed=True)


def test_a_job_whose_requests_are_nowhere_is_not_planned() -> None:
    """A job on a file that the rehearsal did not upload is not learned."""
    with pytest.raises(NotLearned, match="neither inline nor in a JSON Lines file"):
        learn_job(rehearse_job(12, []), rehearse_job(24, []))
