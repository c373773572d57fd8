"""What a plan says: to people as a table and sentences, to programs as a document."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.plan.candidates import (
    NO_PRICE,
    RIGHT_UNKNOWN,
    SPARE,
    TOO_DEAR,
    TOO_LATE,
    Plan,
    Requirements,
    check_right,
    format_judged,
    format_share,
)
from benchmarks.plan.samples import Subject, fit_client
from benchmarks.scaling.machine import count_files, describe_machine, find_images_a_request
from benchmarks.verdicts.answers.share import find_least_images, format_with_interval
from benchmarks.verdicts.contest import Contestant, find_winners
from fixtures.images.task_file import TASK_FILE
from fixtures.run.record.provenance import MADE_UP, describe_prices, describe_requests
from fixtures.run.record.record import Client
from fixtures.simulator.projection import RecordedLatencies
from fixtures.tasks.kind import Kind
from fixtures.text.amounts import format_error, format_money
from fixtures.text.durations import format_span
from fixtures.text.tables import format_table

CRITERIA = ("fastest", "cheapest", "most right")
"""What plans are compared by, in words."""

LIMITS = (TOO_LATE, TOO_DEAR, NO_PRICE)
"""The obstacles that another deadline or budget would remove."""
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
    subject: Subject
    """The image set that is planned for, or where only a number was given, the one that its images are like."""

    @property
    def sized(self) -> Client:
        """The measured client, with the size of the images that are planned for."""
        return fit_client(self.client, self.subject) if self.required.folder else self.client

    @property
    def feasible(self) -> list[Plan]:
        """The plans that keep to all limits."""
        return [plan for plan in self.plans if plan.is_feasible]

    @property
    def best(self) -> dict[str, Plan]:
        """The fastest, the cheapest and the most right of the feasible plans, as far as that is known.

        An extrapolated plan is none of them.
        """
        # Of several that are alike the first wins, which is to be the faster.
        plans = {plan.name: plan for plan in sorted(_list_comparable(self.feasible), key=lambda plan: plan.seconds)}
        winners = find_winners(
            Contestant(name, round(plan.seconds, 6), _round(plan.cost_usd), _round(plan.right))
            for name, plan in plans.items()
        )
        found = zip(CRITERIA, (winners.fastest, winners.cheapest, winners.most_right), strict=True)
        return {criterion: plans[best.contestants[0].name] for criterion, best in found if best.contestants}

    @property
    def provenance(self) -> str:
        """The sentences that say where the latencies, tokens and answers come from."""
        found = self.recorded
        if found is None:
            images = f"{'the images in' if self.required.folder else 'images as in'} '{self.subject.name}'"
            origin = f"Simulated, not of Gemini: requests of the bundled simulator about {images}."
        else:
            requests = describe_requests(found.count, found.source, found.recorded_at, found.server_timed)
            origin = f"Projected from {requests}."
        made_up = f" {MADE_UP}" if found is None or found.source == "simulator" else ""
        return f"{origin}{made_up} {describe_prices('today')}"

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
        wanted += [f"at least {self._least}"] if self._least else []
        images = "1 image" if required.images == 1 else f"{required.images:,} images"
        head = f"{images}, {required.model}, {' and '.join(limits) or 'no rate limits'}"
        return [
            ", ".join([head, *wanted]),
            self.provenance,
            "",
            *format_table(self._make_rows()),
            *_group_by_text(self.plans, lambda plan: plan.obstacles, "Not "),
            *_group_by_text(self.plans, lambda plan: plan.notes),
            "",
            *self._name_best(),
            *self._explain_right(),
            "",
            describe_machine(self.client),
            *self._explain_sizes(),
            *self._explain_batch(),
            "",
            *self.caveats,
        ]

    @property
    def _least(self) -> str:
        """How right the answers have to be, in words; empty where that was not asked."""
        least = self.required.least_right
        return "" if least is None else f"{format_share(least)} {self.required.kind.share}"

    def _make_rows(self) -> list[list[str]]:
        """Return the table with its head, without a column of errors where the kind of answer has none."""
        has_error = any(plan.error is not None for plan in self.plans)
        head = ["strategy", "expected time (range)", "cost", f"{self.required.kind.share} (95 %)", "off by"]
        rows = [[*head, "requests", "bound by", "fits"], *(_make_row(plan, self.required.kind) for plan in self.plans)]
        return rows if has_error else [[*row[:4], *row[5:]] for row in rows]

    def _name_best(self) -> list[str]:
        if not self.feasible:
            return ["Nothing fits.", *self._name_nearest()]
        if not self.best:
            return [NOT_COMPARED]
        names: dict[str, list[str]] = {}
        for criterion, plan in self.best.items():
            names.setdefault(_describe_plan(plan, self.required.kind), []).append(criterion)
        return [f"{_join(criteria).capitalize()}: {sentence}." for sentence, criteria in names.items()]

    def _name_nearest(self) -> list[str]:
        """Return the sentences that say what the deadline and the budget would have to be."""
        # A batch job is always among those that are able: nothing else is held against it.
        able = _list_comparable([plan for plan in self.plans if {*plan.obstacles} <= {*LIMITS, *self._doubt(plan)}])
        if not able:
            return [NOT_COMPARED]
        sure = [plan for plan in able if not self._doubt(plan)]
        return self._name_limits(sure) if sure else self._name_most_right(able)

    def _doubt(self, plan: Plan) -> list[str]:
        """Return the obstacle that its answers are not shown to be right enough, where that is one."""
        return check_right(self.required, plan.right, plan.judged)

    def _name_most_right(self, plans: Sequence[Plan]) -> list[str]:
        known = [(plan.right_interval, plan) for plan in plans if plan.right_interval is not None]
        if not known:
            return []
        _, most = max(known, key=lambda each: (each[0], -each[1].seconds))
        return [f"The most right would be {most.name}: {_describe_right(most, self.required.kind)}."]

    def _name_limits(self, able: Sequence[Plan]) -> list[str]:
        fastest = min(able, key=lambda plan: plan.latest)
        sentences = [f"The fastest would be {_describe_limits(fastest)}."]
        priced = [(plan.cost_usd, plan) for plan in able if plan.cost_usd is not None]
        if priced:
            _, cheapest = min(priced, key=lambda each: each[0])
            return [*sentences, f"The cheapest would be {_describe_limits(cheapest)}."]
        if self.required.budget is not None:
            sentences.append(f"No price of {self.required.model} is known, so leave --budget out to plan without it.")
        return sentences

    def _explain_right(self) -> list[str]:
        """Return the sentence that says how many images it takes, where those judged can never show it."""
        least = self.required.least_right
        judged = max(plan.judged for plan in self.plans)
        if least is None or judged >= (needed := find_least_images(least)):
            return []
        if judged:
            images = "1 image" if judged == 1 else f"{judged:,} images"
            return [f"{images} cannot show {self._least}: it takes at least {needed:,} with known answers."]
        if self.recorded is None:
            lacking, those = f"No image in '{self.subject.name}' has its true answer in {TASK_FILE}", "that have"
        else:
            lacking, those = "No recorded answer is about an image whose true answer is known", "of those"
        return [f"{lacking}: to show {self._least}, it takes at least {needed:,} {those}."]

    def _explain_sizes(self) -> list[str]:
        """Return how many of the folder's own images a request inlines, where there is a folder."""
        if not self.required.folder:
            return []
        size, inlined = f"{self.subject.image_bytes / 1000:.0f} KB", find_images_a_request(self.sized)
        return [f"An image in '{self.subject.name}' has {size}: a request inlines {inlined} of those."]

    def _explain_batch(self) -> list[str]:
        """Return how the Batch API takes what is too much for one machine, or for one request."""
        required = self.required
        if required.images <= find_images_a_request(self.sized):
            return []
        count = count_files(self.sized, required.images)
        files = "a file of requests" if count == 1 else f"{count} files of requests"
        folder = shlex.quote(required.folder) if required.folder else "FOLDER"
        answer = self.subject.question.answer
        task = f" --task {answer}" if required.folder and ":" in answer else ""
        start = 'python -c "from google import genai; c = genai.Client();'
        create = "f = c.files.upload(file='requests-1.jsonl', config={'mime_type': 'jsonl'}); "
        create += f"print(c.batches.create(model='{required.model}', src=f.name).name)"
        fetch = "j = c.batches.get(name='batches/...'); print(j.state); "
        fetch += "j.done and open('answers-1.jsonl', 'xb').write(c.files.download(file=j.dest.file_name))"
        return [
            f"The Batch API takes them as {files}, at most 2 GB each (not tried on Gemini). Write, begin, fetch:",
            f"  python -m benchmarks.plan.requests_file {folder} --model {required.model}{task}",
            f'  {start} {create}"',
            f'  {start} {fetch}"',
        ]

    def make_document(self) -> dict[str, Any]:
        """Return the same for programs: times in seconds, costs in US dollars, errors in the unit beside them."""
        best = {criterion: plan.name for criterion, plan in self.best.items()}
        return {
            "asked": {name: value for name, value in vars(self.required).items() if name != "kind"},
            "origin": self.provenance,
            "recorded_requests": None if self.recorded is None else self.recorded.count,
            "client": self.client.model_dump(),
            "plans": [_make_plan_document(plan, self.required.kind) for plan in self.plans],
            **{criterion.replace(" ", "_"): best.get(criterion) for criterion in CRITERIA},
            "caveats": self.caveats,
        }


