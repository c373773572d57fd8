"""For each failure of the API, each image gets an answer with the reason; other errors are raised."""

import httpx2
import pytest
from google.genai import errors, types

from fixtures.exchange.answer import Answer, Reason
from fixtures.exchange.failures import (
    classify_error,
    explain_failure,
    explain_job_error,
    find_refused_setting,
)
from fixtures.exchange.reply import AnswerTooLarge
from fixtures.images.image import Image
from tests.helpers.exchanges import QUESTION, make_exchange

IMAGES = [Image(f"{name}.jpg", b"", "image/jpeg", 1, 1) for name in "ab"]


def refused(status: int) -> errors.APIError:
    """Return the SDK's error for a status."""
    return errors.APIError(status, {"error": {"code": status, "message": "no", "status": "X"}})


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (refused(400), Reason.REFUSED),
        (refused(401), Reason.REFUSED),
        (refused(403), Reason.REFUSED),
        (refused(404), Reason.REFUSED),
        (refused(408), Reason.TIMED_OUT),
        (refused(429), Reason.RATE_LIMITED),
        (refused(500), Reason.UNAVAILABLE),
        (refused(503), Reason.UNAVAILABLE),
        (refused(504), Reason.TIMED_OUT),
        (refused(599), Reason.UNAVAILABLE),
        (httpx2.ReadTimeout("x"), Reason.TIMED_OUT),
        (httpx2.ConnectError("x"), Reason.UNAVAILABLE),
        (httpx2.RemoteProtocolError("x"), Reason.UNAVAILABLE),
        (httpx2.DecodingError("x"), Reason.UNREADABLE),
        (AnswerTooLarge("x"), Reason.UNREADABLE),
    ],
    ids=lambda value: f"{getattr(value, 'code', '')}{type(value).__name__}" if isinstance(value, Exception) else "",
)
def test_every_image_gets_the_reason(error: Exception, reason: Reason) -> None:
    """A failed request about two images gives two answers without a value."""
    told = explain_failure(IMAGES, error)
    assert [(answer.image, answer.value, answer.reason) for answer in told] == [
        ("a.jpg", None, reason),
        ("b.jpg", None, reason),
    ]
    assert told[0].detail


def test_the_servers_message_is_cut() -> None:
    """An error has less than 400 characters, also if the server sends a megabyte."""
    (answer,) = explain_failure(IMAGES[:1], errors.APIError(502, {"message": "x" * 1_000_000}))
    (cut,) = explain_failure(IMAGES[:1], httpx2.RemoteProtocolError("x" * 1_000_000))
    of_job = explain_job_error(IMAGES[0], types.JobError(code=3, message="x" * 1_000_000))
    assert all(300 < len(each.error) < 400 for each in (answer, cut, of_job))


def test_the_servers_message_stays_on_one_line() -> None:
    """Its controls are escaped, so it cannot colour the terminal or be a command of a CI job."""
    (answer,) = explain_failure(IMAGES[:1], errors.APIError(400, {"message": "no\n::error::\x1b[31mpwned"}))
    assert answer.error == r"refused request: answered 400 (no status): no ::error::\x1b[31mpwned"


def test_an_error_that_is_not_the_apis_is_raised() -> None:
    """A strategy's own error is not reported as a failure of the API."""
    assert classify_error(ValueError("mine")) is None
    with pytest.raises(ZeroDivisionError):
        explain_failure(IMAGES, ZeroDivisionError())


@pytest.mark.parametrize(
    ("code", "reason"), [(8, Reason.RATE_LIMITED), (3, Reason.REFUSED), (4, Reason.TIMED_OUT), (13, Reason.UNAVAILABLE)]
)
def test_a_jobs_failed_request_has_a_reason(code: int, reason: Reason) -> None:
    """Batch jobs report the codes of google.rpc instead of HTTP statuses."""
    answer = explain_job_error(IMAGES[0], types.JobError(code=code, message="no"))
    assert answer == Answer("a.jpg", None, reason, f"answered {code}: no")


@pytest.mark.parametrize("code", [None, 0])
def test_a_jobs_failed_request_may_have_no_code(code: int | None) -> None:
    """Without a code the reason is `unavailable`."""
    answer = explain_job_error(IMAGES[0], types.JobError(code=code, message="no"))
    assert answer == Answer("a.jpg", None, Reason.UNAVAILABLE, "failed without a code: no")


LEVEL = {"generationConfig": {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}}
REFUSED = "Thinking level MINIMAL is not supported for this model."


def refuse(sent: object, message: object = REFUSED, status: int = 400) -> str | None:
    """Return the refused setting's message, if it is found, for this request and error."""
    answer = {"error": {"code": status, "message": message, "status": "INVALID_ARGUMENT"}}
    return find_refused_setting(make_exchange(QUESTION, sent, 0.0, 0.1, answer, status=status))


def test_a_refused_setting_is_distinguished_from_other_refusals() -> None:
    """The error must be a 400 that names a setting of the request."""
    assert refuse(LEVEL) == REFUSED
    sized = {"generation_config": {"media_resolution": "X"}}
    assert refuse(sized, "Invalid media_resolution") is not None
    assert refuse({"batch": [{"request": {"serviceTier": "flex"}}]}, "The service tier FLEX is not there.") is not None
    assert refuse(LEVEL, "Unable to process input image") is None
    assert refuse({"contents": []}) is None, "it sets nothing"
    assert refuse(sized) is None, "it does not set the thinking"
    assert refuse(sized, "The image resolution exceeds 16384 pixels.") is None
    assert refuse({"serviceTier": "flex"}, "Gemini API free tier is not available in your country.") is None
    assert refuse(LEVEL, status=503) is None
    assert refuse(LEVEL, None) is None
    bare = make_exchange(QUESTION, LEVEL, 0.0, 0.1, ["thinking"], status=400)
    assert find_refused_setting(bare) is None


def test_the_message_about_a_setting_is_cut_and_on_one_line() -> None:
    """The server's text becomes one line of at most 300 characters."""
    told = refuse(LEVEL, "thinking\n" * 1000) or ""
    assert (len(told), "\n" in told) == (300, False)
