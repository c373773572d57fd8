"""A verdict and how it is told: faster, slower, same, or cannot tell yet, and what it would take."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.verdicts.ratios import Ratio, Word
from fixtures.text.tables import table


@dataclass(frozen=True)
class Verdict:
    """What is said of one benchmark."""

    benchmark: str
    """pytest-benchmark's `fullname`."""
    name: str
    """Of the strategy."""
    word: Word
    basis: str
    """What was compared with what: rounds, sessions."""
    ratio: Ratio | None = None
    visible: float | None = None
    """The smallest change that could have been seen, as a share."""
    notes: tuple[str, ...] = ()
    """Why it is so, or what it would take to tell."""
    grown: tuple[str, ...] = ()
    """What may not grow, and has."""

    @property
    def id(self) -> str:
        """Model, image set and strategy, as in the test's name."""
        return self.benchmark.partition("[")[2].rstrip("]") or self.benchmark

    @property
    def is_regression(self) -> bool:
        """Whether it is worse than it was."""
        return self.word is Word.SLOWER or bool(self.grown)

    @property
    def row(self) -> list[str]:
        """The verdict as cells of a table with `HEAD`."""
        return [
            self.name,
            self.word,
            "-" if self.ratio is None else f"{self.ratio.value:.2f} ({self.ratio.low:.2f} to {self.ratio.high:.2f})",
            self.basis,
            "-" if self.visible is None else f"{self.visible:.0%}",
        ]


HEAD = ["against the stored runs", "verdict", "ratio (interval)", "compared", "smallest visible change"]


def lines(verdicts: Sequence[Verdict], head: Sequence[str] = HEAD) -> list[str]:
    """Return the verdicts for a terminal: a row each, then what is to be said besides."""
    return [*table([head, *(verdict.row for verdict in verdicts)]), *sentences(verdicts)]


def sentences(verdicts: Sequence[Verdict]) -> list[str]:
    """Say what has grown, and why each verdict is as it is; what is said of several strategies is said once."""
    noted: dict[tuple[Word, str], list[str]] = {}
    for verdict in verdicts:
        for note in verdict.notes:
            noted.setdefault((verdict.word, note), []).append(verdict.name)
    return [
        *(f"{verdict.name} has grown: {', '.join(verdict.grown)}." for verdict in verdicts if verdict.grown),
        *(f"{', '.join(names)} ({word}): {note}." for (word, note), names in noted.items()),
    ]
