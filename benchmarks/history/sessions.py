"""Sessions: runs stored by pytest-benchmark. Their files are validated, because they may hold anything."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.history.accepted import FILE, Acceptance, read_accepted
from fixtures.base.errors import RunError
from fixtures.run.record.benchmark import Benchmark, read_benchmark
from fixtures.run.record.provenance import describe_kind
from fixtures.run.record.record import Record

SERIES = {
    "model_version": "the model that answered",
    "sdk": "the SDK",
    "images_sha256": "the images",
    "prompt_sha256": "the prompt",
    "settings": "the settings",
    "model_settings": "the model settings",
    "order": "the order of the rounds",
    "permuted": "permuting the images in every round",
}
"""The fields of the record that must be equal for two runs of a benchmark to be of one series, with their names in
sentences."""
UNDATED = datetime.fromtimestamp(0, UTC)
"""The time of a run whose file has no valid time."""
_DIGEST = 64
"""The length of a SHA-256 digest in hexadecimal digits, of which twelve are shown."""


@dataclass(frozen=True)
class Session:
    """A stored run: the benchmarks of one run of pytest."""

    path: Path
    """The file of the run."""
    time: datetime
    """The time when it ended, in UTC."""
    commit: str
    """The first eight characters of the commit's digest; empty if unknown."""
    benchmarks: dict[str, Benchmark]
    """The benchmarks by `fullname`."""
    accepted: Mapping[str, Acceptance] = field(default_factory=dict)
    """The accepted levels that begin with this session, by the benchmark's `fullname`."""


@dataclass(frozen=True)
class StoredBenchmark:
    """A benchmark of a stored run, with that run."""

    session: Session
    benchmark: Benchmark


def read_session(path: Path) -> Session:
    """Read a stored run; raise `RunError` if the file or any benchmark in it was not stored by this suite."""
    document, benchmarks = _read_parts(path)
    found = []
    for benchmark in benchmarks:
        try:
            found.append(read_benchmark(benchmark))
        except ValueError as error:
            raise RunError(f"{path} {error}; name another stored run.") from None
    return _make_session(path, document, found)


def read_sessions(paths: Iterable[Path]) -> tuple[list[Session], list[str]]:
    """Return stored runs, oldest first, and a sentence for each file or benchmark that is left out.

    Accepted levels are read from `accepted.json` in the same folders. Raise `RunError` if such a file is damaged,
    because verdicts without it would be wrong.
    """
    sessions, problems = [], []
    stored = [path for path in paths if path.name != FILE]
    for path in stored:
        try:
            document, benchmarks = _read_parts(path)
        except RunError as error:
            problems.append(f"Left out: {error}")
            continue
        fitting, wrong = _read_fitting(benchmarks)
        if wrong:
            problems.append(f"Left out: {path} {wrong[0]} ({len(wrong)} of its {len(benchmarks)} benchmarks).")
        if fitting and _read_time(document) == UNDATED:
            problems.append(f"Left out: {path} has no valid time of measurement.")
        elif fitting:
            sessions.append(_make_session(path, document, fitting))
    sessions.sort(key=lambda session: session.time)
    for folder in sorted({path.parent for path in stored}):
        sessions = _mark_accepted(sessions, folder, read_accepted(folder))
    return sessions, problems


def _mark_accepted(sessions: Sequence[Session], folder: Path, accepted: Iterable[Acceptance]) -> list[Session]:
    """Return the sessions with these acceptances added.

    Each is added to the first session of the folder, from its time on, that has the benchmark.
    """
    marked = list(sessions)
    for acceptance in accepted:
        for index, session in enumerate(marked):
            is_since = session.path.parent == folder and session.time >= acceptance.since
            if is_since and acceptance.benchmark in session.benchmarks:
                names = {**session.accepted, acceptance.benchmark: acceptance}
                marked[index] = replace(session, accepted=names)
                break
    return marked


def _read_fitting(documents: Iterable[object]) -> tuple[list[Benchmark], list[str]]:
    """Return the benchmarks that this suite has stored, and an error message for each of the others."""
    fitting, wrong = [], []
    for document in documents:
        try:
            fitting.append(read_benchmark(document))
        except ValueError as error:
            wrong.append(str(error))
    return fitting, wrong


def _make_session(path: Path, document: Mapping[str, Any], benchmarks: Iterable[Benchmark]) -> Session:
    commit = document.get("commit_info")
    digest = commit.get("id") if isinstance(commit, dict) else None
    short = digest[:8] if isinstance(digest, str) else ""
    return Session(path, _read_time(document), short, {benchmark.fullname: benchmark for benchmark in benchmarks})


def _read_time(document: Mapping[str, Any]) -> datetime:
    try:
        time = datetime.fromisoformat(str(document.get("datetime")))
    except ValueError:
        return UNDATED
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _read_parts(path: Path) -> tuple[dict[str, Any], list[object]]:
    """Return the JSON document of a stored run and its benchmarks; raise `RunError` if there are none."""
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}); name a stored run.") from None
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path} is damaged ({error!s:.100}); name another stored run.") from None
    benchmarks = document.get("benchmarks") if isinstance(document, dict) else None
    if not isinstance(benchmarks, list) or not benchmarks:
        raise RunError(f"{path} holds no benchmarks; name a run stored with --benchmark-json or --benchmark-autosave.")
    return document, benchmarks


def find_breaks(earlier: Record, later: Record) -> dict[str, str]:
    """Return a clause for each field whose change breaks the series between two runs of a benchmark, by field."""
    changed = {
        name: (getattr(earlier, name), getattr(later, name))
        for name in SERIES
        if getattr(earlier, name) != getattr(later, name)
    }
    return {
        name: f"{SERIES[name]} changed from {_format_value(before)} to {_format_value(after)}"
        for name, (before, after) in changed.items()
    }


def _format_value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items()) or "none"
    text = str(value)
    return text[:12] if len(text) == _DIGEST else text or "unknown"


def list_series(stored: Iterable[StoredBenchmark], record: Record) -> list[StoredBenchmark]:
    """Return the sessions of a benchmark that are comparable with this record; they need not be adjacent.

    A run that is stored twice, for example also as a baseline, is one session.
    """
    kind = describe_kind(record)
    return list(
        {
            (each.session.time, each.benchmark.seconds): each
            for each in stored
            if describe_kind(each.benchmark.record) == kind and not find_breaks(each.benchmark.record, record)
        }.values()
    )


def find_id(fullname: str) -> str:
    """Return the model, the image set and the strategy of a benchmark as in the test id, given its `fullname`."""
    return fullname.partition("[")[2].rstrip("]") or fullname
