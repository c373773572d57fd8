"""A plan: a strategy with its settings, how long it takes, what it costs, what limits it, and whether it fits."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.verdicts.answers.share import find_interval
from fixtures.models.model_settings import NO_SETTINGS, ModelSettings
from fixtures.text.words import format_count


@dataclass(frozen=True)
class Plan:
    """A strategy with its settings, and what is expected of it."""

    strategy: str
    """The name of the strategy, or of what is to be run in its place where that takes several files of requests."""
    settings: Mapping[str, int]
    """The values of its parameters."""
    requests: int
    """The number of requests."""
    seconds: float
    """The expected seconds: the median of resampled runs; where days matter, of those from right after a reset."""
    interval: tuple[float, float] | None
    """The interval in seconds that holds the middle 95 % of resampled runs; None where one request is known."""
    cost_usd: float | None
    """The expected cost in US dollars; None where the price is not known."""
    right: float | None
    """How right the answers are expected to be, from 0 to 1; None where it is not known."""
    judged: int
    """The number of different images by which that is known."""
    error: float | None
    """By how many units an answer is expected to be off; None where that is not known."""
    bottleneck: str
    """What keeps it from being faster."""
    obstacles: tuple[str, ...] = ()
    """The reasons why it does not fit; none where it does."""
    is_extrapolated: bool = False
    """Whether it follows from requests about another number of images, as none about its own was recorded."""
    same: tuple[str, ...] = ()
    """The strategies that send the same requests in the same way, and so are planned alike."""
    model_settings: ModelSettings = NO_SETTINGS
    """What is set in every request."""
    concurrency: int = 1
    """The number of requests at a time; of a job, 1."""
    chance: tuple[float, float] | None = None
    """The interval in seconds of runs that all begin at the same moment; None where `interval` is."""
    days: int | None = None
    """On how many days requests are sent, where their number a day is what limits the plan; else None."""
    images_a_day: int | None = None
    """The largest number of images that the limit of requests a day lets through a day, where that limits the plan."""
    jobs: int | None = None
    """How often batch jobs run one after another; None where there is no job."""
    remarks: tuple[str, ...] = ()
    """What else is to be said of its requests, as clauses."""

    @property
    def latest(self) -> float:
        """The time in seconds by which it is expected to end: the end of the interval where there is one."""
        return self.seconds if self.interval is None else self.interval[1]

    @property
    def right_interval(self) -> tuple[float, float] | None:
        """The ends of the 95 % interval of `right`; None where it is not known."""
        return None if self.right is None else find_interval(self.right, self.judged)

    @property
    def notes(self) -> list[str]:
        """What else is to be said of it."""
        extrapolated = "extrapolated, for no request about as many images was recorded, and so not compared"
        single = "one recorded request gives no range"
        days = f"is to be started on {self.days} days, once a day (midnight to midnight Pacific time) with at most "
        days += f"{format_count(self.images_a_day or 0, 'image')}, as requests above the limit of a day are refused"
        told = {extrapolated: self.is_extrapolated, single: self.interval is None, days: self.days is not None}
        return [*(note for note, applies in told.items() if applies), *self.remarks]

    @property
    def is_feasible(self) -> bool:
        """Whether it keeps to all limits."""
        return not self.obstacles

    @property
    def name(self) -> str:
        """The strategy with its settings."""
        return self._name(self.strategy)

    @property
    def title(self) -> str:
        """All strategies that are planned so, with their settings."""
        return self._name(" or ".join((self.strategy, *self.same)))

    def _name(self, strategy: str) -> str:
        own = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.settings.items())
        settings = "; ".join(filter(None, (own, self.model_settings.label)))
        return f"{strategy} ({settings})" if settings else strategy


@dataclass(frozen=True)
class Plans:
    """The plans of all strategies with all settings, and why others have none."""

    plans: list[Plan]
    left_out: list[str] = field(default_factory=list)
    """A sentence for each thing that is not planned."""
