"""Compare the answers of a benchmark with those of a stored run: exactly on a replay, else by a permutation test."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.verdicts.answers.difference import AnswerFinding, Difference, compare_scores
from benchmarks.verdicts.seconds.ratios import adjust_p_values
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record
from fixtures.run.record.scores import score_by_image

TOLD = ("unit", "tolerance")
"""The options of a kind of answer that affect only how answers are printed and scored; this run's are used for both."""
NAMED = 5
"""The maximum number of images that a sentence names."""


@dataclass(frozen=True)
class AnswerVerdict:
    """The result of comparing the answers of one benchmark with those of a stored run."""

    finding: AnswerFinding
    difference: Difference | None
    """The difference of the scores; None if no truth is known."""
    images: tuple[str, ...]
    """The images whose answers are less right, the worst first; with `CHANGED` and none of these, the changed ones."""
    is_paired: bool
    """Whether both runs read the same recording, or the same simulated answers, so that no difference is chance."""
    reason: str = ""
    """The clause that says why they are not compared; empty if they are."""

    @property
    def text(self) -> str:
        """The cell of a table: the finding, and the difference in percentage points."""
        if self.difference is None or self.finding in (AnswerFinding.UNCHANGED, AnswerFinding.CHANGED):
            return str(self.finding)
        # An exact difference has no interval.
        return f"{self.finding}: {self.difference.points if self.is_paired else self.difference.text}"

    @property
    def sentence(self) -> str:
        """The clause on how the answers changed; empty if they are unchanged or no difference is seen."""
        if self.finding in (AnswerFinding.UNCHANGED, AnswerFinding.UNSEEN):
            return ""
        if self.finding is AnswerFinding.REFUSED:
            return f"the answers are not compared, because {self.reason}"
        named = ", ".join(self.images[:NAMED]) + (
            f" and {len(self.images) - NAMED} more" if self.images[NAMED:] else ""
        )
        if self.finding is AnswerFinding.CHANGED:
            same = "no truths are known" if self.difference is None else "their mean score is the same"
            return f"the answers changed ({same}): {named}"
        if self.finding is AnswerFinding.BETTER:
            return "the answers got better" + (f", but worse for {named}" if self.is_paired and self.images else "")
        why = "not by chance: the model's responses are the same" if self.is_paired else "by more than chance"
        return f"the answers got worse ({why}): {named}"


def judge_answers(now: Benchmark, then: Benchmark, *, same_recording: bool) -> AnswerVerdict | None:
    """Return the verdict on the answers of this run compared with those of a stored run; None if either has none.

    Both are scored with the kind of answer and the truths of this run. With the same recording, a difference can only
    come from how answers are read. Otherwise the score of an image is its mean over the rounds, and a difference may
    be chance; then the result is also None if no truth is known.
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
    """Return the clause that says why the answers of two runs are not compared; empty if they are."""
    asked, asked_before = (
        {name: value for name, value in each.task.items() if name not in TOLD} for each in (now, then)
    )
    if asked != asked_before:
        return "the stored run asked for another kind of answer"
    if now.timing == "virtual" and now.truth != then.truth:
        return "the simulator makes its answers from the truths, and these have changed"
    return ""


def _classify_reading(changed: Sequence[str], difference: Difference | None) -> AnswerFinding:
    if not changed:
        return AnswerFinding.UNCHANGED
    if difference is None or not difference.value:
        return AnswerFinding.CHANGED
    return AnswerFinding.WORSE if difference.value < 0 else AnswerFinding.BETTER


def adjust_findings(verdicts: Sequence[AnswerVerdict | None]) -> list[AnswerVerdict | None]:
    """Return the verdicts of one run, with sampled ones adjusted for multiple comparisons by Holm's method."""
    chance = [each for each in verdicts if each is not None and each.difference is not None and not each.is_paired]
    adjusted = iter(adjust_p_values([each.difference.p for each in chance if each.difference is not None]))
    return [
        replace(each, finding=each.difference.classify(next(adjusted)))
        if each is not None and each.difference is not None and not each.is_paired
        else each
        for each in verdicts
    ]
