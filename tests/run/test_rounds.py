"""What was seen of a round: its waits for retries, and which of several rounds is the median one."""

import pytest

from fixtures.exchange.reply import Exchange, Reply
from fixtures.exchange.sent import Sent
from fixtures.run.record.round import Round, find_median


def exchange(start: float, status: int, text: str) -> Exchange:
    """Return an exchange of one second about a text."""
    sent = Sent("POST", "models/m:generateContent", b'{"contents": [{"parts": [{"text": "%s"}]}]}' % text.encode())
    return Exchange(sent, "http://host/", {}, Reply(status, (), b"{}", 1.0), start, 0, played=True)


def test_retries_are_requests_like_one_that_failed() -> None:
    """Only the failed one's successor counts, with the seconds between them."""
    exchanges = [
        exchange(0.0, 503, "a"),
        exchange(0.0, 200, "b"),
        exchange(3.0, 429, "a"),
        exchange(8.0, 200, "a"),
        exchange(9.0, 200, "b"),
    ]
    assert Round([], exchanges, 0.0).waits_for_retry == [2.0, 4.0]


@pytest.mark.parametrize(
    ("seconds", "index"), [([3.0, 1.0, 2.0], 2), ([1.0], 0), ([4.0, 1.0, 3.0, 2.0], 3), ([2.0, 2.0, 2.0], 1)]
)
def test_the_median_round_is_one_that_was_run(seconds: list[float], index: int) -> None:
    """Answers and tokens are those of a real round, not an average of several."""
    assert find_median(seconds) == index
