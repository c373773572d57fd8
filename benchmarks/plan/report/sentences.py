"""What a plan comes to in sentences: the best, the recommended one, and where nothing fits, what would."""

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
"""The obstacles that another deadline or budget would remove."""
_PHRASES = {
    "client CPU": "the client's CPU",
    SLOWEST: "the slowest request",
    SLOW_START: "its slow start",
    ONE_AT_A_TIME: "having one request at a time",
    AT_A_TIME: "the number of requests at a time",
}
"""What limits a plan, in a sentence, where that is not as in the table."""
_EQUALS = {"fastest": "as fast", "cheapest": "as cheap", "most right": "as right"}
"""What the equals of the best are."""
_TIES = {"right answers": "as right", "speed": "as fast", "cost": "as cheap"}
"""What plans are that tie, by what they were chosen by."""
NOT_ABLE = "Neither another deadline nor another budget would change that."
"""What is said where something else speaks against every plan."""
NOT_COMPARED = (
    "There are no two plans to compare that follow from recorded requests about as many images: "
    "add a cassette of requests about one image each (--latency-from is repeatable)."
)
"""What is said where plans are extrapolated, and fewer than two others are left."""


def describe_best(report: PlanReport) -> list[str]:
    """Return the sentences that name the fastest, the cheapest and the most right; where nothing fits, what would."""
    if not report.feasible:
        return ["Nothing fits.", *_name_nearest(report)]
    if not report.best:
        return [NOT_COMPARED]
    found: dict[tuple[str, ...], list[str]] = {}
    for criterion, equals in report.best.items():
        found.setdefault(tuple(plan.title for plan in equals), []).append(criterion)
    return [_describe_equals(criteria, report) for criteria in found.values()]


def _describe_equals(criteria: Sequence[str], report: PlanReport) -> str:
    """Return the sentences about the best by these criteria, of all of which the same plans are the best."""
    best, *others = report.best[criteria[0]]
    told = f"{join_words(criteria).capitalize()}: {_describe_plan(best, report.required.kind)}."
    if not others:
        return told
    equal = join_words([_EQUALS[criterion] for criterion in criteria])
    return f"{told} {equal.capitalize()}: {name_some([plan.title for plan in others])}."


def describe_recommendation(report: PlanReport) -> list[str]:
    """Return the sentences that say which plan to use, and why not the next best one; none where nothing fits."""
    found = report.recommendation
    if found is None:
        return []
    plan, required = found.plan, report.required
    taken = f"{_describe_time(plan)}, {_describe_cost(plan)}, {describe_right(plan, required.kind)}"
    margins = {"right answers": f" (up to {100 * LARGEST_LOSS:.0f} percentage points less count as equal)"}
    criteria = ", then ".join(f"{name}{margins.get(name, '')}" for name in found.criteria)
    lines = [f"Use {plan.title}: {taken}. Chosen by: {criteria}."]
    if plan.images_a_day is not None:
        start = f"Start it on {plan.days} days, once a day, with at most {format_count(plan.images_a_day, 'image')}"
        lines.append(f"{start}: no strategy waits for midnight Pacific time, when the limit of a day is reset.")
    if found.ties:
        ties = name_some([each.title for each in found.ties])
        alike = join_words([_TIES[name] for name in found.criteria])
        lines.append(f"It is a tie with {ties}: {alike}.")
    if found.next_best is None:
        return [*lines, "No other plan fits." if len(report.feasible) == 1 + len(found.ties) else NOT_COMPARED]
    return [*lines, f"Next best: {found.next_best.title}; {found.why_not}."]


def describe_right(plan: Plan, kind: Kind) -> str:
    """Return how right the answers of a plan are expected to be, how sure that is, and by how much they are off."""
    if plan.right is None:
        return RIGHT_UNKNOWN
    error = "" if plan.error is None else f", off by {format_off(plan.error, kind)}"
    return f"{kind.format_right(plan.right)} ({format_judged(plan.right, plan.judged)}){error}"


def format_off(error: float, kind: Kind) -> str:
    """Return by how much answers are off, with the unit."""
    return f"{format_error(error)} {kind.unit}".rstrip()


def format_least(report: PlanReport) -> str:
    """Return how right the answers have to be, in words; empty where that was not asked."""
    least = report.required.least_right
    return "" if least is None else f"{format_share(least)} {report.required.kind.share}"


def explain_right(report: PlanReport) -> list[str]:
    """Return the sentence that says how many images it takes, where those judged can never show it."""
    least, asked = report.required.least_right, format_least(report)
    judged = max((plan.judged for plan in report.plans), default=0)
    if least is None or judged >= (needed := find_least_images(least)):
        return []
    if judged:
        return [
            f"{format_count(judged, 'image')} cannot show {asked}: it takes at least {needed:,} with known answers."
        ]
    if report.recorded is None:
        lacking, those = f"No image in '{report.subject.name}' has its true answer in {TASK_FILE}", "that have"
    else:
        lacking, those = "No recorded answer is about an image whose true answer is known", "of those"
    return [f"{lacking}: to show {asked}, it takes at least {needed:,} {those}."]


def group_by_text(plans: Sequence[Plan], texts: Callable[[Plan], Sequence[str]], before: str = "") -> list[str]:
    """Return a sentence for each text, with the names of all plans that it is said of."""
    found: dict[str, list[str]] = {}
    for plan in plans:
        for text in texts(plan):
            found.setdefault(text, []).append(plan.title)
    return [f"{before}{', '.join(names)}: {text}." for text, names in found.items()]


def _name_nearest(report: PlanReport) -> list[str]:
    """Return the sentences that say what the deadline and the budget would have to be."""
    able = [plan for plan in report.plans if {*plan.obstacles} <= {*LIMITS, *_doubt(report, plan)}]
    if not able:
        return [NOT_ABLE]
    able = list_comparable(able)
    if not able:
        return [NOT_COMPARED]
    sure = [plan for plan in able if not _doubt(report, plan)]
    return _name_limits(report, sure) if sure else _name_most_right(report, able)


def _doubt(report: PlanReport, plan: Plan) -> list[str]:
    """Return the obstacle that its answers are not shown to be right enough, where that is one."""
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
        sentences.append(f"No price of {report.required.model} is known, so leave --budget out to plan without it.")
    return sentences


def _describe_plan(plan: Plan, kind: Kind) -> str:
    told = f"{plan.title}, {_describe_time(plan)}, {_describe_cost(plan)}, {describe_right(plan, kind)}"
    return f"{told}; limited by {_PHRASES.get(plan.bottleneck, plan.bottleneck)}"


def _describe_time(plan: Plan) -> str:
    return format_span(plan.seconds) if plan.jobs is None else f"up to {format_span(plan.seconds)}"


def _describe_cost(plan: Plan) -> str:
    return "price unknown" if plan.cost_usd is None else format_money(plan.cost_usd)


def _describe_limits(plan: Plan) -> str:
    """Return a plan with the latest time that it may take, as far as that is known, and its cost."""
    about = "about" if plan.interval is None else "up to"
    return f"{plan.title}: {about} {format_span(plan.latest)}, {format_money(plan.cost_usd)}"
