"""`python -m benchmarks.costs.rate_limit`: what a limit of 150 requests a minute does to 200 images.

It runs `concurrent` without and with the retry policy, and `bounded` with it, each against a simulator of its own at
real speed, and prints for each the images without a number, the answers 429, the waiting for retries and the seconds.
It takes about five minutes.
"""

import asyncio
import hashlib
import io
import tempfile
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from random import Random

import httpx2
from google import genai
from google.genai import types
from PIL import Image as PillowImage

from benchmarks.strategies import Strategy
from benchmarks.strategies.bounded import bounded
from benchmarks.strategies.concurrent import concurrent
from fixtures.clock.clock import Clock, ClockLoop
from fixtures.exchange.retries import Policy
from fixtures.images import folder as images
from fixtures.images.folder import Image
from fixtures.run.rounds import Round
from fixtures.simulator.serving.process import running
from fixtures.tasks.counting import Counting
from fixtures.transport.client import ANSWER_TIMEOUT, NO_LIMITS
from fixtures.transport.transports import AsyncTransport
from fixtures.transport.wire import Wire

MODEL = "gemini-3.5-flash"
IMAGES = 200
PER_MINUTE = 150
MOST_PEOPLE = 40
ONCE = Policy(attempts=1)


def draw(folder: Path) -> Sequence[Image]:
    """Make small images of noise, with made-up numbers of people."""
    table = []
    for number in range(IMAGES):
        buffer = io.BytesIO()
        PillowImage.frombytes("RGB", (32, 24), Random(number).randbytes(32 * 24 * 3)).save(buffer, "JPEG")
        (folder / f"{number:03}.jpg").write_bytes(buffer.getvalue())
        digest = hashlib.sha256(buffer.getvalue()).hexdigest()
        table.append(f'["{number:03}.jpg"]\npeople = {number % MOST_PEOPLE}\nsha256 = "{digest}"\n')
    (folder / "images.toml").write_text("".join(table))
    return images.load(str(folder)).images


def run(server: str, strategy: Strategy, pictures: Sequence[Image], policy: Policy) -> tuple[float, Round]:
    """Run a strategy once; return its seconds and what was seen of it."""
    wire = Wire(Clock(skip=False), None, plays=False, records=True)
    with asyncio.Runner(loop_factory=lambda: ClockLoop(wire.clock)) as runner:
        transport = AsyncTransport(wire, httpx2.AsyncHTTPTransport(limits=NO_LIMITS))
        http = httpx2.AsyncClient(transport=transport, timeout=ANSWER_TIMEOUT)
        options = types.HttpOptions(base_url=server, httpx_async_client=http)
        client = genai.Client(api_key="none", http_options=options)

        async def main() -> Round:
            wire.start_round(0)
            answers = strategy(client, pictures, Counting(MODEL, policy))
            assert not isinstance(answers, list)  # noqa: S101 - both are asynchronous
            return Round(await answers, wire.end_round(), 0.0)

        started = wire.clock.now()
        done = runner.run(main())
        seconds = wire.clock.now() - started
        runner.run(http.aclose())
    return seconds, done


def main() -> None:
    """Print the three runs."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = draw(Path(folder))
        print(f"{IMAGES} images, {MODEL}, simulator with a limit of {PER_MINUTE} requests a minute, real speed")
        print("                        without a number  answers 429  waited for retries s  seconds")
        for name, strategy, policy in (
            ("concurrent, no policy", concurrent, ONCE),
            ("concurrent", concurrent, Policy()),
            ("bounded", bounded, Policy()),
        ):
            with running(folders=[Path(folder)], options=[f"--rpm={PER_MINUTE}"]) as server:
                seconds, done = run(server, strategy, pictures, policy)
            lost = sum(answer.number is None for answer in done.answers)
            limited = sum(each.reply.status == HTTPStatus.TOO_MANY_REQUESTS for each in done.exchanges)
            waited = sum(done.waits_for_retry)
            print(f"{name:22}  {lost:16}  {limited:11}  {waited:20.1f}  {seconds:7.1f}", flush=True)


if __name__ == "__main__":
    main()
