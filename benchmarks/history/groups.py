"""Benchmarks as the report sees them: of the run just made or of stored files, in groups that may be compared."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.history.sessions import read_session
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import describe_origin
from fixtures.run.record.record import Record

REFERENCE = "sequential"
"""The strategy that the others are compared with."""
_CAPTION = 24
"""The most characters that a caption has of a model's name, and of an image set's."""


@dataclass(frozen=True)
class Group:
    """The strategies of one model on one image set, all of one timing and from one source."""

    title: str
    """The model and the image set; where that is not unique in a report, also timing and source."""
    benchmarks: dict[str, Benchmark]
    """At least one benchmark, by the label of its record: the strategy and what was set."""

    @property
    def first(self) -> Record:
        """The first record, for what all have in common: model, image set, timing, source, true numbers."""
        return next(iter(self.benchmarks.values())).record

    @property
    def records(self) -> dict[str, Record]:
        """The records by label."""
        return {name: benchmark.record for name, benchmark in self.benchmarks.items()}

    @property
    def caption(self) -> str:
        """The line that says in a figure whose figures these are."""
        about = f"{shorten(self.first.model, _CAPTION)}, {shorten(self.first.image_set, _CAPTION)}"
        return f"{about}: {describe_origin(self.first)}"

    @property
    def slug(self) -> str:
        """The beginning of its files' names."""
        return make_slug(self.title)


def make_slug(title: str) -> str:
    """Return what the names of files begin with that show something of this title."""
    kept = "".join(letter if letter.isalnum() else "-" for letter in title)
    return "-".join(filter(None, kept.split("-")))


def shorten(text: str, most: int) -> str:
    """Return a text of at most so many characters, an ellipsis included where something is cut off."""
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def read_benchmarks(paths: Iterable[Path]) -> list[Benchmark]:
    """Return the benchmarks of stored runs, oldest run first; raise `RunError` where one cannot be read."""
    sessions = sorted(map(read_session, paths), key=lambda session: session.time)
    return [benchmark for session in sessions for benchmark in session.benchmarks.values()]


def find_group_key(record: Record) -> tuple[str, str, str, str, str]:
    """Return what has to be the same for benchmarks to stand in one figure: model, image set, timing, source, task."""
    return record.model, record.image_set, record.timing, record.source, json.dumps(record.task, sort_keys=True)


def group_benchmarks(benchmarks: Sequence[Benchmark]) -> list[Group]:
    """Return benchmarks in groups that may be compared, without questions about scale.

    Of the same strategy twice, the later benchmark is taken.
    """
    groups: dict[tuple[str, str, str, str, str], dict[str, Benchmark]] = {}
    for benchmark in benchmarks:
        record = benchmark.record
        if record.scaling is None:
            groups.setdefault(find_group_key(record), {})[record.label] = benchmark
    titles = [f"{model}, {image_set}" for model, image_set, *_ in groups]
    return [
        # Of the same model and images there may be replayed and live runs, which never share a figure.
        Group(title if titles.count(title) == 1 else f"{title}, {timing}, {source}", members)
        for title, ((_, _, timing, source, _), members) in zip(titles, groups.items(), strict=True)
    ]


def find_reference(benchmarks: Mapping[str, Benchmark]) -> str | None:
    """Return the label of the benchmark that the others of a group are compared with: `sequential`.

    Where it ran with several settings, that is the one that sets the least, the first of them. Where another strategy
    ran alone, it is that one, likewise. One that lacks an answer is never it, for it did not answer about all images.
    It is None where there is no such benchmark.
    """
    strategies = {label: label.partition(" (")[0] for label in benchmarks}
    alone = len(set(strategies.values())) == 1 and len(benchmarks) > 1
    named = [label for label, strategy in strategies.items() if alone or strategy == REFERENCE]
    fitting = [label for label in named if not benchmarks[label].record.errors]
    return min(fitting, key=lambda label: len(benchmarks[label].record.model_settings), default=None)
