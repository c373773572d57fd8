"""Strategy against strategy in one run: whose answers are better or worse by more than chance."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.history.groups import find_reference
from benchmarks.verdicts.answers.difference import (
    AnswerFinding,
    Difference,
    compare_scores,
    find_least_to_compare,
)
from benchmarks.verdicts.seconds.ratios import adjust_p_values
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import has_simulated_answers
from fixtures.text.tables import Table
from fixtures.text.words import format_count

CAPTION = (
    "How much more right the answers are, in percentage points, paired by image: an interval is approximate and of one "
    "comparison, p values are those of a permutation test, corrected for {comparisons} (Holm)"
)


@dataclass(frozen=True)
class AnswerContest:
    """How the answers of each strategy compare with those of a reference."""

    reference: str
    """The strategy that the others are compared with."""
    differences: Mapping[str, Difference]
    """The difference of each other strategy, by name."""
    adjusted: Mapping[str, float]
    """The p values, adjusted for being several."""
    is_simulated: bool
    """Whether the simulator answered."""

    @property
    def images(self) -> int:
        """The number of images whose truth is known."""
        return max(each.images for each in self.differences.values())

    @property
    def shows_any(self) -> bool:
        """Whether the images are enough to show any difference at all."""
        return self.images >= find_least_to_compare(len(self.differences))

    @property
    def caption(self) -> str:
        """What the table shows."""
        simulated = "; the answers are simulated" if self.is_simulated else ""
        return f"{CAPTION.format(comparisons=format_count(len(self.differences), 'comparison'))}{simulated}"

    def make_table(self) -> Table:
        """Return a row a strategy: the finding, the difference with its interval, and p."""
        head = [f"answers against {self.reference}", "verdict", "difference (95 %)", "p", "images"]
        rows = [
            [name, self.classify(name), each.text, f"{self.adjusted[name]:.2g}", str(each.images)]
            for name, each in self.differences.items()
        ]
        return Table(self.caption, head, rows)

    def classify(self, name: str) -> AnswerFinding:
        """Return what the difference of a strategy amounts to."""
        return self.differences[name].classify(self.adjusted[name])

    def is_worse(self, name: str) -> bool:
        """Tell whether the answers of a strategy are worse than the reference's by more than chance."""
        return self.classify(name) is AnswerFinding.WORSE

    @property
    def lack(self) -> str:
        """Why the images are too few to show anything, as a clause; empty where they are not."""
        if self.shows_any:
            return ""
        images = "1 image" if self.images == 1 else f"{self.images} images"
        least = find_least_to_compare(len(self.differences))
        return f"{images} cannot tell strategies apart (it takes at least {least})"


def compare_answers(benchmarks: Mapping[str, Benchmark], reference: str | None = None) -> AnswerContest | None:
    """Return how the answers compare with those of a reference, by default that of the group.

    Where there is none, it is the first. Each image counts with the mean of its rounds. A strategy that lacks an answer
    is left out. It is None where there are no two strategies, or no truths.
    """
    judged = {name: each for name, each in benchmarks.items() if each.record.right_by_image and not each.record.errors}
    scores = {name: each.record.right_by_image for name, each in judged.items()}
    if not judged:
        return None
    reference = reference or find_reference(judged) or next(iter(judged))
    found = {
        name: difference
        for name, each in scores.items()
        if name != reference and (difference := compare_scores(each, scores[reference])) is not None
    }
    adjusted = adjust_p_values([each.p for each in found.values()])
    if not found:
        return None
    is_simulated = has_simulated_answers(judged[reference].record)
    return AnswerContest(reference, found, dict(zip(found, adjusted, strict=True)), is_simulated)


def find_most_right(benchmarks: Mapping[str, Benchmark]) -> tuple[list[str], str]:
    """Return those whose answers are the most right, the first by its figure, and why they cannot be told apart.

    The others are those that the permutation test against the first does not tell apart from it, p values adjusted by
    Holm's method. Where the images are too few to tell anything, these are all, and the clause that says so is not
    empty. There are none where no truth is known.
    """
    shares = {name: each.record.right for name, each in benchmarks.items() if each.record.right_by_image}
    ranked = sorted(shares, key=lambda name: -(shares[name] or 0.0))
    found = compare_answers(benchmarks, reference=ranked[0]) if ranked else None
    if found is None:
        return ranked, ""
    return [name for name in ranked if name not in found.differences or not found.is_worse(name)], found.lack
