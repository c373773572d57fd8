"""The plan as a JSON document with stable names: times in seconds, costs in US dollars."""

from dataclasses import asdict
from typing import Any

from benchmarks.plan.planning.plans import Plan
from benchmarks.plan.recommendation import CRITERIA
from benchmarks.plan.report.facts import PlanReport
from fixtures.tasks.kind import Kind


def make_document(report: PlanReport) -> dict[str, Any]:
    """Return a report as a document; each plan names the unit of its `error`."""
    best = {criterion: [plan.name for plan in equals] for criterion, equals in report.best.items()}
    advised, required = report.recommendation, report.required
    return {
        "asked": {
            **{name: value for name, value in vars(required).items() if name != "kind"},
            "model_settings": [each.given for each in report.settings],
        },
        "origin": report.provenance,
        "recorded_requests": None if report.recorded is None else report.recorded.count,
        "client": report.client.model_dump(),
        "plans": [_make_plan_document(plan, required.kind) for plan in report.plans],
        **{criterion.replace(" ", "_"): next(iter(best.get(criterion, ())), None) for criterion in CRITERIA},
        "equals": {criterion.replace(" ", "_"): best.get(criterion, []) for criterion in CRITERIA},
        "recommended": advised and advised.plan.name,
        "ties": [plan.name for plan in advised.ties] if advised else [],
        "next_best": advised and advised.next_best and advised.next_best.name,
        "why_not_next_best": advised and (advised.why_not or None),
        "chosen_by": list(advised.criteria) if advised else [],
        "left_out": report.found.left_out,
        "caveats": [*report.doubts, *report.caveats],
    }


def _make_plan_document(plan: Plan, kind: Kind) -> dict[str, Any]:
    document = asdict(plan) | {"right_interval": plan.right_interval, "unit": kind.unit}
    # Names that changed in the code keep their old name in the document.
    document |= {"binds": document.pop("bottleneck"), "against": document.pop("obstacles")}
    document["extrapolated"] = document.pop("is_extrapolated")
    document["interval_from_one_start"] = document.pop("chance")
    document |= {"model_settings": plan.model_settings.given, "notes": plan.notes, "fits": plan.is_feasible}
    return {name: value for name, value in document.items() if name != "remarks"}
