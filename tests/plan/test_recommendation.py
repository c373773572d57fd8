"""One plan is recommended, by right answers, then speed, then cost, with the reason against the next best."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.plan.planning.plans import Plan
from benchmarks.plan.planning.timing import DAY
from benchmarks.plan.recommendation import Recommendation, rank_plans, recommend
from benchmarks.plan.report.document import make_document
from tests.plan.made import format_text, make_report, report_plans, require


def make_plan(name: str, seconds: float, cost: float | None, right: float | None, **more: Any) -> Plan:
    """Return a plan whose runs take between 0.999 and 1.001 times these seconds."""
    ends = (0.999 * seconds, 1.001 * seconds)
    plan = Plan(name, {}, 100, seconds, ends, cost, right, 0 if right is None else 40, None, "", chance=ends)
    return replace(plan, **more)


def choose(*plans: Plan) -> Recommendation:
    """Return the recommendation among these plans."""
    found = recommend(plans)
    assert found is not None
    return found


FAST, SLOW = make_plan("fast", 100.0, 2.0, 0.9), make_plan("slow", 1540.0, 2.0, 0.9)


def test_of_those_that_are_as_right_it_is_the_fastest() -> None:
    """Ten percentage points less count as equally right; eleven do not, however fast or cheap the plan is."""
    best = make_plan("best", 500.0, 5.0, 0.98)
    assert choose(best, make_plan("near", 400.0, 5.0, 0.88)).plan.strategy == "near"
    found = choose(best, make_plan("far", 1.0, 0.1, 0.87))
    assert found.plan.strategy == "best"
    assert found.why_not == "it is 11 percentage points less right, 8 min faster and $4.90 cheaper"


def test_of_those_that_are_as_fast_it_is_the_cheapest() -> None:
    """Up to 2 % slower counts as equally fast; more does not, however cheap the plan is."""
    dear = make_plan("dear", 100.0, 3.0, 0.9)
    assert choose(dear, make_plan("cheap", 101.9, 1.0, 0.9)).plan.strategy == "cheap"
    found = choose(dear, make_plan("cheap", 103.0, 1.0, 0.9))
    assert (found.plan.strategy, found.why_not) == ("dear", "it is equally right, 3 s slower and $2.00 cheaper")


def test_plans_with_overlapping_ranges_are_not_equally_fast() -> None:
    """A plan of 150 s is slower than one of 100 s, although single runs of it may be faster."""
    wide = make_plan("wide", 150.0, 1.0, 0.9, chance=(90.0, 200.0))
    found = choose(FAST, wide)
    assert (found.plan, found.why_not) == (FAST, "it is equally right, 50 s slower and $1.00 cheaper")


@pytest.mark.parametrize("change", [{"seconds": 103.0}, {"cost_usd": 2.05}])
def test_the_next_best_differs_noticeably(change: dict[str, Any]) -> None:
    """The next best plan differs by more than 2 % in time or cost; otherwise it is a tie."""
    near = replace(FAST, strategy="near", seconds=101.9, cost_usd=2.03, right=0.89)
    found = choose(FAST, near, replace(FAST, strategy="other", **change), SLOW)
    assert [each.strategy for each in found.ties] == ["near"]
    assert found.next_best is not None
    assert found.next_best.strategy == "other"


def test_a_near_twin_of_a_plan_that_is_cheap_enough_is_a_tie() -> None:
    """A plan 1 % slower than the recommended one is a tie, although it is 3 % slower than the fastest."""
    cheap, twin = make_plan("cheap", 102.0, 1.0, 0.9), make_plan("twin", 103.0, 1.0, 0.9)
    found = choose(FAST, cheap, twin, SLOW)
    assert (found.plan, found.ties, found.next_best) == (cheap, [twin], FAST)


def test_equals_by_one_criterion_are_all_named() -> None:
    """The best plan comes first, with up to three equal ones and the number of others."""
    plans = [make_plan(name, 100.0 + number, 2.0, 0.9) for number, name in enumerate("abcdef")]
    assert {name: [each.strategy for each in equals] for name, equals in rank_plans(plans[::-1]).items()} == {
        "fastest": ["a", "b", "c"],
        "cheapest": [*"abcdef"],
        "most right": [*"abcdef"],
    }
    text = format_text(report_plans(require(100), plans))
    assert (
        "\nFastest: a, 100 s, $2.00, 90 % right (95 % interval 77 to 96 %, 40 images); limited by . Equally fast: b and c.\n"  # noqa: E501 - a sentence as it is printed
        in text
    )
    assert "\nCheapest and most right: a, " in text
    assert ". Equally cheap and right: b, c, d and 2 others.\n" in text


def test_equals_are_called_a_tie_and_the_next_best_is_another() -> None:
    """Equal plans are a tie in any order, and the next best plan is a different one."""
    twin = replace(FAST, strategy="twin")
    for plans in ((FAST, twin, SLOW), (SLOW, twin, FAST)):
        found = choose(*plans)
        assert {found.plan.strategy, *(each.strategy for each in found.ties)} == {"fast", "twin"}
        assert found.next_best == SLOW
        assert found.why_not == "it is equally right, 24 min slower and equally cheap"
    text = format_text(report_plans(require(100), (FAST, twin)))
    assert "\nIt ties with twin: equally right, fast and cheap.\nNo other plan fits." in text


def test_a_job_is_compared_by_the_time_that_it_may_take() -> None:
    """A job counts with its 24 h, although it may end sooner and costs half."""
    job = make_plan("job", DAY, 1.0, 0.9, interval=(0.0, DAY), chance=None, jobs=1)
    found = choose(job, FAST)
    assert (found.plan, found.why_not) == (FAST, "it is equally right, up to 24 h long and $1.00 cheaper")


def test_what_is_not_known_decides_nothing() -> None:
    """Unknown right answers or prices are left out of the criteria."""
    found = choose(make_plan("slow", 200.0, 1.0, None), make_plan("fast", 100.0, 2.0, None))
    assert (found.plan.strategy, list(found.criteria)) == ("fast", ["speed", "cost"])
    assert found.why_not == "it is 100 s slower and $1.00 cheaper"
    found = choose(make_plan("slow", 200.0, None, None), make_plan("fast", 100.0, None, None))
    assert (list(found.criteria), found.why_not) == (["speed"], "it is 100 s slower")
    found = choose(FAST, make_plan("unknown", 1.0, 0.1, None))
    assert found.plan == FAST
    assert found.why_not == "it is not known to be as right, 99 s faster and $1.90 cheaper"
    assert recommend([]) is None
    blank = make_plan("blank", 100.0, None, None)
    text = format_text(report_plans(require(100), (blank, replace(blank, strategy="other"))))
    assert "\nIt ties with other: equally fast.\n" in text


def test_a_plan_that_does_not_fit_is_neither_recommended_nor_next_best() -> None:
    """A plan that may miss the deadline is not considered, even if it is the best in all criteria."""
    late = make_plan("late", 50.0, 0.5, 0.99, obstacles=("the deadline may be missed",))
    found = report_plans(require(100), (late, FAST, SLOW)).recommendation
    assert found is not None
    assert (found.plan, found.next_best) == (FAST, SLOW)


@pytest.mark.parametrize("others", [(SLOW,), ()])
def test_the_report_ends_with_it(others: tuple[Plan, ...]) -> None:
    """The last lines of the text have the recommendation, and so has the document."""
    report = report_plans(require(100), (FAST, *others))
    *_, use, next_best = format_text(report).split("\n")
    taken = "100 s, $2.00, 90 % right (95 % interval 77 to 96 %, 40 images)"
    how = "right answers (up to 10 percentage points less count as equal), then speed, then cost"
    assert use == f"Use fast: {taken}. Chosen by: {how}."
    why = "it is equally right, 24 min slower and equally cheap"
    assert next_best == (f"Next best: slow; {why}." if others else "No other plan fits.")
    document = make_document(report)
    assert (document["recommended"], document["ties"]) == ("fast", [])
    assert (document["next_best"], document["why_not_next_best"]) == (("slow", why) if others else (None, None))


def test_the_recommended_plan_keeps_to_what_was_asked_for() -> None:
    """With a small budget only the batch job fits, and there is no next best plan."""
    found = make_report(require(1000, rpm=60, budget=3.0)).recommendation
    assert found is not None
    assert found.plan.strategy == "batch_files"
    assert found.next_best is None
