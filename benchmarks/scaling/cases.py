"""The questions about scale and their cases: a strategy, a number of images, settings and limits."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from benchmarks.strategies import STRATEGIES
from fixtures.run.options.settings import Simulation

SIZES = (1, 10, 100, 1000, 10_000)
CONCURRENCIES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
CHUNKS = (1, 2, 4, 8, 16, 32, 64)
USUAL_SETTINGS = {"concurrency": 64, "chunk": 8}
"""The settings of strategies in questions about something else."""
ASSUMED_RPM, ASSUMED_TPM = 1000, 4_000_000
"""The default limits, in requests and in input tokens per minute; Google shows its limits only per project."""
MOST_IMAGES = 500
"""The largest number of images in all rounds of a case with several rounds; more images need no repetition."""
FAILURES = ("429-bare", "500", "503", "reset")
"""The injected faults, in equal shares; each of them is retried."""


@dataclass(frozen=True)
class Case:
    """One benchmark about scale."""

    question: str
    """The quantity on the figure's horizontal axis."""
    x: int
    """The value of that quantity."""
    strategy: str
    images: int
    """The number of images."""
    settings: Mapping[str, int] = field(hash=False)
    """The settings `concurrency` and `chunk`, for the strategies with these parameters."""
    simulation: Simulation = field(default_factory=Simulation)

    @property
    def rounds(self) -> int:
        """The number of rounds, from 1 to 5; it is 1 under rate limits, because the first round uses them up."""
        limited = self.simulation.rpm or self.simulation.tpm
        return 1 if limited else max(1, min(5, MOST_IMAGES // self.images))


def list_cases(question: str, given: Simulation) -> list[Case]:
    """Return the cases of a question; `given` has the simulator's options of the command line."""
    return list(QUESTIONS[question](question, given))


def _vary_images(question: str, given: Simulation) -> Iterator[Case]:
    for strategy in STRATEGIES:
        for size in SIZES:
            yield Case(question, size, strategy, size, USUAL_SETTINGS, given)


def _vary_concurrency(question: str, given: Simulation) -> Iterator[Case]:
    for strategy in ("bounded", "threads"):
        for concurrency in CONCURRENCIES:
            yield Case(question, concurrency, strategy, 1000, {"concurrency": concurrency}, given)


def _vary_chunk(question: str, given: Simulation) -> Iterator[Case]:
    for chunk in CHUNKS:
        yield Case(question, chunk, "chunked", 512, {"concurrency": 16, "chunk": chunk}, given)


def _limit_rates(question: str, given: Simulation) -> Iterator[Case]:
    limits = replace(given, rpm=given.rpm or ASSUMED_RPM, tpm=given.tpm or ASSUMED_TPM)
    for strategy in ("sequential", "bounded", "chunked", "concurrent", "batch"):
        for size in (100, 1000, 3000):
            yield Case(question, size, strategy, size, USUAL_SETTINGS, limits)


def _vary_failures(question: str, given: Simulation) -> Iterator[Case]:
    for strategy in ("sequential", "bounded", "concurrent", "chunked", "single_prompt", "batch"):
        for percent in (0, 1, 10):
            shares = [f"{kind}={percent / 100 / len(FAILURES)}" for kind in FAILURES] if percent else []
            yield Case(question, percent, strategy, 40, USUAL_SETTINGS, replace(given, faults=",".join(shares)))


QUESTIONS: dict[str, Callable[[str, Simulation], Iterator[Case]]] = {
    "images": _vary_images,
    "requests at a time": _vary_concurrency,
    "images a prompt": _vary_chunk,
    "images, under rate limits": _limit_rates,
    "percent of requests that fail": _vary_failures,
}
"""The functions that make the cases of a question, by the quantity on its figure's horizontal axis."""
