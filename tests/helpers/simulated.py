"""The simulator in a thread of the test's own, over real sockets, and the SDK connected to it."""

import asyncio
import inspect
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
import uvicorn
from google import genai
from google.genai import types

from benchmarks.strategies import STRATEGIES
from fixtures.clock.clock import Clock, ClockLoop
from fixtures.exchange.answer import Answer
from fixtures.exchange.retries import Policy
from fixtures.images.folder import Image
from fixtures.simulator import profiles as tables
from fixtures.simulator.decisions.api import Api
from fixtures.simulator.decisions.faults import Faults
from fixtures.simulator.decisions.limits import Limits
from fixtures.simulator.decisions.model import Profile
from fixtures.simulator.serving.app import Server
from fixtures.simulator.serving.connections import Protocol
from fixtures.tasks.counting import Counting
from fixtures.transport.transports import AsyncTransport, SyncTransport
from fixtures.transport.wire import Wire

MODEL = "gemini-2.5-flash"


def image(name: str, people: int) -> Image:
    """Return an image that the simulator takes for one, with so many people."""
    return Image(name, b"\xff\xd8\xff" + name.encode(), "image/jpeg", 1, 1, people)


@dataclass
class Plan:
    """A plan of faults that can be changed while the simulator runs."""

    faults: Faults = field(default_factory=lambda: Faults({}))
    _seen: Counter[str] = field(default_factory=Counter)

    def change(self, faults: Faults) -> None:
        """Begin anew with these faults, as if nothing had been seen."""
        self.faults = faults
        self._seen.clear()

    def drawn(self, digest: str, _: int, images: Sequence[str]) -> str | None:
        """Return the kind that a request meets."""
        self._seen[digest] += 1
        return self.faults.drawn(digest, self._seen[digest] - 1, images)


@contextmanager
def simulator(
    images: Sequence[Image],
    *,
    plan: Plan | None = None,
    limits: Limits | None = None,
    scale: float = 0.001,
    profiles: Mapping[str, Profile] | None = None,
) -> Iterator[str]:
    """Serve, at `scale` times the seconds, until the block ends; yield the base URL."""
    numbers = {each.sha256: each.people for each in images if each.people is not None}
    known = profiles or tables.profiles()
    app = Server(Api(known, numbers, 1, plan=cast(Faults, plan or Plan()), limits=limits), scale).app()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    config = uvicorn.Config(app, http=Protocol, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    server.force_exit = True  # nobody waits for requests that are never answered
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@dataclass(frozen=True)
class Result:
    """What a run over sockets came to."""

    answers: list[Answer]
    wire: Wire

    @property
    def numbers(self) -> dict[str, int | None]:
        """The numbers by image."""
        return {answer.image: answer.number for answer in self.answers}


def run(
    url: str,
    strategy: str,
    images: Sequence[Image],
    *,
    policy: Policy | None = None,
    timeout: float = 30.0,
    wire: Wire | None = None,
    **settings: Any,
) -> Result:
    """Run a strategy once, on the suite's transports; `timeout` are the seconds without a byte that are waited."""
    wire = wire or Wire(Clock(skip=False), None, plays=False, records=True)
    wire.start_round(0)
    task = Counting(MODEL, policy or Policy())
    with asyncio.Runner(loop_factory=lambda: ClockLoop(wire.clock)) as runner:
        http = httpx2.Client(transport=SyncTransport(wire, httpx2.HTTPTransport(verify=False)), timeout=timeout)
        async_http = httpx2.AsyncClient(
            transport=AsyncTransport(wire, httpx2.AsyncHTTPTransport(verify=False)), timeout=timeout
        )
        client = sdk(http, async_http, base_url=url, timeout=int(timeout * 1000))
        result = STRATEGIES[strategy](client, images, task, **settings)
        answers = runner.run(_awaited(result)) if inspect.isawaitable(result) else result
        http.close()
        runner.run(async_http.aclose())
    return Result(answers, wire)


def sdk(http: httpx2.Client, async_http: httpx2.AsyncClient, **options: Any) -> genai.Client:
    """Return the SDK on these clients."""
    options |= {"httpx_client": http, "httpx_async_client": async_http}
    return genai.Client(api_key="none", http_options=types.HttpOptions(**options))


async def _awaited(answers: Any) -> list[Answer]:
    return await answers  # type: ignore[no-any-return]
