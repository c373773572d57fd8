"""The simulator in a thread of the test's process, over real sockets, and the SDK connected to it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

from benchmarks.strategies import STRATEGIES
from fixtures.clock.clock import Clock
from fixtures.exchange.answer import Answer
from fixtures.exchange.retries import Policy
from fixtures.images.image import Image
from fixtures.simulator.build import SEED, build_api
from fixtures.simulator.decisions.api import Api
from fixtures.simulator.decisions.faults import Faults
from fixtures.simulator.decisions.limits import Limits
from fixtures.simulator.decisions.model import Profile
from fixtures.simulator.known_sets import KnownSets, read_known_sets
from fixtures.simulator.profiles import read_profiles
from fixtures.simulator.serving.app import build_app
from fixtures.simulator.serving.uvicorn import serve_in_thread
from fixtures.transport.client import open_session
from fixtures.transport.network import make_network
from fixtures.transport.responders import NetworkResponder
from fixtures.transport.wire import Wire
from tests.helpers.tasks import count_people, know_people

MODEL = "gemini-2.5-flash"


def image(name: str, people: int) -> Image:
    """Return a file that the simulator accepts as an image, with this true number of people."""
    return Image(name, b"\xff\xd8\xff" + name.encode(), "image/jpeg", 1, 1, people)


@dataclass
class Plan:
    """A plan of faults that can be changed while the simulator runs."""

    faults: Faults = field(default_factory=lambda: Faults({}))
    _seen: Counter[str] = field(default_factory=Counter)

    def change(self, faults: Faults) -> None:
        """Use these faults from now on, and forget the requests seen before."""
        self.faults = faults
        self._seen.clear()

    def draw(self, digest: str, _: int, images: Sequence[str]) -> str | None:
        """Return the fault of a request, or None."""
        self._seen[digest] += 1
        return self.faults.draw(digest, self._seen[digest] - 1, images)


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
    faults = cast(Faults, plan or Plan())
    api = Api(profiles or read_profiles(), know_people(images), SEED, plan=faults, limits=limits)
    with serve_in_thread(build_app(api, scale)) as url:
        yield url


@contextmanager
def serve_sets(known_sets: KnownSets, *, scale: float) -> Iterator[str]:
    """Serve these image sets, at `scale` times the seconds, until the block ends; yield the base URL."""
    with serve_in_thread(build_app(build_api(known_sets), scale)) as url:
        yield url


@contextmanager
def serve_folder(folder: Path, *, scale: float = 0.01, faults: str = "", rpm: int | None = None) -> Iterator[str]:
    """Serve an image set as `python -m fixtures.simulator` does, in this process; yield the base URL."""
    api = build_api(read_known_sets((folder,)), faults=faults, rpm=rpm)
    with serve_in_thread(build_app(api, scale)) as url:
        yield url


@dataclass(frozen=True)
class Result:
    """The result of a run over sockets."""

    answers: list[Answer]
    wire: Wire

    @property
    def values(self) -> dict[str, Any]:
        """The answers by image."""
        return {answer.image: answer.value for answer in self.answers}


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
    """Run a strategy once, on the suite's transports; `timeout` are the seconds for each request as a whole."""
    wire = wire or Wire(Clock(skip=False), NetworkResponder())
    with open_session(wire, url, timeout=timeout, network=make_network(verify=False)) as session:
        wire.start_round(0)  # making the client is not part of a round
        answers = session.run(partial(STRATEGIES[strategy], **settings), images, count_people(MODEL, policy))
    return Result(answers, wire)
