"""A plan reports how right its answers are, with an interval, and whether that is right enough."""

import json
from dataclasses import replace

import pytest

from benchmarks.plan.report.document import make_document
from benchmarks.plan.samples import Sample
from benchmarks.verdicts.answers.share import find_interval
from fixtures.run.record.provenance import MADE_UP
from fixtures.simulator.latencies import Latencies
from fixtures.simulator.projection import RecordedLatencies
from fixtures.tasks.kinds.text import Text
from tests.plan.made import FORTY, SAMPLES, TEN, find_plans, format_text, make_report, require, spread


def test_the_interval_is_that_of_the_different_images_however_often_each_was_asked_about() -> None:
    """Sixteen requests with four images each, about sixteen images, count as sixteen images."""
    plan = find_plans(require(1000))["chunked"]
    assert plan.right == pytest.approx(0.9)
    assert plan.judged == 16
    assert plan.right_interval == find_interval(plan.right or 0, 16)


def test_right_is_a_mean_over_the_images_and_not_over_the_requests() -> None:
    """A request with three judged images counts three times as much as one with one."""
    uneven = Sample(4, [replace(FORTY, right=1.0, judged=("a", "b", "c")), replace(FORTY, right=0.0, judged=("d",))])
    assert uneven.right == 0.75


def test_only_what_is_shown_to_be_right_enough_fits() -> None:
    """96 % of sixteen images have the interval 75 to 99 %, which shows at least 70 %, and not 80 %."""
    found = find_plans(require(1000, least_right=0.7))
    alone = {"sequential", "bounded", "adaptive", "hedged", "batch_files"}
    assert {strategy for strategy, plan in found.items() if plan.is_feasible} == alone
    assert set(found) - alone == {"concurrent", "files"}, "which are too many at a time"
    assert "chunked" in find_plans(require(1000, least_right=0.6))
    found = find_plans(require(1000, least_right=0.8))
    assert found["bounded"].obstacles == (
        "at least 80 % right is not shown: 96 % right (95 % interval 75 to 99 %, 16 images)",
    )
    assert found["batch_files"].obstacles == found["bounded"].obstacles


def test_the_number_of_images_that_a_share_needs_is_reported() -> None:
    """Showing 90 % takes at least 35 images, all right; with sixteen, the most right plan is named."""
    text = format_text(make_report(require(1000, least_right=0.9)))
    assert text.count("16 images cannot show 90 % right: at least 35 with known answers are needed.") == 1
    most = "bounded or threads (concurrency 500): 96 % right (95 % interval 75 to 99 %, 16 images), off by 2.0 people"
    assert f"No plan fits.\nThe most right would be {most}.\n" in text
    assert "fastest would be" not in text
    enough = {1: Sample(1, spread(replace(TEN, right=1.0), 35))}
    report = make_report(require(1000, least_right=0.9), enough)
    assert "bounded" in {plan.strategy for plan in report.feasible}
    assert "cannot show" not in format_text(report)


def test_the_nearest_to_a_deadline_is_right_enough() -> None:
    """The fastest plan that is shown to be right enough is named; `chunked` is faster but is not."""
    text = format_text(make_report(require(1000, rpm=60, deadline=60.0, least_right=0.7)))
    assert "The fastest would be adaptive: up to " in text


def test_where_no_truth_is_known_nothing_is_shown() -> None:
    """Without truths no plan is called most right, none meets `--least-right`, and the document has null."""
    unknown = {1: Sample(1, [replace(TEN, right=None, error=None, judged=())] * 2)}
    report = make_report(require(10), unknown)
    text = format_text(report)
    assert "the share of right answers is not known" in text
    assert "not known" in text.split("sequential ")[1].split("\n")[0]
    assert "most right" not in text
    assert "off by" not in text
    (plan, *_) = make_document(report)["plans"]
    assert (plan["right"], plan["right_interval"], plan["judged"]) == (None, None, 0)

    report = make_report(require(10, least_right=0.9), unknown)
    assert not report.feasible
    text = format_text(report)
    assert "batch, batch_files, because the share of right answers is not known." in text
    told = "No image in 'sixteen' has its true answer in task.toml: to show 90 % right, at least 35 such images are needed."  # noqa: E501 - a sentence as it is printed
    assert told in text

    recorded = RecordedLatencies(Latencies([TEN]), "gemini", "2026-11-23")
    text = format_text(make_report(require(10, least_right=0.9), unknown, recorded))
    assert "No recorded answer is about an image whose true answer is known: to show 90 % right, at least" in text


def test_it_is_told_in_the_words_and_the_unit_of_the_kind() -> None:
    """A count is right and off by people; a text is alike and has no error."""
    text = format_text(make_report(require(1000)))
    assert "96 % right (95 % interval 75 to 99 %, 16 images), off by 2.0 people; " in text
    assert "96 %  75 to 99 %  " in text

    alike = {1: Sample(1, spread(replace(TEN, error=None), 16))}
    report = make_report(require(1000, kind=Text(), least_right=0.99), alike)
    text = format_text(report)
    assert "1,000 images, gemini-3.5-flash, no rate limits, at least 99 % alike" in text
    assert "at least 99 % alike is not shown: 96 % alike (95 % interval 75 to 99 %, 16 images)" in text
    assert not [word for word in ("people", "off by", "% right") if word in text]
    assert "  alike  " in text


def test_programs_get_the_share_its_interval_the_error_and_its_unit() -> None:
    """Every plan in the document has them, and the document has the requirement."""
    document = json.loads(json.dumps(make_document(make_report(require(1000, least_right=0.5)))))
    plan = next(plan for plan in document["plans"] if plan["strategy"] == "bounded")
    assert plan["right"] == pytest.approx(0.96)
    assert plan["right_interval"] == pytest.approx(find_interval(0.96, 16))
    assert (plan["error"], plan["unit"], plan["judged"]) == (pytest.approx(2.0), "people", 16)
    assert document["asked"]["least_right"] == 0.5


@pytest.mark.parametrize(("source", "sentences"), [(None, 1), ("simulator", 1), ("gemini", 0)])
def test_answers_of_the_simulator_are_called_made_up(source: str | None, sentences: int) -> None:
    """Simulated and recorded answers of the simulator are called made up, those of Gemini are not."""
    recorded = None if source is None else RecordedLatencies(Latencies([TEN]), source, "2026-11-23")
    report = make_report(require(10), SAMPLES, recorded)
    assert report.provenance.count(MADE_UP) == sentences
