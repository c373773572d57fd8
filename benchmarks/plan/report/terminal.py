"""A plan as lines for a terminal: a table, the obstacles, the best plans, and at the end the recommended one."""

import shlex

from benchmarks.plan.planning.plans import Plan
from benchmarks.plan.report.facts import PlanReport
from benchmarks.plan.report.sentences import (
    describe_best,
    describe_recommendation,
    explain_right,
    format_least,
    format_off,
    group_by_text,
)
from benchmarks.scaling.machine import describe_machine, find_images_a_request
from benchmarks.verdicts.answers.share import format_interval
from fixtures.tasks.kind import Kind
from fixtures.text.amounts import format_money
from fixtures.text.durations import format_span
from fixtures.text.tables import describe_omitted, fit_table, format_table
from fixtures.text.words import format_count, join_words

_DISPENSABLE = ("requests", "off by", "range", "95 %", "limited by")
"""The columns that a narrow terminal omits, the least important first."""


def format_lines(report: PlanReport, width: int | None) -> list[str]:
    """Return the lines of a report, with as many columns of its table as fit into a width in characters."""
    rows = _make_rows(report)
    fitted = fit_table(rows, width, _DISPENSABLE)
    return [
        _make_head(report),
        report.provenance,
        *report.doubts,
        "",
        *format_table(fitted),
        *describe_omitted(rows, fitted),
        *group_by_text(report.plans, lambda plan: plan.obstacles, "Does not fit: {names}, because {text}."),
        *group_by_text(report.plans, lambda plan: plan.notes, "{names}: {text}."),
        *report.found.left_out,
        "",
        *describe_best(report),
        *explain_right(report),
        "",
        describe_machine(report.client),
        *_explain_sizes(report),
        *_explain_batch(report),
        "",
        *report.caveats,
        *_set_apart(describe_recommendation(report)),
    ]


def _set_apart(lines: list[str]) -> list[str]:
    return ["", *lines] if lines else []


def _make_head(report: PlanReport) -> str:
    """Return the line that repeats the requirements."""
    required, least = report.required, format_least(report)
    limits = [text for _, text in required.rate_limits.values()]
    if required.batch_tokens is not None:
        limits.append(f"{format_count(required.batch_tokens, 'token')} in batch jobs")
    wanted = [f"within {format_span(required.deadline)}"] if required.deadline else []
    wanted += [f"for at most {format_money(required.budget)}"] if required.budget is not None else []
    wanted += [f"at least {least}"] if least else []
    images, limited = format_count(required.images, "image"), join_words(limits) if limits else "no rate limits"
    return ", ".join([images, required.model, limited, *wanted])


def _make_rows(report: PlanReport) -> list[list[str]]:
    """Return the table with its head; the column of errors is omitted for kinds of answers that have none."""
    kind, has_error = report.required.kind, any(plan.error is not None for plan in report.plans)
    head = ["strategy", "expected time", "range", "cost", kind.share, "95 %", "off by", "requests"]
    rows = [[*head, "limited by", "fits"], *(_make_row(plan, kind) for plan in report.plans)]
    off = head.index("off by")
    return rows if has_error else [[*row[:off], *row[off + 1 :]] for row in rows]


def _make_row(plan: Plan, kind: Kind) -> list[str]:
    expected, unknown = format_span(plan.seconds), "not known"
    return [
        plan.title,
        expected if plan.jobs is None else f"up to {expected}",
        "-" if plan.jobs is not None else _format_range(plan.interval),
        format_money(plan.cost_usd),
        unknown if plan.right is None else f"{100 * plan.right:.0f} %",
        "-" if plan.right is None else format_interval(plan.right, plan.judged),
        unknown if plan.error is None else format_off(plan.error, kind),
        f"{plan.requests:,}",
        plan.bottleneck,
        "yes" if plan.is_feasible else "no",
    ]


def _format_range(interval: tuple[float, float] | None) -> str:
    """Return the ends of an interval in seconds, or a single one where both are written alike."""
    return " to ".join(dict.fromkeys(map(format_span, interval or ()))) or "not known"


def _explain_sizes(report: PlanReport) -> list[str]:
    """Return how many of the folder's images fit in a request; empty without a folder."""
    if not report.required.folder:
        return []
    size, inlined = f"{report.subject.image_bytes / 1000:.0f} KB", find_images_a_request(report.sized)
    return [f"An image in '{report.subject.name}' has {size} on average: a request can inline {inlined} of them."]


def _explain_batch(report: PlanReport) -> list[str]:
    """Return how to send images that are too many for one request through the Batch API; empty if no plan does."""
    required, jobs = report.required, [plan for plan in report.plans if plan.jobs is not None]
    count = max((plan.settings.get("files", 1) for plan in jobs), default=0)
    if not count or (count == 1 and required.images <= find_images_a_request(report.sized)):
        return []
    files = "a file of requests of at most 2 GB" if count == 1 else f"{count} files of requests of at most 2 GB each"
    folder = shlex.quote(required.folder) if required.folder else "FOLDER"
    answer = report.subject.question.answer
    task = f" --task {answer}" if required.folder and ":" in answer else ""
    most = "".join(
        dict.fromkeys(f" --most-images {most}" for plan in jobs if (most := plan.settings.get("most_images")))
    )
    start = 'python -c "from google import genai; c = genai.Client();'
    create = "f = c.files.upload(file='requests-1.jsonl', config={'mime_type': 'jsonl'}); "
    create += f"print(c.batches.create(model='{required.model}', src=f.name).name)"
    fetch = "j = c.batches.get(name='batches/...'); print(j.state); "
    fetch += "j.done and open('answers-1.jsonl', 'xb').write(c.files.download(file=j.dest.file_name))"
    return [
        f"The Batch API takes them as {files} (not tried on Gemini). Write the files, start a job, fetch its results:",
        f"  python -m benchmarks.plan.requests_file {folder} --model {required.model}{task}{most}",
        f'  {start} {create}"',
        f'  {start} {fetch}"',
        *_explain_settings(report),
    ]


def _explain_settings(report: PlanReport) -> list[str]:
    """Return the sentence that says that the files lack the model settings of the plans; empty without settings."""
    labels = "; ".join(each.label for each in report.settings if each.label)
    return (
        [f"The requests in these files have no model settings; add the ones you choose to each ({labels})."]
        if labels
        else []
    )
