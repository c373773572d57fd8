"""Ranks plans and recommends one: by right answers, then speed, then cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.plan.planning.plans import Plan
from benchmarks.plan.planning.search import NOTICEABLE
from benchmarks.verdicts.contest import LARGEST_LOSS
from fixtures.text.amounts import format_money
from fixtures.text.durations import format_span

CRITERIA = ("fastest", "cheapest", "most right")
"""The criteria by which plans are ranked."""
_DIGITS = 6
"""The decimals to which shares of right answers are compared."""


@dataclass(frozen=True)
class Recommendation:
    """The recommended plan, chosen from those that fit and can be compared."""

    plan: Plan
    ties: Sequence[Plan]
    """The plans that are equally right, fast and cheap, the fastest first."""
    next_best: Plan | None
    """The plan that would be recommended without these; None if there is no other."""
    why_not: str
    """How the next best plan differs, as a clause; empty if there is none."""
    criteria: Sequence[str]
    """The criteria that are known, in the order in which they decided."""


def rank_plans(plans: Sequence[Plan]) -> dict[str, list[Plan]]:
    """Return the fastest, the cheapest and the most right plans by criterion: the best one, then its equals.

    Plans that are not noticeably slower or more expensive are equals, the faster one first. A criterion whose figures
    are not known is missing.
    """
    able = sorted(plans, key=lambda plan: plan.seconds)
    priced = sorted((plan.cost_usd, number) for number, plan in enumerate(able) if plan.cost_usd is not None)
    cheap = [able[number] for cost, number in priced if _is_as_cheap(cost, priced[0][0])]
    most = max((round(plan.right, _DIGITS) for plan in able if plan.right is not None), default=None)
    found = (
        [plan for plan in able if _is_as_fast(plan, able[0])],
        cheap,
        [plan for plan in able if plan.right is not None and round(plan.right, _DIGITS) == most],
    )
    return {criterion: equals for criterion, equals in zip(CRITERIA, found, strict=True) if equals}


def recommend(plans: Sequence[Plan]) -> Recommendation | None:
    """Return which of these plans is recommended; None if there are none.

    It is chosen like the advice after a run: among the plans that are as right as the most right one, the fastest, and
    among those that are as fast, the cheapest. The next best plan is one that differs noticeably.
    """
    if not plans:
        return None
    plan, *ties = _choose(plans)
    ties += [each for each in plans if each not in (plan, *ties) and not _differs(each, plan)]
    others = [each for each in plans if each not in (plan, *ties)]
    next_best = _choose(others)[0] if others else None
    known = {"right answers": plan.right is not None, "speed": True, "cost": plan.cost_usd is not None}
    criteria = [name for name, is_known in known.items() if is_known]
    return Recommendation(plan, ties, next_best, _compare(next_best, plan) if next_best else "", criteria)


def _differs(plan: Plan, best: Plan) -> bool:
    """Tell whether a plan differs noticeably from the best: in time, in cost or in right answers."""
    slower, faster = sorted((plan, best), key=lambda each: -each.seconds)
    if not _is_as_fast(slower, faster):
        return True
    pairs = ((plan.cost_usd, best.cost_usd), (plan.right, best.right))
    if any((one is None) is not (other is None) for one, other in pairs):
        return True
    costs = [cost for cost in pairs[0] if cost is not None]
    rights = [right for right in pairs[1] if right is not None]
    is_as_cheap = not costs or _is_as_cheap(max(costs), min(costs))
    return not is_as_cheap or (bool(rights) and max(rights) - min(rights) > NOTICEABLE)


def _choose(plans: Sequence[Plan]) -> list[Plan]:
    """Return the best of at least one plan and the plans that are equally good, the fastest first."""
    right = max((each.right for each in plans if each.right is not None), default=None)
    able = [each for each in plans if right is None or _is_as_right(each, right)]
    fastest = min(able, key=lambda each: each.seconds)
    quick = [each for each in able if _is_as_fast(each, fastest)]
    costs = [each.cost_usd for each in quick if each.cost_usd is not None]
    if costs:
        quick = [each for each in quick if each.cost_usd is not None and _is_as_cheap(each.cost_usd, min(costs))]
    return sorted(quick, key=lambda each: each.seconds)


def _is_as_right(plan: Plan, right: float) -> bool:
    return plan.right is not None and plan.right >= right - LARGEST_LOSS


def _is_as_fast(plan: Plan, fastest: Plan) -> bool:
    """Tell whether a plan is not noticeably slower, by the medians, since ranges are those of single runs."""
    return plan.seconds <= (1 + NOTICEABLE) * fastest.seconds


def _is_as_cheap(cost: float, least: float) -> bool:
    return cost <= (1 + NOTICEABLE) * least


def _compare(plan: Plan, best: Plan) -> str:
    """Return how a plan differs from the recommended one, in the order of the criteria."""
    differences: list[Callable[[Plan, Plan], str]] = [_compare_right, _compare_speed, _compare_cost]
    told = [text for compare in differences if (text := compare(plan, best))]
    return f"it is {', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else f"it is {told[0]}"


def _compare_right(plan: Plan, best: Plan) -> str:
    if best.right is None:
        return ""
    if plan.right is None:
        return "not known to be as right"
    points = round(100 * (best.right - plan.right))
    if abs(points) < 1:
        return "equally right"
    return f"{abs(points)} percentage points {'less' if points > 0 else 'more'} right"


def _compare_speed(plan: Plan, best: Plan) -> str:
    if plan.jobs is not None:
        return f"up to {format_span(plan.latest)} long"
    slower, faster = (plan, best) if plan.seconds > best.seconds else (best, plan)
    if _is_as_fast(slower, faster):
        return "equally fast"
    return f"{format_span(slower.seconds - faster.seconds)} {'slower' if slower is plan else 'faster'}"


def _compare_cost(plan: Plan, best: Plan) -> str:
    if plan.cost_usd is None or best.cost_usd is None:
        return ""
    if _is_as_cheap(max(plan.cost_usd, best.cost_usd), min(plan.cost_usd, best.cost_usd)):
        return "equally cheap"
    amount = format_money(abs(plan.cost_usd - best.cost_usd))
    return f"{amount} {'more expensive' if plan.cost_usd > best.cost_usd else 'cheaper'}"
