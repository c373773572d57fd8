"""Tokens, retries and requests of a round, and the median one of several rounds."""

import hashlib
from datetime import UTC, datetime

import pytest

from fixtures.exchange.reply import CLOSED, FAILED, GIVEN_UP, Exchange, Timing
from fixtures.exchange.usage import Tokens
from fixtures.images.image import Image, ImageSet
from fixtures.run.record.course import MOST_MOMENTS, find_course
from fixtures.run.record.round import Round, find_median, find_median_round
from tests.helpers.exchanges import QUESTION, STREAM, make_answer, make_exchange, make_question

A, B = (Image(f"{name}.jpg", name.encode(), "image/jpeg", 1, 1) for name in "ab")


def exchange(start: float, status: int, text: str, error: str = "") -> Exchange:
    """Return an exchange of one second about a text."""
    return make_exchange(QUESTION, make_question(text), start, 1.0, make_answer("v"), status=status, error=error)


def test_retries_are_requests_like_one_that_failed() -> None:
    """A request equal to a failed one (status from 400, or an error) is a retry; its wait is the time in between."""
    exchanges = [
        exchange(0.0, 503, "a"),
        exchange(0.0, 200, "b"),
        exchange(0.5, 400, "c"),
        exchange(0.5, 399, "d"),
        exchange(3.0, 429, "a"),
        exchange(3.5, 200, "d"),
        exchange(5.0, 200, "c", "ReadError: reset"),
        exchange(8.0, 200, "a"),
        exchange(9.0, 200, "b"),
        exchange(9.5, 200, "c"),
    ]
    assert Round([], exchanges, 0.0).waits_for_retry == [2.0, 3.5, 4.0, 3.5]


def test_every_response_counts_its_tokens_and_model() -> None:
    """A question has one response, a batch job many, a failed request none."""
    job = {
        "metadata": {
            "output": {
                "inlinedResponses": {
                    "inlinedResponses": [{"response": make_answer("z", prompt=1000)}, {"response": make_answer()}]
                }
            }
        }
    }
    exchanges = [
        make_exchange("batches/1", None, 0.0, 1.0, job),
        make_exchange(QUESTION, make_question("x"), 0.0, 1.0, make_answer("a", prompt=1000)),
        make_exchange(QUESTION, make_question("x"), 0.0, 1.0, make_answer("z", prompt=7, candidates=2)),
        make_exchange(QUESTION, make_question("x"), 0.0, 1.0, make_answer("b", prompt=9), status=500),
    ]
    seen = Round([], exchanges, 0.0)
    assert seen.tokens == [Tokens(input=1000, batch=True), Tokens(batch=True), Tokens(1000), Tokens(7, output=2)]
    assert seen.model_versions == ["a", "z"]
    assert Round([], exchanges[:1], 0.0).cost_usd("gemini-3.5-flash", datetime(2026, 11, 23, tzinfo=UTC)) is None


def test_a_round_costs_what_the_model_cost_on_that_day() -> None:
    """The cost uses the prices of the given day; those of this model double on 1 January 2027."""
    seen = Round([], [make_exchange(QUESTION, None, 0.0, 1.0, make_answer(prompt=1000))], 0.0)
    old, new = (
        datetime(2027, 1, 1, tzinfo=UTC).replace(year=year, month=month) for year, month in ((2026, 12), (2027, 1))
    )
    assert seen.cost_usd("gemini-3.6-flash", old) == pytest.approx(0.00075)
    assert seen.cost_usd("gemini-3.6-flash", new) == pytest.approx(0.0015)
    assert seen.cost_usd("somebodys-own", new) is None


def test_a_cancelled_request_is_taken_to_cost_what_the_one_like_it_did() -> None:
    """A cancelled request has the tokens of the answer to an equal request, and none without such an answer."""
    answered = make_exchange(QUESTION, make_question("x"), 0.0, 1.0, make_answer("v", prompt=7))
    cancelled = [
        make_exchange(QUESTION, make_question(text), 0.0, 1.0, status=FAILED, error=GIVEN_UP) for text in ("x", "y")
    ]
    failed = make_exchange(QUESTION, make_question("x"), 0.0, 1.0, status=FAILED, error="ReadError: reset")
    seen = Round([], [*cancelled, answered, failed], 0.0)
    assert seen.tokens == [Tokens(7), Tokens(7)]
    assert [response.model_version for response in seen.responses] == ["v"]
    later = make_exchange(QUESTION, make_question("x"), 2.0, 1.0, make_answer("v", prompt=7))
    assert Round([], [cancelled[0], answered, later], 0.0).waits_for_retry == []
    assert Round([], [cancelled[0], later], 0.0).tokens == [Tokens(7)], "it was sent after the other was cancelled"
    assert Round([], [cancelled[0], later], 0.0).waits_for_retry == [1.0]
    statuses = [span.status for span in seen.make_spans(ImageSet("none", ()))]
    assert statuses == [CLOSED, CLOSED, 200, FAILED]


