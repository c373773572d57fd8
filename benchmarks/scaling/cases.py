"""The questions about scale and their cases: which strategy on how many images, with what settings and limits."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from benchmarks.strategies import STRATEGIES
from fixtures.run.options.settings import Simulation

SIZES = (1, 10, 100, 1000, 10_000)
CONCURRENCIES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
CHUNKS = (1, 2, 4, 8, 16, 32, 64)
USUAL_SETTINGS = {"concurrency": 64, "chunk": 8}
"""The settings of strategies where these are not the question."""
ASSUMED_RPM, ASSUMED_TPM = 1000, 4_000_000
"""The limits in requests and in input tokens a minute where none are given; Google shows its limits by project only."""
MOST_IMAGES = 500
"""The number of images in all rounds together up to which a case has more than one round; more even out chance."""
FAILURES = ("429-bare", "500", "503", "reset")
"""The faults, in equal shares, after each of which the retry policy asks again."""


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
    """The settings `concurrency` and `chunk`, for strategies that take them."""
    simulation: Simulation = field(default_factory=Simulation)

    @property
    def rounds(self) -> int:
        """The number of rounds: under rate limits one, as the first leaves little of them to a second."""
        limited = self.simulation.rpm or self.simulation.tpm
        return 1 if limited else max(1, min(5, MOST_IMAGES // self.images))


def list_cases(question: str, given: Simulation) -> list[Case]:
    """Return the cases of a question; `given` is what the command line says of the simulator."""
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
