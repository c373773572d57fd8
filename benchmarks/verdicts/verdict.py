"""A verdict and how it is shown: faster, slower, same, no change seen, or cannot tell yet, and what it would take."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.history.sessions import find_id
from benchmarks.verdicts.answers.difference import AnswerFinding
from benchmarks.verdicts.answers.stored import AnswerVerdict
from benchmarks.verdicts.seconds.ratios import Finding, Ratio
from fixtures.text.words import format_count

HEAD = ["against the stored runs", "verdict", "ratio (interval)", "compared", "smallest detectable change", "answers"]
"""The head of a table of verdicts."""


@dataclass(frozen=True)
class Verdict:
    """What is found about one benchmark."""

    benchmark: str
    """The benchmark's `fullname`."""
    name: str
    """The name of the strategy, or of the case of a question about scale."""
    finding: Finding
    basis: str
    """What was compared with what, in numbers of rounds and sessions."""
    ratio: Ratio | None = None
    """The ratio of seconds; None where nothing was compared."""
    visible: float | None = None
    """The smallest change that could have been seen, as a share; None where nothing was compared."""
    notes: tuple[str, ...] = ()
    """Clauses that say why it is so, or what it would take to tell."""
    grown: tuple[str, ...] = ()
    """Clauses that name what has grown and may not grow."""
    answers: AnswerVerdict | None = None
    """The verdict on the answers; None where they were not compared."""

    @property
    def id(self) -> str:
        """The model, the image set and the strategy, as in the test's name."""
        return find_id(self.benchmark)

    @property
    def not_ruled_out(self) -> float | None:
        """The largest slow-down that is not ruled out, as a ratio; None where anything else is found."""
        return self.ratio.high if self.ratio is not None and self.finding is Finding.NO_CHANGE else None

    @property
    def is_regression(self) -> bool:
        """Whether it is worse than it was."""
        return self.finding is Finding.SLOWER or bool(self.grown) or self.has_worse_answers

    @property
    def has_worse_answers(self) -> bool:
        """Whether its answers are less right than they were."""
        return self.answers is not None and self.answers.finding is AnswerFinding.WORSE

    @property
    def brief(self) -> str:
        """The verdict in a few words: the finding, the ratio of a change, and whether anything else got worse."""
        told = str(self.finding)
        if self.ratio is not None and self.finding is Finding.SLOWER:
            told = f"{self.ratio.value:.2f}x slower"
        if self.ratio is not None and self.finding is Finding.FASTER:
            told = f"{1 / self.ratio.value:.2f}x faster"
        return f"{told}{', grown' if self.grown else ''}{', answers worse' if self.has_worse_answers else ''}"

    @property
    def row(self) -> list[str]:
        """The verdict as cells of a table with `HEAD`."""
        return [
            self.name,
            self.finding,
            "-" if self.ratio is None else self.ratio.text,
            self.basis,
            "-" if self.visible is None else f"{self.visible:.0%}",
            "-" if self.answers is None else self.answers.text,
        ]


def explain_verdicts(verdicts: Sequence[Verdict]) -> list[str]:
    """Return the sentences that say what has grown, and why each verdict is as it is.

    A sentence names all strategies that it is about. Why a test failed is not among them: pytest shows it, under
    FAILURES.
    """
    noted: dict[tuple[Finding, str], list[str]] = {}
    for verdict in (each for each in verdicts if each.finding is not Finding.FAILED):
        for note in verdict.notes:
            noted.setdefault((verdict.finding, note), []).append(verdict.name)
    return [
        *(f"{verdict.name} has grown: {', '.join(verdict.grown)}." for verdict in verdicts if verdict.grown),
        *(f"{each.name}: {each.answers.sentence}." for each in verdicts if each.answers and each.answers.sentence),
        *(f"{', '.join(names)} ({finding}): {note}." for (finding, note), names in noted.items()),
    ]


def count_findings(verdicts: Sequence[Verdict]) -> str:
    """Return the sentence that says how many benchmarks were compared with the stored runs, and what was found."""
    counts = Counter(verdict.finding for verdict in verdicts)
    found = ", ".join(f"{counts[finding]} {finding}" for finding in Finding if counts[finding])
    worse = sum(verdict.has_worse_answers for verdict in verdicts)
    answers = f", {worse} with worse answers" if worse else ""
    return f"{format_count(len(verdicts), 'benchmark')} against the stored runs: {found}{answers}."
