"""Sentences about the best plans, the recommended plan and, if no plan fits, the nearest ones."""

from collections.abc import Callable, Sequence

from benchmarks.plan.planning.plans import Plan
from benchmarks.plan.planning.search import AT_A_TIME, ONE_AT_A_TIME, SLOW_START, SLOWEST
from benchmarks.plan.report.facts import PlanReport, list_comparable
from benchmarks.plan.requirements import NO_PRICE, RIGHT_UNKNOWN, TOO_DEAR, TOO_LATE, format_judged, format_share
from benchmarks.verdicts.answers.share import find_least_images
from benchmarks.verdicts.contest import LARGEST_LOSS
from fixtures.images.task_file import TASK_FILE
from fixtures.tasks.kind import Kind
from fixtures.text.amounts import format_error, format_money
from fixtures.text.durations import format_span
from fixtures.text.words import format_count, join_words, name_some

LIMITS = (TOO_LATE, TOO_DEAR, NO_PRICE)
"""The obstacles that another deadline or budget can remove."""
_PHRASES = {
    "client CPU": "the client's CPU",
    SLOWEST: "the slowest request",
    SLOW_START: "its slow start",
    ONE_AT_A_TIME: "having one request at a time",
    AT_A_TIME: "the number of requests at a time",
}
"""The bottlenecks that are worded differently in a sentence than in the table."""
_EQUALS = {"fastest": "fast", "cheapest": "cheap", "most right": "right"}
"""The adjective of each criterion, after `equally`."""
_TIES = {"right answers": "right", "speed": "fast", "cost": "cheap"}
"""The adjective of each criterion of the recommendation, after `equally`."""
NOT_ABLE = "Another deadline or budget would not change that."
"""The sentence for plans that all have other obstacles."""
NOT_COMPARED = (
    "Plans cannot be compared, because all but one are extrapolated to numbers of images that were not recorded: "
    "add a cassette of requests with one image each (--latency-from is repeatable)."
)
"""The sentence for extrapolated plans, where fewer than two others are left."""


def describe_best(report: PlanReport) -> list[str]:
    """Return the sentences that name the fastest, the cheapest and the most right plan, or the nearest if none fits."""
    if not report.feasible:
        return ["No plan fits.", *_name_nearest(report)]
    if not report.best:
        return [NOT_COMPARED]
    found: dict[tuple[str, ...], list[str]] = {}
    for criterion, equals in report.best.items():
        found.setdefault(tuple(plan.title for plan in equals), []).append(criterion)
    return [_describe_equals(criteria, report) for criteria in found.values()]


def _describe_equals(criteria: Sequence[str], report: PlanReport) -> str:
    """Return the sentence about the plans that are the best by all of these criteria."""
    best, *others = report.best[criteria[0]]
    told = f"{join_words(criteria).capitalize()}: {_describe_plan(best, report.required.kind)}."
    if not others:
        return told
    equal = join_words([_EQUALS[criterion] for criterion in criteria])
    return f"{told} Equally {equal}: {name_some([plan.title for plan in others])}."


def describe_recommendation(report: PlanReport) -> list[str]:
    """Return the sentences that name the recommended plan and the next best one; empty if no plan fits."""
    found = report.recommendation
    if found is None:
        return []
    plan, required = found.plan, report.required
    taken = f"{_describe_time(plan)}, {_describe_cost(plan)}, {describe_right(plan, required.kind)}"
    margins = {"right answers": f" (up to {100 * LARGEST_LOSS:.0f} percentage points less count as equal)"}
    criteria = ", then ".join(f"{name}{margins.get(name, '')}" for name in found.criteria)
    lines = [f"Use {plan.title}: {taken}. Chosen by: {criteria}."]
    if plan.images_a_day is not None:
        start = f"Start it once a day on {plan.days} days, with at most {format_count(plan.images_a_day, 'image')} each"
        lines.append(f"{start}: no strategy waits for midnight Pacific time, when the daily limit is reset.")
    if found.ties:
        ties = name_some([each.title for each in found.ties])
        alike = join_words([_TIES[name] for name in found.criteria])
        lines.append(f"It ties with {ties}: equally {alike}.")
    if found.next_best is None:
        return [*lines, "No other plan fits." if len(report.feasible) == 1 + len(found.ties) else NOT_COMPARED]
    return [*lines, f"Next best: {found.next_best.title}; {found.why_not}."]


