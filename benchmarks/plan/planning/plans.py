"""A plan: a strategy with its settings, its expected time and cost, what limits it, and whether it fits."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.verdicts.answers.share import find_interval
from fixtures.models.model_settings import NO_SETTINGS, ModelSettings
from fixtures.text.words import format_count


@dataclass(frozen=True)
class Plan:
    """A strategy with its settings and its expected results."""

    strategy: str
    """The name of the strategy, or of the command to run instead where several files of requests are needed."""
    settings: Mapping[str, int]
    """The values of its parameters."""
    requests: int
    """The number of requests."""
    seconds: float
    """The expected seconds: the median of resampled runs; under a daily limit, of runs that start at a reset."""
    interval: tuple[float, float] | None
    """The middle 95 % of resampled runs in seconds; None if only one request is known."""
    cost_usd: float | None
    """The expected cost in US dollars; None where the price is not known."""
    right: float | None
    """How right the answers are expected to be, from 0 to 1; None where it is not known."""
    judged: int
    """The number of different images on which `right` is based."""
    error: float | None
    """By how many units an answer is expected to be off; None where that is not known."""
    bottleneck: str
    """The name of the bottleneck, such as `slowest request`."""
    obstacles: tuple[str, ...] = ()
    """The reasons why it does not fit; empty if it fits."""
    is_extrapolated: bool = False
    """Whether it is based on requests with another number of images, because none with its own was recorded."""
    same: tuple[str, ...] = ()
    """The other strategies that send the same requests in the same way and so have the same plan."""
    model_settings: ModelSettings = NO_SETTINGS
    """The model settings of every request."""
    concurrency: int = 1
    """The number of requests at a time; 1 for a job."""
    chance: tuple[float, float] | None = None
    """The interval in seconds of runs that all start at the same time of day; None if `interval` is None."""
    days: int | None = None
    """The number of days on which requests are sent, if the limit a day bounds the plan; else None."""
    images_a_day: int | None = None
    """The largest number of images a day under the limit of requests a day, if that bounds the plan; else None."""
    jobs: int | None = None
    """The number of batch jobs that run one after another; None without a job."""
    remarks: tuple[str, ...] = ()
    """Further notes on its requests, as clauses."""

    @property
    def latest(self) -> float:
        """The time in seconds by which it is expected to end: the upper end of the interval if there is one."""
        return self.seconds if self.interval is None else self.interval[1]

    @property
    def right_interval(self) -> tuple[float, float] | None:
        """The ends of the 95 % interval of `right`; None where it is not known."""
        return None if self.right is None else find_interval(self.right, self.judged)

    @property
    def notes(self) -> list[str]:
        """The notes on the plan, as clauses."""
        extrapolated = "extrapolated from requests with other numbers of images, and not compared"
        single = "one recorded request gives no range"
        days = f"start it once a day on {self.days} days (midnight to midnight Pacific time) with at most "
        days += (
            f"{format_count(self.images_a_day or 0, 'image')} each, because requests above the daily limit are refused"
        )
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
        """All strategies with this plan, with their settings."""
        return self._name(" or ".join((self.strategy, *self.same)))

    def _name(self, strategy: str) -> str:
        own = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.settings.items())
        settings = "; ".join(filter(None, (own, self.model_settings.label)))
        return f"{strategy} ({settings})" if settings else strategy


@dataclass(frozen=True)
class Plans:
    """The plans of all strategies with all settings, and the reasons why others have none."""

    plans: list[Plan]
    left_out: list[str] = field(default_factory=list)
    """A sentence about each strategy or setting that is not planned."""
