"""A server in place of the network that answers after exact seconds, on a clock that only waiting moves."""

import json
from collections import Counter
from collections.abc import Callable, Sequence

from benchmarks.scaling.single_round import TimedRound, run_round
from benchmarks.strategies import bind_strategy
from fixtures.exchange.reply import Reply
from fixtures.images.image import Image
from fixtures.transport.wire import Call, Responder, Wire
from tests.conftest import virtual_clock
from tests.helpers.exchanges import make_answer
from tests.helpers.tasks import count_people

Decide = Callable[[int, int, float], Reply]
"""Returns the reply, given the number of the image, how often it was asked about before, and the seconds."""


def make_images(count: int) -> list[Image]:
    """Return images whose bytes are their numbers."""
    return [Image(f"{number}.jpg", b"\xff\xd8\xff%d" % number, "image/jpeg", 1, 1, number) for number in range(count)]


def answer(number: int, seconds: float) -> Reply:
    """Return an answer with this number after these seconds."""
    return Reply(200, (), json.dumps(make_answer(text=str(number))).encode(), seconds)


def refuse(seconds: float, delay: float) -> Reply:
    """Return a 429 after these seconds, with a retry delay of `delay` seconds."""
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{delay:g}s"}
    error = {"code": 429, "message": "Quota.", "status": "RESOURCE_EXHAUSTED", "details": [info]}
    return Reply(429, (), json.dumps({"error": error}).encode(), seconds)


class ExactServer(Responder):
    """A responder that answers every question with the reply of a function."""

    timing = "virtual"

    def __init__(self, images: Sequence[Image], decide: Decide) -> None:
        self._numbers = {image.sha256: number for number, image in enumerate(images)}
        self._decide = decide
        self._seen: Counter[int] = Counter()

    def respond(self, call: Call) -> Reply:
        """Return the reply to a question about one image."""
        (digest,) = call.sent.images
        number = self._numbers[digest]
        self._seen[number] += 1
        return self._decide(number, self._seen[number] - 1, call.since)


def run_exactly(strategy: str, images: Sequence[Image], decide: Decide, **settings: int) -> TimedRound:
    """Run a strategy once against an exact server."""
    wire = Wire(virtual_clock(), ExactServer(images, decide))
    return run_round(bind_strategy(count_people("some-model"), strategy, **settings), images, wire)
