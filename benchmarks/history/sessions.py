"""Sessions: runs that pytest-benchmark has stored, read with care, because anybody may have put anything there."""

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
    "model_settings": "what the requests set",
    "order": "the order of the rounds",
    "permuted": "whether the images have another order in every round",
}
"""The fields of the record that have to be the same for two runs of a benchmark to be of one series, with their names
in sentences."""
UNDATED = datetime.fromtimestamp(0, UTC)
"""The time of a run that does not tell when it ended."""
_DIGEST = 64
"""The length of a SHA-256 digest in hexadecimal digits, of which twelve are shown."""


@dataclass(frozen=True)
class Session:
    """A stored run: benchmarks measured one after another, on one day, by one machine."""

    path: Path
    """The file that it is stored in."""
    time: datetime
    """The time when it ended, in UTC."""
    commit: str
    """The first eight characters of the commit's digest; empty where it is not known."""
    benchmarks: dict[str, Benchmark]
    """The benchmarks by `fullname`."""
    accepted: Mapping[str, Acceptance] = field(default_factory=dict)
    """The benchmarks, by `fullname`, of which somebody has accepted the level that begins with this session."""


@dataclass(frozen=True)
class StoredBenchmark:
    """A benchmark of a stored run, with that run."""

    session: Session
    benchmark: Benchmark


def read_session(path: Path) -> Session:
    """Read a stored run; raise `RunError` where it, or anything in it, is not what this suite stores."""
    document, benchmarks = _read_parts(path)
    found = []
    for benchmark in benchmarks:
        try:
            found.append(read_benchmark(benchmark))
        except ValueError as error:
            raise RunError(f"{path} {error}; name another stored run.") from None
    return _make_session(path, document, found)


def read_sessions(paths: Iterable[Path]) -> tuple[list[Session], list[str]]:
    """Return stored runs, oldest first, and a sentence about whatever is left out: the rest is still used.

    Levels that were accepted are read from the files `accepted.json` beside them; raise `RunError` where one of these
    is damaged, for what it says cannot be left out.
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
            problems.append(f"Left out: {path} does not tell when it was measured.")
        elif fitting:
            sessions.append(_make_session(path, document, fitting))
    sessions.sort(key=lambda session: session.time)
    for folder in sorted({path.parent for path in stored}):
        sessions = _mark_accepted(sessions, folder, read_accepted(folder))
    return sessions, problems


def _mark_accepted(sessions: Sequence[Session], folder: Path, accepted: Iterable[Acceptance]) -> list[Session]:
    """Return the sessions with what was accepted, each with the first one of this folder since then that has it."""
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
    """Return the benchmarks that this suite has stored, and what is wrong with each of the others."""
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
    """Return a stored run as it stands in its file, and its benchmarks; raise `RunError` where there are none."""
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
    """Return what keeps two runs of a benchmark from being of one series: by field, what has changed in a clause."""
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
    """Return the sessions of a benchmark that are of one series with this record, wherever they stand among others.

    A run that is stored twice, say as a baseline too, is one session.
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
    """Return the model, the image set and the strategy of a benchmark, as in the test's name, given its `fullname`."""
    return fullname.partition("[")[2].rstrip("]") or fullname
