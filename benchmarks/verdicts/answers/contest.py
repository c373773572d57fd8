"""Compare the answers of the strategies of one run: which are better or worse by more than chance."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.history.groups import find_reference
from benchmarks.verdicts.answers.difference import (
    AnswerFinding,
    Difference,
    compare_scores,
    find_least_to_compare,
)
from benchmarks.verdicts.answers.questions import ask_same_questions
from benchmarks.verdicts.seconds.ratios import adjust_p_values
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import has_simulated_answers
from fixtures.text.tables import Table
from fixtures.text.words import format_count, join_words

CAPTION = (
    "Differences in right answers, in percentage points, paired by image: each interval is approximate and for one "
    "comparison, p values are from a permutation test, corrected for {comparisons} (Holm)"
)
"""The caption of the table; `comparisons` is their number, by whether the prompts are the same."""


@dataclass(frozen=True)
class AnswerContest:
    """The comparison of each strategy's answers with those of a reference."""

    reference: str
    """The strategy that the others are compared with."""
    differences: Mapping[str, Difference]
    """The difference of each other strategy, by name."""
    adjusted: Mapping[str, float]
    """The p values by name, adjusted for the comparisons of each family."""
    families: Sequence[Collection[str]]
    """The names of the strategies with other prompts than the reference, and of those with the same; none is empty."""
    is_simulated: bool
    """Whether the simulator answered."""

    @property
    def images(self) -> int:
        """The number of images whose truth is known."""
        return max(each.images for each in self.differences.values())

    @property
    def shows_any(self) -> bool:
        """Whether there are enough images to show any difference."""
        return self.images >= self._least

    @property
    def caption(self) -> str:
        """The caption of the table."""
        simulated = "; the answers are simulated" if self.is_simulated else ""
        counts = [format_count(len(family), "comparison") for family in self.families]
        if len(counts) > 1:
            counts = [f"{counts[0]} with other prompts", f"{counts[1]} with the same prompts"]
        return f"{CAPTION.format(comparisons=join_words(counts))}{simulated}"

    def make_table(self) -> Table:
        """Return a table with one row per strategy: finding, difference with interval, p value and number of images."""
        head = [f"answers against {self.reference}", "verdict", "difference (95 %)", "p", "images"]
        rows = [
            [name, self.classify(name), each.text, f"{self.adjusted[name]:.2g}", str(each.images)]
            for name, each in self.differences.items()
        ]
        return Table(self.caption, head, rows)

    def classify(self, name: str) -> AnswerFinding:
        """Return the finding for the difference of a strategy."""
        return self.differences[name].classify(self.adjusted[name])

    def is_worse(self, name: str) -> bool:
        """Return whether the answers of a strategy are worse than the reference's by more than chance."""
        return self.classify(name) is AnswerFinding.WORSE

    @property
    def lack(self) -> str:
        """The clause that says that there are too few images; empty if there are enough."""
        if self.shows_any:
            return ""
        images = "1 image is" if self.images == 1 else f"{self.images} images are"
        return f"{images} too few to tell strategies apart (at least {self._least} are needed)"

    @property
    def _least(self) -> int:
        """The minimum number of images that can show a difference in the smallest family."""
        return find_least_to_compare(min(map(len, self.families)))


def compare_answers(benchmarks: Mapping[str, Benchmark], reference: str | None = None) -> AnswerContest | None:
    """Return the comparison of the answers with those of a reference, by default `find_reference`'s, else the first.

    The score of an image is its mean over the rounds. Strategies with missing answers are left out. The result is None
    if there are fewer than two strategies, or no truths.
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
    if not found:
        return None
    asked = judged[reference].record
    # Same prompts are answered alike but for chance: they would only weaken the comparisons with other prompts.
    same = [name for name in found if ask_same_questions(judged[name].record, asked)]
    families = [family for family in ([name for name in found if name not in same], same) if family]
    adjusted = {
        name: p
        for family in families
        for name, p in zip(family, adjust_p_values([found[each].p for each in family]), strict=True)
    }
    return AnswerContest(reference, found, adjusted, families, has_simulated_answers(asked))


def find_most_right(benchmarks: Mapping[str, Benchmark]) -> tuple[list[str], str]:
    """Return the most right strategies, the one with the highest share first, and a clause if there are too few images.

    The others are those that the permutation test cannot tell apart from the first, with p values adjusted by Holm's
    method. If there are too few images to show a difference, all are returned, and the clause says so; otherwise it is
    empty. The list is empty if no truth is known.
    """
    shares = {name: each.record.right for name, each in benchmarks.items() if each.record.right_by_image}
    ranked = sorted(shares, key=lambda name: -(shares[name] or 0.0))
    found = compare_answers(benchmarks, reference=ranked[0]) if ranked else None
    if found is None:
        return ranked, ""
    return [name for name in ranked if name not in found.differences or not found.is_worse(name)], found.lack
