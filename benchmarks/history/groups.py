"""Groups of benchmarks that may be compared, from this run or from stored runs."""

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
"""The maximum number of characters of a model's name in a caption, and of an image set's."""


@dataclass(frozen=True)
class Group:
    """The contenders of one model, image set, timing and source."""

    title: str
    """The model and the image set; also timing and source if these are not unique in a report."""
    benchmarks: dict[str, Benchmark]
    """At least one benchmark, by the label of its record: the strategy and its settings."""

    @property
    def first(self) -> Record:
        """The first record, for what all have in common: model, image set, timing, source, truths."""
        return next(iter(self.benchmarks.values())).record

    @property
    def records(self) -> dict[str, Record]:
        """The records by label."""
        return {name: benchmark.record for name, benchmark in self.benchmarks.items()}

    @property
    def caption(self) -> str:
        """The line in a figure that names the model, the image set and the origin."""
        about = f"{shorten(self.first.model, _CAPTION)}, {shorten(self.first.image_set, _CAPTION)}"
        return f"{about}: {describe_origin(self.first)}"

    @property
    def slug(self) -> str:
        """The beginning of the names of this group's files."""
        return make_slug(self.title)


def make_slug(title: str) -> str:
    """Return a title as the beginning of file names: letters and digits, with hyphens for everything else."""
    kept = "".join(letter if letter.isalnum() else "-" for letter in title)
    return "-".join(filter(None, kept.split("-")))


def shorten(text: str, most: int) -> str:
    """Return a text of at most `most` characters; a longer one is cut and ends with an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def read_benchmarks(paths: Iterable[Path]) -> list[Benchmark]:
    """Return the benchmarks of stored runs, oldest run first; raise `RunError` if one cannot be read."""
    sessions = sorted(map(read_session, paths), key=lambda session: session.time)
    return [benchmark for session in sessions for benchmark in session.benchmarks.values()]


def find_group_key(record: Record) -> tuple[str, str, str, str, str]:
    """Return the key of a benchmark's group: model, image set, timing, source, task."""
    return record.model, record.image_set, record.timing, record.source, json.dumps(record.task, sort_keys=True)


def group_benchmarks(benchmarks: Sequence[Benchmark]) -> list[Group]:
    """Return the groups of these benchmarks, without questions about scale.

    If a group has two benchmarks with the same label, the later one is used.
    """
    groups: dict[tuple[str, str, str, str, str], dict[str, Benchmark]] = {}
    for benchmark in benchmarks:
        record = benchmark.record
        if record.scaling is None:
            groups.setdefault(find_group_key(record), {})[record.label] = benchmark
    titles = [f"{model}, {image_set}" for model, image_set, *_ in groups]
    return [
        # The same model and images may have replayed and live runs, which are separate groups.
        Group(title if titles.count(title) == 1 else f"{title}, {timing}, {source}", members)
        for title, ((_, _, timing, source, _), members) in zip(titles, groups.items(), strict=True)
    ]


def find_reference(benchmarks: Mapping[str, Benchmark]) -> str | None:
    """Return the label of the benchmark that the others of a group are compared with, a `sequential` one.

    If two or more benchmarks are all of one strategy, that strategy takes the place of `sequential`. Of several
    candidates, the first with the fewest settings is returned. Benchmarks with missing answers are never the
    reference. The result is None if there is no candidate.
    """
    strategies = {label: label.partition(" (")[0] for label in benchmarks}
    alone = len(set(strategies.values())) == 1 and len(benchmarks) > 1
    named = [label for label, strategy in strategies.items() if alone or strategy == REFERENCE]
    fitting = [label for label in named if not benchmarks[label].record.errors]
    return min(fitting, key=lambda label: len(benchmarks[label].record.model_settings), default=None)
