"""The retry policy repeats requests that may succeed, with the same waits on every replay, and gives up in time."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from google.genai import errors
from hypothesis import given
from hypothesis import strategies as st

from fixtures.clock.clock import ClockLoop
from fixtures.clock.threads import count_threads
from fixtures.exchange.reply import AnswerTooLarge
from fixtures.exchange.retries import (
    LONGEST_DELAY,
    Attempt,
    Policy,
    RetryWait,
    find_waits,
    is_transient,
    read_retry_delay,
)
from tests.conftest import virtual_clock

NOW, SOON = "Wed, 25 Nov 2026 12:00:00 GMT", "Wed, 25 Nov 2026 12:01:30 GMT"
POLICY = Policy(attempts=4, base=2.0, cap=5.0, deadline=100.0)


def refused(status: int, delay: str | None = None, response: httpx2.Response | None = None) -> errors.APIError:
    """Return the SDK's error for a status, with the wait that the server asks for."""
    details = [] if delay is None else [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]
    body = {"error": {"code": status, "message": "no", "status": "X", "details": details}}
    return errors.APIError(status, body, response)


class Server:
    """A server that fails with these errors, then answers."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.asked = 0

    def answer(self) -> str:
        """Answer a synchronous request."""
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        return "yes"

    async def answer_async(self) -> str:
        """Answer an asynchronous request."""
        return self.answer()


def ask_sync(policy: Policy, server: Server) -> tuple[str, float]:
    """Return the answer and its seconds on a purely virtual clock."""
    clock = virtual_clock()
    with count_threads(clock):
        return policy.retrying("key")(server.answer), clock.now()


def ask_async(policy: Policy, server: Server) -> tuple[str, float]:
    """Return the answer of an asynchronous request and its seconds on a purely virtual clock."""
    clock = virtual_clock()
    with count_threads(clock), asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:

        async def main() -> str:
            return await policy.retrying_async("key")(server.answer_async)

        return runner.run(main()), clock.now()


both = pytest.mark.parametrize("ask", [ask_sync, ask_async], ids=["sync", "async"])
Ask = Callable[[Policy, Server], tuple[str, float]]


@both
def test_the_waits_are_on_the_clock_and_reproducible(ask: Ask) -> None:
    """The waits after three failures make up the whole time, and a second run takes the same."""
    failures = [refused(503), refused(429), httpx2.ReadTimeout("slow")]
    answer, seconds = ask(POLICY, Server(*failures))
    assert answer == "yes"
    assert seconds == pytest.approx(sum(POLICY.wait(failure, "key", n) for n, failure in enumerate(failures, start=1)))
    assert seconds > 0
    assert ask(POLICY, Server(*failures)) == (answer, seconds)


@both
def test_it_gives_up_after_its_attempts(ask: Ask) -> None:
    """The error of the last attempt is raised."""
    server = Server(*[refused(503)] * 3, refused(429), refused(500))
    with pytest.raises(errors.APIError, match="429"):
        ask(POLICY, server)
    assert server.asked == 4


@both
def test_it_gives_up_where_the_next_attempt_would_begin_after_the_deadline(ask: Ask) -> None:
    """With a deadline of 100 s, a server that asks to wait 180 s is not asked again."""
    server = Server(refused(429, "180s"))
    with pytest.raises(errors.APIError):
        ask(POLICY, server)
    assert server.asked == 1


@both
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_permanent_error_is_not_retried(ask: Ask, status: int) -> None:
    """An error such as 401 for a wrong key is raised after one attempt."""
    server = Server(refused(status))
    with pytest.raises(errors.APIError):
        ask(POLICY, server)
    assert server.asked == 1


@pytest.mark.parametrize(
    ("error", "transient"),
    [(refused(status), True) for status in (408, 429, 500, 502, 503, 504)]
    + [(refused(status), False) for status in (400, 401, 403, 404, 501)]
    + [
        (kind("x"), True)
        for kind in (httpx2.ConnectError, httpx2.ReadError, httpx2.WriteTimeout, httpx2.ConnectTimeout)
    ]
    + [(httpx2.RemoteProtocolError("cut"), True), (httpx2.UnsupportedProtocol("ftp"), False), (ValueError(), False)]
    + [(AnswerTooLarge("it is"), False)],
    ids=lambda value: f"{getattr(value, 'code', '')}{type(value).__name__}" if isinstance(value, Exception) else "",
)
def test_transient_errors_are_retried_and_others_are_not(error: Exception, *, transient: bool) -> None:
    """Each status and connection error is either transient or not."""
    assert is_transient(error) is transient


def test_the_wait_is_what_the_server_asks_for_up_to_twice_that() -> None:
    """A hundred clients that are asked to wait 7 s come back spread over 7 to 14 s."""
    waits = [POLICY.wait(refused(429, "7s"), str(key), 1) for key in range(100)]
    assert all(7 <= wait <= 14 for wait in waits)
    assert max(waits) - min(waits) > 5


def test_back_off_has_full_jitter_up_to_a_cap() -> None:
    """Waits are at most 2, 4 and then 5 s, and differ by request and attempt."""
    for attempt, most in ((1, 2.0), (2, 4.0), (3, 5.0), (7, 5.0)):
        waits = [POLICY.wait(refused(503), str(key), attempt) for key in range(200)]
        assert all(0 <= wait <= most for wait in waits)
        assert max(waits) > 0.9 * most
        assert min(waits) < 0.1 * most


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [
        ("48s", 48.0),
        ("0.4s", 0.4),
        ("3.123456789s", 3.123456789),
        ("48", None),
        ("-1s", None),
        ("1e9s", None),
        ("", None),
    ],
)
def test_the_delay_is_read_as_google_writes_it(delay: str, seconds: float | None) -> None:
    """A delay is a number of seconds with up to nine decimals and an s."""
    assert read_retry_delay(refused(429, delay)) == seconds


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": SOON, "date": NOW}, 90.0),
        ({"retry-after": NOW, "date": SOON}, 0.0),
        ({"retry-after": SOON}, None),
        ({"retry-after": SOON, "date": "today"}, None),
        ({"retry-after": "soon", "date": NOW}, None),
        ({"retry-after": "9" * 5000}, LONGEST_DELAY),
        ({}, None),
    ],
    ids=["seconds", "a date", "a past date", "a date alone", "no date to compare", "words", "many digits", "nothing"],
)
def test_the_header_asks_to_wait_where_the_body_does_not(asked: dict[str, str], seconds: float | None) -> None:
    """`retry-after` has seconds or a date, compared with the response's date; a delay in the body takes precedence."""
    response = httpx2.Response(503, headers=asked)
    assert read_retry_delay(refused(503, response=response)) == seconds
    assert read_retry_delay(refused(503, "2s", response=response)) == 2.0


