"""The requirements of a plan: rate limits, a deadline, a budget and a share of right answers."""

from dataclasses import dataclass

from benchmarks.verdicts.answers.share import find_interval, format_interval
from fixtures.tasks.kind import Kind
from fixtures.text.words import format_count

TOO_LATE, TOO_DEAR, NO_PRICE = "the deadline may be missed", "the budget is exceeded", "the price is not known"
RIGHT_UNKNOWN = "the share of right answers is not known"


@dataclass(frozen=True)
class Requirements:
    """What to plan, and the limits that a plan must keep."""

    images: int
    """The number of images."""
    model: str
    kind: Kind
    """The kind of the answers."""
    rpm: int | None = None
    """The limit of requests a minute; None for none."""
    tpm: int | None = None
    """The limit of input tokens a minute; None for none."""
    rpd: int | None = None
    """The limit of requests to the model a day, from midnight to midnight Pacific time; None for none."""
    batch_tokens: int | None = None
    """The limit of input tokens of all batch jobs under way; None for none."""
    deadline: float | None = None
    """The longest time for all images in seconds; None for any."""
    budget: float | None = None
    """The limit of the cost in US dollars; None for none."""
    least_right: float | None = None
    """The least share of right answers, above 0 and below 1, at the lower end of the interval; None for any."""
    folder: str = ""
    """The folder of the images as given; empty if only a number was given."""

    @property
    def rate_limits(self) -> dict[str, tuple[int, str]]:
        """The given rate limits by name, each with its amount and its text."""
        named = {
            "requests a minute": (self.rpm, "request", "minute"),
            "tokens a minute": (self.tpm, "token", "minute"),
            "requests a day": (self.rpd, "request", "day"),
        }
        return {
            name: (limit, f"{format_count(limit, noun)} a {span}")
            for name, (limit, noun, span) in named.items()
            if limit is not None
        }

    def check_deadline(self, seconds: float) -> list[str]:
        """Return the obstacle for a plan that may take this many seconds; empty if there is none."""
        return [TOO_LATE] if self.deadline is not None and seconds > self.deadline else []

    def check_budget(self, cost: float | None) -> list[str]:
        """Return the obstacle for a plan of this cost in US dollars; empty if there is none."""
        if self.budget is None or (cost is not None and cost <= self.budget):
            return []
        return [NO_PRICE if cost is None else TOO_DEAR]

    def check_right(self, right: float | None, judged: int) -> list[str]:
        """Return the obstacle for answers that are not shown to be right enough, given how many were judged."""
        least = self.least_right
        if least is None or (right is not None and find_interval(right, judged)[0] >= least):
            return []
        if right is None:
            return [RIGHT_UNKNOWN]
        found = f"{self.kind.format_right(right)} ({format_judged(right, judged)})"
        return [f"at least {format_share(least)} {self.kind.share} is not shown: {found}"]


def format_share(share: float) -> str:
    """Return a share in per cent with all its decimals, as in `99.5 %`."""
    return f"{100 * share:g} %"


def format_judged(right: float, judged: int) -> str:
    """Return the 95 % interval of a share and its sample size: `95 % interval 70 to 99 %, 16 images`."""
    return f"95 % interval {format_interval(right, judged)}, {format_count(judged, 'image')}"
