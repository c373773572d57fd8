"""Whether the answers of a benchmark are still as right as those of a stored run, or worse by more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.verdicts.answers.difference import AnswerFinding, Difference, compare_scores
from benchmarks.verdicts.seconds.ratios import adjust_p_values
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record
from fixtures.run.record.scores import score_by_image

TOLD = ("unit", "tolerance")
"""The options of a kind by which answers are told and judged, and not asked for: today's hold for both."""
NAMED = 5
"""The most images that a verdict names."""


@dataclass(frozen=True)
class AnswerVerdict:
    """What is found about the answers of one benchmark."""

    finding: AnswerFinding
    difference: Difference | None
    """How much more right they are; None where no truth is known."""
    images: tuple[str, ...]
    """The images that it is about: those whose answers are less right, or else those whose answers changed."""
    is_paired: bool
    """Whether both are readings of one recording, so that nothing is chance."""
    reason: str = ""
    """Why they are not compared; empty where they are."""

    @property
    def text(self) -> str:
        """The cell of a table: the finding, and by how many percentage points more or less is right."""
        if self.difference is None or self.finding in (AnswerFinding.UNCHANGED, AnswerFinding.CHANGED):
            return str(self.finding)
        # Where nothing is chance there is no interval.
        return f"{self.finding}: {self.difference.points if self.is_paired else self.difference.text}"

    @property
    def sentence(self) -> str:
        """What has become of the answers, as the end of a sentence; empty where nothing is to be said."""
        if self.finding in (AnswerFinding.UNCHANGED, AnswerFinding.UNSEEN):
            return ""
        if self.finding is AnswerFinding.REFUSED:
            return f"the answers are not compared, since {self.reason}"
        named = ", ".join(self.images[:NAMED]) + (
            f" and {len(self.images) - NAMED} more" if self.images[NAMED:] else ""
        )
        if self.finding is AnswerFinding.CHANGED:
            return f"the answers changed, and nobody knows whether for the better: {named}"
        if self.finding is AnswerFinding.BETTER:
            return "the answers got better" + (f", but worse about {named}" if self.is_paired and self.images else "")
        why = "replayed or simulated alike, so it is not chance" if self.is_paired else "by more than chance"
        return f"the answers got worse ({why}): {named}"


def judge_answers(now: Benchmark, then: Benchmark, *, same_recording: bool) -> AnswerVerdict | None:
    """Return the verdict on answers against those of a stored run; None where either has none.

    Both are scored by the kind and the truths of this run. Over the same recording any difference is the reading's;
    otherwise each image counts with the mean of its rounds, and a difference may be chance.
    """
    record = now.record
    before = then.record.answers_by_round
    if not any(before) or not any(record.answers_by_round):
        return None
    if reason := _find_reason(record, then.record):
        return AnswerVerdict(AnswerFinding.REFUSED, None, (), same_recording, reason)
    common = {image: truth for image, truth in record.truth.items() if image in before[0]}
    scores = score_by_image(record.kind, common, record.answers_by_round)
    scores_before = score_by_image(record.kind, common, before)
    difference = compare_scores(scores, scores_before)
    lower = sorted(
        (image for image in common if scores[image] < scores_before[image]),
        key=lambda image: scores[image] - scores_before[image],
    )
    if not same_recording:
        if difference is None:
            return None
        return AnswerVerdict(difference.classify(difference.p), difference, tuple(lower), is_paired=False)
    changed = tuple(
        image
        for image in record.answers
        if [each.get(image) for each in record.answers_by_round] != [each.get(image) for each in before]
    )
    finding = _classify_reading(changed, difference)
    named = tuple(lower) if lower or finding is AnswerFinding.BETTER else changed
    return AnswerVerdict(finding, difference, named, is_paired=True)


def _find_reason(now: Record, then: Record) -> str:
    """Return why the answers of two runs are not compared, as the end of a sentence; empty where they are."""
    asked, asked_before = (
        {name: value for name, value in each.task.items() if name not in TOLD} for each in (now, then)
    )
    if asked != asked_before:
        return "another kind of answer was asked for then"
    if now.timing == "virtual" and now.truth != then.truth:
        return "the simulator answers from the truths, and these have changed"
    return ""


def _classify_reading(changed: Sequence[str], difference: Difference | None) -> AnswerFinding:
    if not changed:
        return AnswerFinding.UNCHANGED
    if difference is None or not difference.value:
        return AnswerFinding.CHANGED
    return AnswerFinding.WORSE if difference.value < 0 else AnswerFinding.BETTER


def adjust_findings(verdicts: Sequence[AnswerVerdict | None]) -> list[AnswerVerdict | None]:
    """Return the verdicts of one run, those that may be chance adjusted for being several by Holm's method."""
    chance = [each for each in verdicts if each is not None and each.difference is not None and not each.is_paired]
    adjusted = iter(adjust_p_values([each.difference.p for each in chance if each.difference is not None]))
    return [
        replace(each, finding=each.difference.classify(next(adjusted)))
        if each is not None and each.difference is not None and not each.is_paired
        else each
        for each in verdicts
    ]
