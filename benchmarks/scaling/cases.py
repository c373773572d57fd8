"""The questions about scale, and the cases that answer each: which strategy, on how many images, under what."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from benchmarks.strategies import STRATEGIES
from fixtures.run.simulation import Simulation

SIZES = (1, 10, 100, 1000, 10_000)
WINDOWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
CHUNKS = (1, 2, 4, 8, 16, 32, 64)
USUAL = {"window": 64, "chunk": 8}
"""Requests at a time and images a prompt, where they are not the question."""
RPM, TPM = 1000, 4_000_000
"""Requests and input tokens a minute, where the command line has no others: what Google grants is shown by project."""
MOST_IMAGES = 500
"""All rounds together, up to which there is more than one round: chance evens out where there are many images."""
FAILURES = ("429-bare", "500", "503", "reset")
"""What goes wrong, in equal shares; the retry policy asks again for all of them."""


@dataclass(frozen=True)
class Case:
    """One benchmark."""

    question: str
    """What is on the figure's horizontal axis."""
    x: int
    """Where this case stands on it."""
    strategy: str
    images: int
    settings: Mapping[str, int]
    """`window` and `chunk`, for strategies that take them."""
    simulation: Simulation = field(default_factory=Simulation)

    @property
    def rounds(self) -> int:
        """How often it is run; under limits a round would begin with what the one before has left of them."""
        limited = self.simulation.rpm or self.simulation.tpm
        return 1 if limited else max(1, min(5, MOST_IMAGES // self.images))


def cases(question: str, given: Simulation) -> list[Case]:
    """Return the cases of a question; `given` is what the command line says of the simulator."""
    return list(QUESTIONS[question](question, given))


def _images(question: str, given: Simulation) -> Iterator[Case]:
    for strategy in STRATEGIES:
        for size in SIZES:
            yield Case(question, size, strategy, size, USUAL, given)


def _requests_at_a_time(question: str, given: Simulation) -> Iterator[Case]:
    for strategy in ("bounded", "threads"):
        for window in WINDOWS:
            yield Case(question, window, strategy, 1000, {"window": window}, given)


def _images_a_prompt(question: str, given: Simulation) -> Iterator[Case]:
    for chunk in CHUNKS:
        yield Case(question, chunk, "chunked", 512, {"window": 16, "chunk": chunk}, given)


def _rate_limits(question: str, given: Simulation) -> Iterator[Case]:
    limits = replace(given, rpm=given.rpm or RPM, tpm=given.tpm or TPM)
    for strategy in ("sequential", "bounded", "chunked", "concurrent", "batch"):
        for size in (100, 1000, 3000):
            yield Case(question, size, strategy, size, USUAL, limits)


def _failures(question: str, given: Simulation) -> Iterator[Case]:
    for strategy in ("sequential", "bounded", "concurrent", "chunked", "single_prompt", "batch"):
        for percent in (0, 1, 10):
            shares = [f"{kind}={percent / 100 / len(FAILURES)}" for kind in FAILURES] if percent else []
            yield Case(question, percent, strategy, 40, USUAL, replace(given, faults=",".join(shares)))


QUESTIONS: dict[str, Callable[[str, Simulation], Iterator[Case]]] = {
    "images": _images,
    "requests at a time": _requests_at_a_time,
    "images a prompt": _images_a_prompt,
    "images, under rate limits": _rate_limits,
    "percent of requests that fail": _failures,
}
"""By what is on the figure's horizontal axis."""