def test_a_delay_of_nothing_is_backed_off_from() -> None:
    """A delay of 0 s is replaced by the policy's own, so that the attempts are not used up at once."""
    for error in (refused(503, "0s"), refused(503, response=httpx2.Response(503, headers={"retry-after": "0"}))):
        assert POLICY.wait(error, "key", 3) == POLICY.wait(refused(503), "key", 3) > 0


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.just("retryDelay"),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["error", "details", "retryDelay", "x"]), inner),
)


@given(json_values)
def test_a_strange_error_body_is_no_delay_and_no_error(body: Any) -> None:
    """An error body of any shape, as other servers send, raises nothing."""
    error = errors.APIError(429, {"error": {}})
    error.details = body
    assert read_retry_delay(error) is None or isinstance(body, dict)


def test_a_wait_lies_between_a_failed_attempt_and_the_next_at_the_same_request() -> None:
    """There is no wait between requests that succeeded, or before an attempt that overlaps the failed one."""
    attempts = [
        Attempt("a", 0.0, 1.0, is_failed=True),
        Attempt("b", 0.0, 1.0, is_failed=False),
        Attempt("a", 0.5, 9.0, is_failed=False),
        Attempt("a", 3.0, 4.0, is_failed=True),
        Attempt("b", 5.0, 6.0, is_failed=False),
        Attempt("a", 8.0, 9.0, is_failed=False),
    ]
    assert find_waits(attempts) == [RetryWait(3, 1.0, 3.0), RetryWait(5, 4.0, 8.0)]
    assert [wait.seconds for wait in find_waits(attempts)] == [2.0, 4.0]
