"""A verdict and how it is shown: faster, slower, same, no change seen or cannot tell yet, with the reasons."""

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
    """The result of comparing one benchmark with the stored runs."""

    benchmark: str
    """The benchmark's `fullname`."""
    name: str
    """The label of the strategy, or of the case of a question about scale."""
    finding: Finding
    basis: str
    """The numbers of rounds and sessions that were compared."""
    ratio: Ratio | None = None
    """The ratio of seconds; None if nothing was compared."""
    visible: float | None = None
    """The smallest detectable change, as a share; None if nothing was compared."""
    notes: tuple[str, ...] = ()
    """Clauses with the reasons for the verdict, or with what is missing for one."""
    grown: tuple[str, ...] = ()
    """Clauses, one per amount that has grown and may not grow."""
    answers: AnswerVerdict | None = None
    """The verdict on the answers; None if they were not compared."""

    @property
    def id(self) -> str:
        """The model, the image set and the strategy, as in the test id."""
        return find_id(self.benchmark)

    @property
    def not_ruled_out(self) -> float | None:
        """The largest slow-down that is not ruled out, as a ratio; None unless the finding is `NO_CHANGE`."""
        return self.ratio.high if self.ratio is not None and self.finding is Finding.NO_CHANGE else None

    @property
    def is_regression(self) -> bool:
        """Whether the benchmark is slower, an amount has grown, or the answers are worse."""
        return self.finding is Finding.SLOWER or bool(self.grown) or self.has_worse_answers

    @property
    def has_worse_answers(self) -> bool:
        """Whether the answers are less right than before."""
        return self.answers is not None and self.answers.finding is AnswerFinding.WORSE

    @property
    def brief(self) -> str:
        """The verdict in a few words: the finding, the ratio of a change, and what else got worse."""
        told = str(self.finding)
        if self.ratio is not None and self.finding is Finding.SLOWER:
            told = f"{self.ratio.value:.2f}x slower"
        if self.ratio is not None and self.finding is Finding.FASTER:
            told = f"{1 / self.ratio.value:.2f}x faster"
        return f"{told}{', grown' if self.grown else ''}{', answers worse' if self.has_worse_answers else ''}"

    @property
    def row(self) -> list[str]:
        """The verdict as the cells of a row under `HEAD`."""
        return [
            self.name,
            self.finding,
            "-" if self.ratio is None else self.ratio.text,
            self.basis,
            "-" if self.visible is None else f"{self.visible:.0%}",
            "-" if self.answers is None else self.answers.text,
        ]


def explain_verdicts(verdicts: Sequence[Verdict]) -> list[str]:
    """Return sentences about what has grown, about changed answers, and with the reasons for the verdicts.

    Strategies with the same finding and reason share a sentence. Failed tests have none, because pytest prints the
    reason under FAILURES.
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
    """Return the sentence with the number of benchmarks and the number of each finding."""
    counts = Counter(verdict.finding for verdict in verdicts)
    found = ", ".join(f"{counts[finding]} {finding}" for finding in Finding if counts[finding])
    worse = sum(verdict.has_worse_answers for verdict in verdicts)
    answers = f", {worse} with worse answers" if worse else ""
    return f"{format_count(len(verdicts), 'benchmark')} against the stored runs: {found}{answers}."