def _list_comparable(plans: Sequence[Plan]) -> list[Plan]:
    """Return the plans that are not extrapolated; none where that leaves a single one of several."""
    known = [plan for plan in plans if not plan.is_extrapolated]
    return known if len(known) > 1 or len(known) == len(plans) else []


def _join(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _round(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 6)


def _make_row(plan: Plan, kind: Kind) -> list[str]:
    ends = "no range" if plan.interval is None else " to ".join(map(format_span, plan.interval))
    expected = f"{format_span(plan.seconds)} ({ends})"
    return [
        plan.name,
        f"up to {format_span(plan.seconds)}" if plan.strategy == "batch" else expected,
        format_money(plan.cost_usd),
        "not known" if plan.right is None else format_with_interval(plan.right, plan.judged),
        "not known" if plan.error is None else _format_error(plan.error, kind),
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


def _describe_right(plan: Plan, kind: Kind) -> str:
    """Return how right the answers of a plan are expected to be, how sure that is, and by how much they are off."""
    if plan.right is None:
        return RIGHT_UNKNOWN
    error = "" if plan.error is None else f", off by {_format_error(plan.error, kind)}"
    return f"{kind.format_right(plan.right)} ({format_judged(plan.right, plan.judged)}){error}"


def _format_error(error: float, kind: Kind) -> str:
    return f"{format_error(error)} {kind.unit}".rstrip()


def _describe_plan(plan: Plan, kind: Kind) -> str:
    time = f"up to {format_span(plan.seconds)}" if plan.strategy == "batch" else format_span(plan.seconds)
    cost = "price unknown" if plan.cost_usd is None else format_money(plan.cost_usd)
    return f"{plan.name}, {time}, {cost}, {_describe_right(plan, kind)}; {plan.bottleneck} binds"


def _describe_limits(plan: Plan) -> str:
    """Return a plan with the latest time that it may take, as far as that is known, and its cost."""
    about = "about" if plan.interval is None else "up to"
    return f"{plan.name}: {about} {format_span(plan.latest)}, {format_money(plan.cost_usd)}"


def _make_plan_document(plan: Plan, kind: Kind) -> dict[str, Any]:
    document = asdict(plan) | {"right_interval": plan.right_interval, "unit": kind.unit}
    # The names in the document stay, for programs rely on them.
    document |= {"binds": document.pop("bottleneck"), "against": document.pop("obstacles")}
    document["extrapolated"] = document.pop("is_extrapolated")
    return document | {"notes": plan.notes, "fits": plan.is_feasible}
