"""The consistency check: the strategies' answers to each image side by side, next to the truth where it is known.

All functions take strategies that ran on the same images and model, as a mapping from strategy to benchmark.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.history.groups import find_reference
from benchmarks.report.tables import format_error
from benchmarks.verdicts.answers.agreement import find_agreements, list_differing
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record
from fixtures.tasks.kind import Kind
from fixtures.text.tables import Table

IMAGES_SHOWN = 20
"""The most images that a table or a figure shows: those with the largest errors."""
MARK = "*"
"""The mark of an answer that differs from the reference's, for images without a truth."""


def list_worst_images(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the names of all images: those without an answer first, then the others by their largest error.

    Images without a truth come last, sorted by the number of strategies whose answers differ from the reference's.
    """
    records = [benchmark.record for benchmark in benchmarks.values()]
    kind, differing = records[0].kind, list_differing(benchmarks)

    def measure(image: str) -> tuple[bool, bool, float]:
        answers = [record.answers.get(image) for record in records]
        is_known, is_missing = image in records[0].truth, None in answers
        if is_missing or not is_known:
            return is_missing, is_known, sum(image in images for images in differing.values())
        return False, True, max(_measure_error(kind, answer, records[0].truth[image]) for answer in answers)

    return sorted(records[0].answers, key=measure, reverse=True)


def _measure_error(kind: Kind, answer: Any, truth: Any) -> float:
    error = kind.measure_error(answer, truth)
    return 1.0 - kind.score(answer, truth) if error is None else error


def make_short_consistency_rows(benchmarks: Mapping[str, Benchmark]) -> list[list[str]]:
    """Return each strategy's answers next to the truths as rows for a terminal, the head first.

    The images are in their own order; of more than `IMAGES_SHOWN` images, the worst are shown.
    """
    first = next(iter(benchmarks.values())).record
    worst = set(list_worst_images(benchmarks)[:IMAGES_SHOWN])
    shown = [image for image in first.answers if image in worst]
    return [[_name_answers(first), *_name_truth(first), *benchmarks], *_make_rows(benchmarks, shown, with_range=False)]


def make_consistency_table(benchmarks: Mapping[str, Benchmark]) -> Table:
    """Return each strategy's answers next to the truths as a table for a page, the worst images first.

    Where the rounds differ, the range of their answers is added.
    """
    images = list_worst_images(benchmarks)
    first = next(iter(benchmarks.values())).record
    more = f"; the {IMAGES_SHOWN} worst of {len(images)} images, all are in rows.csv"
    caption = f"Answers by image (median round, and the range over rounds{more if len(images) > IMAGES_SHOWN else ''})"
    told = [*describe_lack_of_truth(benchmarks), *describe_marks(benchmarks)]
    return Table(
        " ".join([f"{caption}.", *told]) if told else caption,
        ["image", *_name_truth(first), *benchmarks],
        _make_rows(benchmarks, images[:IMAGES_SHOWN], with_range=True),
    )


def _name_answers(record: Record) -> str:
    """Return the head of the column of images, which names the kind of answer."""
    unit = record.kind.unit
    what = f"{unit} counted" if record.task.get("answer") == "count" and unit else "answers"
    return f"{what} (median round)"


def _name_truth(record: Record) -> list[str]:
    return ["true"] if record.truth else []


def _make_rows(benchmarks: Mapping[str, Benchmark], images: Sequence[str], *, with_range: bool) -> list[list[str]]:
    records = [benchmark.record for benchmark in benchmarks.values()]
    kind, truth = records[0].kind, records[0].truth
    differing = list_differing(benchmarks)
    rows = []
    for image in images:
        cells = []
        for name, record in zip(benchmarks, records, strict=True):
            mark = MARK if image not in truth and image in differing[name] else ""
            rounds = _format_round_range(kind, record, image) if with_range else ""
            cells.append(f"{_format_answer(kind, record.answers.get(image), truth.get(image))}{mark}{rounds}")
        known = [kind.format_answer(truth[image]) if image in truth else "-"] if truth else []
        rows.append([image, *known, *cells])
    if any(record.mean_absolute_error is not None for record in records):
        unit = f" ({kind.unit})" if kind.unit and with_range else ""
        rows.append([f"mean absolute error{unit}", "", *map(format_error, records)])
    return rows


def _format_answer(kind: Kind, answer: Any, truth: Any) -> str:
    if answer is None:
        return "-"
    return kind.format_answer(answer) if truth is None else kind.format_against(answer, truth)


def _format_round_range(kind: Kind, record: Record, image: str) -> str:
    """Return how the answers of all rounds differ, in parentheses; empty if they are equal or there are none.

    For numbers it is their range; for other kinds it is the number of different answers.
    """
    answers = [each.get(image) for each in record.answers_by_round]
    known = [answer for answer in answers if answer is not None]
    missing = f", {answers.count(None)} missing" if known and None in answers else ""
    different = {kind.format_answer(answer) for answer in known}
    if not known or (len(different) == 1 and not missing):
        return ""
    if all(isinstance(answer, int | float) for answer in known):
        return f" ({kind.format_answer(min(known))} to {kind.format_answer(max(known))}{missing})"
    return f" ({len(different)} different{missing})"


def describe_lack_of_truth(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the sentences about a group without truths: that none is known, and what agreement means; else none."""
    first = next(iter(benchmarks.values())).record
    if first.truth:
        return []
    reference = find_reference(benchmarks) or next(iter(benchmarks))
    agreement = first.kind.agreement.format(reference=reference)
    known = any(each is not None for each in find_agreements(benchmarks).values())
    pairs = f"over all pairs of rounds (for {reference}: between its own rounds)"
    about = f"Agreement is {agreement}, {pairs}. It is not accuracy."
    return ["No true answers are known.", *([about] if known else [])]


def describe_marks(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the sentence that explains the mark of answers that differ; none if no image can have one."""
    first = next(iter(benchmarks.values())).record
    if len(benchmarks) == 1 or all(image in first.truth for image in first.answers):
        return []
    reference = find_reference(benchmarks) or next(iter(benchmarks))
    which = " (only images without a truth)" if first.truth else ""
    return [f"{MARK} marks an answer that differs from the answer of {reference} in the median round{which}."]
