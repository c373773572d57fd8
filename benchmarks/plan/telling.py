"""What a plan says: to people as a table and sentences, to programs as a document."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from benchmarks.plan.candidates import SPARE, TOO_DEAR, TOO_LATE, Asked, Plan
from benchmarks.report.comparison import SOURCES
from benchmarks.scaling.machine import Client
from fixtures.simulator.projection import Projection
from fixtures.text.tables import money, table

WORDS: dict[str, Callable[[Plan], float | None]] = {
    "fastest": lambda plan: plan.seconds,
    "cheapest": lambda plan: plan.cost_usd,
    "most accurate": lambda plan: plan.error,
}
"""What a plan may be best in, least first."""


@dataclass(frozen=True)
class Told:
    """The plans, and where their figures come from."""

    asked: Asked
    plans: Sequence[Plan]
    client: Client
    projection: Projection | None
    like: str
    """The image set that simulated images are like."""

    @property
    def fitting(self) -> list[Plan]:
        """Those that can be done as asked."""
        return [plan for plan in self.plans if plan.fits]

    @property
    def best(self) -> dict[str, Plan]:
        """The fastest, the cheapest and the most accurate of those that fit, as far as that is known."""
        found = {}
        for word, amount in WORDS.items():
            # Of several alike, the faster.
            known = [
                (round(each, 6), plan.seconds, plan) for plan in self.fitting if (each := amount(plan)) is not None
            ]
            if known:
                found[word] = min(known, key=lambda each: each[:2])[2]
        return found

    @property
    def origin(self) -> str:
        """Where the latencies, tokens and errors come from."""
        if self.projection is None:
            return (
                f"Simulated, not of Gemini: requests of the bundled simulator about images as in '{self.like}'. "
                f"Prices: genai-prices {version('genai-prices')}, as of today."
            )
        source = SOURCES.get(self.projection.source, self.projection.source)
        return (
            f"Projected from {self.projection.count} recorded requests of {source} "
            f"({self.projection.recorded_at[:10] or 'nobody knows when'}). "
            f"Prices: genai-prices {version('genai-prices')}, as of today."
        )

    @property
    def caveats(self) -> list[str]:
        """What the figures do not hold."""
        return [
            "Latencies are taken as they are at low load: more requests at a time may be slower on a real service.",
            f"Rate limits are planned with {SPARE:.0%} of what they allow, and without failures.",
            "How limits are enforced within a minute is not published; buckets of ten seconds' worth are assumed.",
            "A batch job takes up to 24 hours, which is Google's target and no promise; most take less.",
            "Batch jobs, their tokens and the files stored have limits of their own: send many files one by one.",
            "The range is the middle 95 % of resampled runs, without a slower request than the known ones have:",
            "long runs end later more often than one time in forty.",
            "Another day may have other latencies.",
        ]

    def lines(self) -> list[str]:
        """Return the lines for a terminal."""
        asked = self.asked
        given = ((asked.rpm, "requests"), (asked.tpm, "tokens"))
        limits = [f"{limit:,} {what} a minute" for limit, what in given if limit]
        wanted = [f"within {span(asked.deadline)}"] if asked.deadline else []
        wanted += [f"for at most {money(asked.budget)}"] if asked.budget is not None else []
        images = "1 image" if asked.images == 1 else f"{asked.images:,} images"
        head = f"{images}, {asked.model}, {' and '.join(limits) or 'no rate limits'}"
        rows = [["strategy", "expected time (range)", "cost", "off by", "requests", "bound by", "fits"]]
        rows += [_row(plan) for plan in self.plans]
        return [
            ", ".join([head, *wanted]),
            self.origin,
            "",
            *table(rows),
            *_by_text(self.plans, lambda plan: plan.against, "Not "),
            *_by_text(self.plans, lambda plan: plan.notes),
            "",
            *self._answer(),
            "",
            self.client.told(),
            *self._hand_over(),
            "",
            *self.caveats,
        ]

    def _answer(self) -> list[str]:
        if not self.fitting:
            return ["Nothing fits.", *self._nearest()]
        words: dict[str, list[str]] = {}
        for word, plan in self.best.items():
            words.setdefault(_sentence(plan), []).append(word)
        return [f"{' and '.join(named).capitalize()}: {sentence}." for sentence, named in words.items()]

    def _nearest(self) -> list[str]:
        """Say what the deadline and the budget would have to be."""
        able = [plan for plan in self.plans if {*plan.against} <= {TOO_LATE, TOO_DEAR}]
        fastest = min(able, key=lambda plan: plan.interval[1])
        priced = [plan for plan in able if plan.cost_usd is not None]
        told = [f"The fastest would be {fastest.name}: up to {span(fastest.interval[1])}, {money(fastest.cost_usd)}."]
        if priced:
            cheapest = min(priced, key=lambda plan: plan.cost_usd or 0.0)
            most = span(cheapest.interval[1])
            told.append(f"The cheapest would be {cheapest.name}: up to {most}, {money(cheapest.cost_usd)}.")
        return told

    def _hand_over(self) -> list[str]:
        """Return how the Batch API takes what is too much for one machine, or for one request."""
        asked = self.asked
        if asked.images <= self.client.images_a_request:
            return []
        count = self.client.files(asked.images)
        files = "a file of requests" if count == 1 else f"{count} files of requests"
        start = 'python -c "from google import genai; c = genai.Client();'
        create = "f = c.files.upload(file='requests-1.jsonl', config={'mime_type': 'jsonl'}); "
        create += f"print(c.batches.create(model='{asked.model}', src=f.name).name)"
        fetch = "j = c.batches.get(name='batches/...'); print(j.state); "
        fetch += "j.done and open('answers-1.jsonl', 'xb').write(c.files.download(file=j.dest.file_name))"
        return [
            f"The Batch API takes them as {files}, at most 2 GB each (not tried on Gemini). Write, begin, fetch:",
            f"  python -m benchmarks.plan.requests_file FOLDER --model {asked.model}",
            f'  {start} {create}"',
            f'  {start} {fetch}"',
        ]

    def document(self) -> dict[str, Any]:
        """Return the same for programs: seconds, US dollars, people an image."""
        best = {word: plan.name for word, plan in self.best.items()}
        return {
            "asked": asdict(self.asked),
            "origin": self.origin,
            "recorded_requests": None if self.projection is None else self.projection.count,
            "client": asdict(self.client),
            "plans": [asdict(plan) | {"fits": plan.fits} for plan in self.plans],
            **{word.replace(" ", "_"): best.get(word) for word in WORDS},
            "caveats": self.caveats,
        }


def _row(plan: Plan) -> list[str]:
    expected = f"{span(plan.seconds)} ({span(plan.interval[0])} to {span(plan.interval[1])})"
    return [
        plan.name,
        f"up to {span(plan.seconds)}" if plan.strategy == "batch" else expected,
        money(plan.cost_usd),
        "unknown" if plan.error is None else f"{plan.error:.1f}",
        f"{plan.requests:,}",
        plan.binds,
        "yes" if plan.fits else "no",
    ]


def _by_text(plans: Sequence[Plan], texts: Callable[[Plan], Sequence[str]], before: str = "") -> list[str]:
    """Return a sentence for each text, with the names of all plans that it is said of."""
    found: dict[str, list[str]] = {}
    for plan in plans:
        for text in texts(plan):
            found.setdefault(text, []).append(plan.name)
    return [f"{before}{', '.join(names)}: {text}." for text, names in found.items()]


def _sentence(plan: Plan) -> str:
    time = f"up to {span(plan.seconds)}" if plan.strategy == "batch" else span(plan.seconds)
    cost = "price unknown" if plan.cost_usd is None else money(plan.cost_usd)
    error = "" if plan.error is None else f", off by {plan.error:.1f} people an image"
    return f"{plan.name}, {time}, {cost}{error}; {plan.binds} binds"


def span(seconds: float) -> str:
    """Show seconds as people say them, two units at most."""
    if seconds < 120:  # noqa: PLR2004 - two minutes
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 120:  # noqa: PLR2004 - two hours
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:  # noqa: PLR2004 - two days
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours / 24:.1f} days"