def describe_right(plan: Plan, kind: Kind) -> str:
    """Return the expected share of right answers of a plan, its interval, and by how much answers are off."""
    if plan.right is None:
        return RIGHT_UNKNOWN
    error = "" if plan.error is None else f", off by {format_off(plan.error, kind)}"
    return f"{kind.format_right(plan.right)} ({format_judged(plan.right, plan.judged)}){error}"


def format_off(error: float, kind: Kind) -> str:
    """Return by how much answers are off, with the unit."""
    return f"{format_error(error)} {kind.unit}".rstrip()


def format_least(report: PlanReport) -> str:
    """Return the least share of right answers in words; empty if none was given."""
    least = report.required.least_right
    return "" if least is None else f"{format_share(least)} {report.required.kind.share}"


def explain_right(report: PlanReport) -> list[str]:
    """Return the sentence that says how many images are needed, if those judged are too few to show the least share."""
    least, asked = report.required.least_right, format_least(report)
    judged = max((plan.judged for plan in report.plans), default=0)
    if least is None or judged >= (needed := find_least_images(least)):
        return []
    if judged:
        return [
            f"{format_count(judged, 'image')} cannot show {asked}: at least {needed:,} with known answers are needed."
        ]
    if report.recorded is None:
        lacking = f"No image in '{report.subject.name}' has its true answer in {TASK_FILE}"
    else:
        lacking = "No recorded answer is about an image whose true answer is known"
    return [f"{lacking}: to show {asked}, at least {needed:,} such images are needed."]


def group_by_text(plans: Sequence[Plan], texts: Callable[[Plan], Sequence[str]], form: str) -> list[str]:
    """Return a sentence for each text, with the names of all plans that have it."""
    found: dict[str, list[str]] = {}
    for plan in plans:
        for text in texts(plan):
            found.setdefault(text, []).append(plan.title)
    return [form.format(names=", ".join(names), text=text) for text, names in found.items()]


def _name_nearest(report: PlanReport) -> list[str]:
    """Return the sentences that say which deadline and budget the nearest plans would need."""
    able = [plan for plan in report.plans if {*plan.obstacles} <= {*LIMITS, *_doubt(report, plan)}]
    if not able:
        return [NOT_ABLE]
    able = list_comparable(able)
    if not able:
        return [NOT_COMPARED]
    sure = [plan for plan in able if not _doubt(report, plan)]
    return _name_limits(report, sure) if sure else _name_most_right(report, able)


def _doubt(report: PlanReport, plan: Plan) -> list[str]:
    """Return the obstacle that the answers are not shown to be right enough; empty if they are."""
    return report.required.check_right(plan.right, plan.judged)


def _name_most_right(report: PlanReport, plans: Sequence[Plan]) -> list[str]:
    known = [(plan.right_interval, plan) for plan in plans if plan.right_interval is not None]
    if not known:
        return []
    _, most = max(known, key=lambda each: (each[0], -each[1].seconds))
    return [f"The most right would be {most.title}: {describe_right(most, report.required.kind)}."]


def _name_limits(report: PlanReport, able: Sequence[Plan]) -> list[str]:
    fastest = min(able, key=lambda plan: plan.latest)
    sentences = [f"The fastest would be {_describe_limits(fastest)}."]
    priced = [(plan.cost_usd, plan) for plan in able if plan.cost_usd is not None]
    if priced:
        _, cheapest = min(priced, key=lambda each: each[0])
        return [*sentences, f"The cheapest would be {_describe_limits(cheapest)}."]
    if report.required.budget is not None:
        sentences.append(f"The price of {report.required.model} is not known; leave --budget out.")
    return sentences


def _describe_plan(plan: Plan, kind: Kind) -> str:
    told = f"{plan.title}, {_describe_time(plan)}, {_describe_cost(plan)}, {describe_right(plan, kind)}"
    return f"{told}; limited by {_PHRASES.get(plan.bottleneck, plan.bottleneck)}"


def _describe_time(plan: Plan) -> str:
    return format_span(plan.seconds) if plan.jobs is None else f"up to {format_span(plan.seconds)}"


def _describe_cost(plan: Plan) -> str:
    return "price unknown" if plan.cost_usd is None else format_money(plan.cost_usd)


def _describe_limits(plan: Plan) -> str:
    """Return a plan with its cost and the longest time that it may take."""
    about = "about" if plan.interval is None else "up to"
    return f"{plan.title}: {about} {format_span(plan.latest)}, {format_money(plan.cost_usd)}"