def test_a_course_is_kept_where_more_came_under_way_than_before_the_first_had_ended() -> None:
    """A course is kept only if concurrency grows after the first end of a request; waiting for a retry counts."""
    asked = [exchange(0.0, 429, "a"), exchange(1.004, 200, "b"), exchange(1.5, 200, "c"), exchange(2.0, 200, "a")]
    assert Round([], asked, 0.0).course == [(0.0, 1), (1.0, 2), (1.5, 3), (2.0, 2), (2.5, 1), (3.0, 0)]
    assert Round([], [exchange(0.0, 200, "a"), exchange(0.0, 200, "b")], 0.0).course == []
    assert Round([], [exchange(0.0, 200, "a"), exchange(1.001, 200, "b")], 0.0).course == []
    assert Round([], [], 0.0).course == []


def test_a_long_course_is_kept_at_evenly_spaced_moments() -> None:
    """A long course is reduced to 200 evenly spaced moments, each with the right number of requests."""
    spans = [(0.0, 0.5), *((float(number), number + 50.0) for number in range(1, 1000))]
    course = find_course(spans, [])
    assert len(course) == MOST_MOMENTS
    assert (course[0], course[-1], max(number for _, number in course)) == ((0.0, 1), (1049.0, 0), 50)
    assert all(number == min(int(moment), 50) for moment, number in course if 1 <= moment < 999)


def test_the_first_token_is_a_median_over_the_streams() -> None:
    """Requests without a stream, or whose stream has no text, are left out."""

    def stream(*texts: str) -> Exchange:
        return make_exchange(STREAM, make_question("x"), 0.0, 9.0, *(make_answer(text=text) for text in texts))

    streams = [stream("1", "2"), stream("", "2"), stream("", "", "", "4"), stream("", "", "", "4"), stream("", "")]
    assert Round([], [exchange(0.0, 200, "a"), *streams], 0.0).first_token_seconds == 3.0
    assert Round([], [exchange(0.0, 200, "a"), streams[-1]], 0.0).first_token_seconds is None


def test_the_digest_of_the_prompts_ignores_order_and_repetition() -> None:
    """Reordered or repeated requests keep the digest; another prompt changes it."""
    a, b, c = (exchange(0.0, 200, text) for text in "abc")
    digest = Round([], [a, b], 0.0).prompt_sha256
    assert Round([], [b, a, b], 0.0).prompt_sha256 == digest
    assert digest == hashlib.sha256(b"a\nb").hexdigest(), "stored runs have it"
    assert Round([], [a, c], 0.0).prompt_sha256 != digest


def test_a_request_is_drawn_with_the_names_of_its_images() -> None:
    """Inlined images are named by their digest, uploaded ones by the URI in the response to the upload."""
    uploads = [
        Exchange(**{**vars(made), "sent": type(made.sent)("POST", "files", image.data)})
        for image, uri in ((B, "https://host/files/1"), (Image("other", b"other", "", 1, 1), "https://host/\ud800"))
        for made in [make_exchange("files", None, 0.0, 0.5, {"file": {"uri": uri}})]
    ]
    asked = make_question(
        "x", A, Image("", b"unknown", "image/jpeg", 1, 1), files=("https://host/files/1", "elsewhere")
    )
    exchanges = [
        *uploads,
        make_exchange("files", None, 0.5, 0.5, {"file": {"uri": "elsewhere"}}),  # uploads nothing
        make_exchange("batches/1", None, 0.5, 0.5, {}),
        make_exchange(QUESTION, asked, 1.00000049, 2.0, {}),
        make_exchange(QUESTION, make_question("x", files=("https://host/\ud800",)), 2.0, 1.00000049, {}, error="Read"),
    ]
    spans = Round([], exchanges, 0.0).make_spans(ImageSet("two", (A, B)))
    assert spans == [
        (0.0, 0.5, 200, ["b.jpg"]),
        (0.0, 0.5, 200, [Image("", b"other", "", 1, 1).sha256]),
        (0.5, 1.0, 200, []),
        (0.5, 1.0, 200, []),
        (1.0, 3.0, 200, ["a.jpg", Image("", b"unknown", "", 1, 1).sha256, "b.jpg", "elsewhere"]),
        (2.0, 3.0, FAILED, [Image("", b"other", "", 1, 1).sha256]),
    ]


@pytest.mark.parametrize(
    ("seconds", "index"), [([3.0, 1.0, 2.0], 2), ([1.0], 0), ([4.0, 1.0, 3.0, 2.0], 3), ([2.0, 2.0, 2.0], 1)]
)
def test_the_median_round_is_one_that_was_run(seconds: list[float], index: int) -> None:
    """Answers and tokens are those of one round, not an average of several."""
    assert find_median(seconds) == index


@pytest.mark.parametrize(
    ("timing", "recorded", "index"),
    [
        ("replayed", [1.0, 2.0, 3.0], 1),
        ("replayed", [1.0, None, 3.0], 0),  # not every round was timed
        ("replayed", [None], 0),
        ("replayed", [1.0, 2.0, 3.0, 4.0], 0),  # more rounds than were replayed
        ("live", [1.0, 2.0, 3.0], 0),
        ("virtual", [1.0, 2.0, 3.0], 1),
    ],
)
def test_the_recording_chooses_the_median_round_of_its_replays(
    timing: Timing, recorded: list[float | None], index: int
) -> None:
    """A replay uses the recorded seconds if every round has them; virtual seconds are first rounded to three digits."""
    assert find_median_round(timing, [100.2, 100.1, 100.3], recorded) == index
