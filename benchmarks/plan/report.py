"""What a plan says: to people as a table and sentences, to programs as a document."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.plan.candidates import NO_PRICE, SPARE, TOO_DEAR, TOO_LATE, Plan, Requirements
from benchmarks.scaling.machine import count_files, describe_machine, find_images_a_request
from benchmarks.verdicts.contest import Contestant, find_winners
from fixtures.run.record.provenance import describe_prices, describe_requests
from fixtures.run.record.record import Client
from fixtures.simulator.projection import RecordedLatencies
from fixtures.text.amounts import format_money
from fixtures.text.durations import format_span
from fixtures.text.tables import format_table

CRITERIA = ("fastest", "cheapest", "most accurate")
"""What plans are compared by, in words."""

NOT_COMPARED = (
    "There are no two plans to compare that follow from recorded requests about as many images: "
    "add a cassette of requests about one image each (--latency-from is repeatable)."
)
"""What is said where plans are extrapolated, and fewer than two others are left."""


@dataclass(frozen=True)
class PlanReport:
    """The plans, and where their figures come from."""

    required: Requirements
    plans: Sequence[Plan]
    client: Client
    """The measured client of this machine."""
    recorded: RecordedLatencies | None
    """The recordings that the plans are projected from; None where requests were simulated."""
    image_set: str
    """The image set that simulated images are like."""

    @property
    def feasible(self) -> list[Plan]:
        """The plans that keep to all limits."""
        return [plan for plan in self.plans if plan.is_feasible]

    @property
    def best(self) -> dict[str, Plan]:
        """The fastest, the cheapest and the most accurate of the feasible plans, as far as that is known.

        An extrapolated plan is none of them.
        """
        # Of several that are alike the first wins, which is to be the faster.
        plans = {plan.name: plan for plan in sorted(_list_comparable(self.feasible), key=lambda plan: plan.seconds)}
        winners = find_winners(
            Contestant(name, round(plan.seconds, 6), _round(plan.cost_usd), _round(plan.error))
            for name, plan in plans.items()
        )
        found = zip(CRITERIA, (winners.fastest, winners.cheapest, winners.closest), strict=True)
        return {criterion: plans[winner.name] for criterion, winner in found if winner is not None}

    @property
    def provenance(self) -> str:
        """The sentences that say where the latencies, tokens and errors come from."""
        if self.recorded is None:
            images = f"images as in '{self.image_set}'"
            origin = f"Simulated, not of Gemini: requests of the bundled simulator about {images}."
        else:
            found = self.recorded
            requests = describe_requests(found.count, found.source, found.recorded_at, found.server_timed)
            origin = f"Projected from {requests}."
        return f"{origin} {describe_prices('today')}"

    @property
    def caveats(self) -> list[str]:
        """What the figures leave out."""
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

    def format_lines(self) -> list[str]:
        """Return the lines for a terminal."""
        required = self.required
        given = ((required.rpm, "requests"), (required.tpm, "tokens"))
        limits = [f"{limit:,} {what} a minute" for limit, what in given if limit]
        wanted = [f"within {format_span(required.deadline)}"] if required.deadline else []
        wanted += [f"for at most {format_money(required.budget)}"] if required.budget is not None else []
        images = "1 image" if required.images == 1 else f"{required.images:,} images"
        head = f"{images}, {required.model}, {' and '.join(limits) or 'no rate limits'}"
        rows = [["strategy", "expected time (range)", "cost", "off by", "requests", "bound by", "fits"]]
        rows += [_make_row(plan) for plan in self.plans]
        return [
            ", ".join([head, *wanted]),
            self.provenance,
            "",
            *format_table(rows),
            *_group_by_text(self.plans, lambda plan: plan.obstacles, "Not "),
            *_group_by_text(self.plans, lambda plan: plan.notes),
            "",
            *self._name_best(),
            "",
            describe_machine(self.client),
            *self._explain_batch(),
            "",
            *self.caveats,
        ]

    def _name_best(self) -> list[str]:
        if not self.feasible:
            return ["Nothing fits.", *self._name_nearest()]
        if not self.best:
            return [NOT_COMPARED]
        names: dict[str, list[str]] = {}
        for criterion, plan in self.best.items():
            names.setdefault(_describe_plan(plan), []).append(criterion)
        return [f"{' and '.join(criteria).capitalize()}: {sentence}." for sentence, criteria in names.items()]

    def _name_nearest(self) -> list[str]:
        """Return the sentences that say what the deadline and the budget would have to be."""
        # A batch job is always among those that are able: nothing else is held against it.
        able = _list_comparable([plan for plan in self.plans if {*plan.obstacles} <= {TOO_LATE, TOO_DEAR, NO_PRICE}])
        if not able:
            return [NOT_COMPARED]
        fastest = min(able, key=lambda plan: plan.latest)
        sentences = [f"The fastest would be {_describe_limits(fastest)}."]
        priced = [(plan.cost_usd, plan) for plan in able if plan.cost_usd is not None]
        if priced:
            _, cheapest = min(priced, key=lambda each: each[0])
            return [*sentences, f"The cheapest would be {_describe_limits(cheapest)}."]
        if self.required.budget is not None:
            sentences.append(f"No price of {self.required.model} is known, so leave --budget out to plan without it.")
        return sentences

    def _explain_batch(self) -> list[str]:
        """Return how the Batch API takes what is too much for one machine, or for one request."""
        required = self.required
        if required.images <= find_images_a_request(self.client):
            return []
        count = count_files(self.client, required.images)
        files = "a file of requests" if count == 1 else f"{count} files of requests"
        start = 'python -c "from google import genai; c = genai.Client();'
        create = "f = c.files.upload(file='requests-1.jsonl', config={'mime_type': 'jsonl'}); "
        create += f"print(c.batches.create(model='{required.model}', src=f.name).name)"
        fetch = "j = c.batches.get(name='batches/...'); print(j.state); "
        fetch += "j.done and open('answers-1.jsonl', 'xb').write(c.files.download(file=j.dest.file_name))"
        return [
            f"The Batch API takes them as {files}, at most 2 GB each (not tried on Gemini). Write, begin, fetch:",
            f"  python -m benchmarks.plan.requests_file FOLDER --model {required.model}",
            f'  {start} {create}"',
            f'  {start} {fetch}"',
        ]

    def make_document(self) -> dict[str, Any]:
        """Return the same for programs: times in seconds, costs in US dollars, errors in people an image."""
        best = {criterion: plan.name for criterion, plan in self.best.items()}
        return {
            "asked": asdict(self.required),
            "origin": self.provenance,
            "recorded_requests": None if self.recorded is None else self.recorded.count,
            "client": self.client.model_dump(),
            "plans": [_make_plan_document(plan) for plan in self.plans],
            **{criterion.replace(" ", "_"): best.get(criterion) for criterion in CRITERIA},
            "caveats": self.caveats,
        }


def _list_comparable(plans: Sequence[Plan]) -> list[Plan]:
    """Return the plans that are not extrapolated; none where that leaves a single one of several."""
    known = [plan for plan in plans if not plan.is_extrapolated]
    return known if len(known) > 1 or len(known) == len(plans) else []


def _round(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 6)


def _make_row(plan: Plan) -> list[str]:
    ends = "no range" if plan.interval is None else " to ".join(map(format_span, plan.interval))
    expected = f"{format_span(plan.seconds)} ({ends})"
    return [
        plan.name,
        f"up to {format_span(plan.seconds)}" if plan.strategy == "batch" else expected,
        format_money(plan.cost_usd),
        "unknown" if plan.error is None else f"{plan.error:.1f}",
        f"{plan.requests:,}",
        plan.bottleneck,
        "yes" if plan.is_feasible else "no",
    ]


def _group_by_text(plans: Sequence[Plan], texts: Callable[[Plan], Sequence[str]], before: str = "") -> list[str]:
    """Return a sentence for each text, with the names of all plans that it is said of."""
    found: dict[str, list[str]] = {}
    for plan in plans:
        for text in texts(plan):
            found.setdefault(text, []).append(plan.name)
    return [f"{before}{', '.join(names)}: {text}." for text, names in found.items()]


def _describe_plan(plan: Plan) -> str:
    time = f"up to {format_span(plan.seconds)}" if plan.strategy == "batch" else format_span(plan.seconds)
    cost = "price unknown" if plan.cost_usd is None else format_money(plan.cost_usd)
    error = "" if plan.error is None else f", off by {plan.error:.1f} people an image"
    return f"{plan.name}, {time}, {cost}{error}; {plan.bottleneck} binds"


def _describe_limits(plan: Plan) -> str:
    """Return a plan with the latest time that it may take, as far as that is known, and its cost."""
    about = "about" if plan.interval is None else "up to"
    return f"{plan.name}: {about} {format_span(plan.latest)}, {format_money(plan.cost_usd)}"


def _make_plan_document(plan: Plan) -> dict[str, Any]:
    document = asdict(plan)
    # The names in the document stay, for programs rely on them.
    document |= {"binds": document.pop("bottleneck"), "against": document.pop("obstacles")}
    document["extrapolated"] = document.pop("is_extrapolated")
    return document | {"notes": plan.notes, "fits": plan.is_feasible}
