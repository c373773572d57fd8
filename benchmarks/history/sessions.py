"""Sessions: runs that pytest-benchmark has stored, read with care, because anybody may have put anything there."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from fixtures.base.errors import RunError

NUMBER = (int, float)
TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("strategy", "model", "image_set", "timing", "source", "sdk", "model_version", "priced_on"), str),
    **dict.fromkeys(("prompt_sha256", "images_sha256"), str),
    **dict.fromkeys(("recorded_at",), (str, type(None))),
    **dict.fromkeys(("recorded_seconds", "answers_by_round", "spans"), list),
    **dict.fromkeys(("settings", "people", "answers", "errors"), dict),
    **dict.fromkeys(("images", "exact", "requests", "retries", "bytes_sent"), int),
    **dict.fromkeys(("input_tokens", "image_tokens", "output_tokens", "thoughts_tokens"), int),
    **dict.fromkeys(("backoff_seconds", "client_cpu_seconds", "server_seconds"), NUMBER),
    **dict.fromkeys(("mean_absolute_error", "first_token_seconds", "cost_usd"), (*NUMBER, type(None))),
}
"""Of `extra_info`, what is read again, and what it has to be."""

SERIES = {
    "model_version": "the model that answered",
    "sdk": "the SDK",
    "images_sha256": "the images",
    "prompt_sha256": "the prompt",
    "settings": "the settings",
}
"""What has to be the same for two runs of a benchmark to be of one series, and how it is called."""


UNDATED = datetime.fromtimestamp(0, UTC)
"""Of a run that does not tell when it ended."""


@dataclass(frozen=True)
class Session:
    """One stored run: a row of benchmarks measured one after another, on one day, by one machine."""

    path: Path
    time: datetime
    """When it ended, in UTC."""
    commit: str
    """The first characters of the commit's digest; empty where it is not known."""
    benchmarks: dict[str, dict[str, Any]]
    """pytest-benchmark's, by `fullname`, each with `extra_info` and `stats` (`data`: seconds of each round)."""


Stored = tuple[Session, Mapping[str, Any]]
"""A benchmark in a stored run."""


def read(path: Path) -> Session:
    """Read a stored run; raise `RunError` where it, or anything in it, is not what this suite stores."""
    document, benchmarks = _parts(path)
    for benchmark in benchmarks:
        if problem := wrong_with(benchmark):
            raise RunError(f"{path} {problem}; name another stored run.")
    return _session(path, document, benchmarks)


def read_all(paths: Iterable[Path]) -> tuple[list[Session], list[str]]:
    """Read stored runs, oldest first, and a sentence about whatever is left out: the rest is still used."""
    sessions, problems = [], []
    for path in paths:
        try:
            document, benchmarks = _parts(path)
        except RunError as error:
            problems.append(f"Left out: {error}")
            continue
        found = [(benchmark, wrong_with(benchmark)) for benchmark in benchmarks]
        if wrong := [problem for _, problem in found if problem]:
            problems.append(f"Left out: {path} {wrong[0]} ({len(wrong)} of its {len(found)} benchmarks).")
        fitting = [benchmark for benchmark, problem in found if not problem]
        if fitting and _time(document.get("datetime")) == UNDATED:
            problems.append(f"Left out: {path} does not tell when it was measured.")
        elif fitting:
            sessions.append(_session(path, document, fitting))
    return sorted(sessions, key=lambda session: session.time), problems


def _session(path: Path, document: Mapping[str, Any], benchmarks: list[dict[str, Any]]) -> Session:
    commit = document.get("commit_info")
    digest = commit.get("id") if isinstance(commit, dict) else None
    named = {benchmark["fullname"]: benchmark for benchmark in benchmarks}
    return Session(path, _time(document.get("datetime")), digest[:8] if isinstance(digest, str) else "", named)


def _time(text: Any) -> datetime:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return UNDATED
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _parts(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
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


def wrong_with(benchmark: Any) -> str:
    """Say what keeps a benchmark from being one that this suite has stored; nothing where it is."""
    info = benchmark.get("extra_info") if isinstance(benchmark, dict) else None
    if not isinstance(info, dict):
        return "is not a run of this suite (it lacks extra_info)"
    if lacking := sorted(set(TYPES) - set(info)):
        return f"is not a run of this suite, or an older one (it lacks {', '.join(lacking[:3])})"
    if not isinstance(benchmark.get("fullname"), str):
        return "is damaged (a benchmark has no fullname)"
    stats = benchmark.get("stats")
    seconds = stats.get("data") if isinstance(stats, dict) else None
    if not isinstance(seconds, list) or not seconds:
        return "holds no raw rounds; this suite keeps them"
    if not all(isinstance(each, NUMBER) and 0 < each < math.inf for each in seconds):
        return "is damaged (a round did not take a positive number of seconds)"
    wrong = [name for name, kind in TYPES.items() if not isinstance(info[name], kind)]
    rounds = info["answers_by_round"]
    if not wrong and (len(rounds) != len(seconds) or not all(isinstance(each, dict) for each in rounds)):
        wrong = ["answers_by_round"]
    recorded = info["recorded_seconds"]
    if not wrong and (
        len(recorded) != len(seconds) or not all(isinstance(each, (*NUMBER, type(None))) for each in recorded)
    ):
        wrong = ["recorded_seconds"]
    if not wrong and not _is_date(info["priced_on"]):
        wrong = ["priced_on"]
    if not wrong and not all(_is_span(span) for span in info["spans"]):
        wrong = ["spans"]
    return f"is damaged (in extra_info: {', '.join(wrong[:3])})" if wrong else ""


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_span(span: Any) -> bool:
    """Tell whether this is `[start, end, status, image names]`."""
    kinds: tuple[Any, ...] = (NUMBER, NUMBER, int, list)
    return (
        isinstance(span, list)
        and len(span) == len(kinds)
        and all(isinstance(part, kind) for part, kind in zip(span, kinds, strict=True))
    )


def label(info: Mapping[str, Any]) -> str:
    """Name a benchmark among those of its group: its strategy, and of a question about scale, the case."""
    return f"{info['strategy']}, {info['scaling']['x']}" if "scaling" in info else str(info["strategy"])


def kind(info: Mapping[str, Any]) -> str:
    """Name the kind of a run, which is never compared with another one."""
    source = {"gemini": "Gemini", "simulator": "the simulator"}.get(info["source"], str(info["source"]))
    if info["timing"] == "virtual" and info["source"] != "simulator":
        return "in virtual time, projected from recorded requests"
    hows = {"replayed": "replayed from recordings of", "virtual": "in virtual time, answered by"}
    return f"{hows.get(info['timing'], info['timing'] + ' of')} {source}"


def breaks(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> list[str]:
    """Say what has changed between two runs of a benchmark so that they are not of one series."""
    return [
        f"{called} changed from {_shown(earlier[name])} to {_shown(later[name])}"
        for name, called in SERIES.items()
        if earlier[name] != later[name]
    ]


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items()) or "none"
    text = str(value)
    return text[:12] if len(text) == 64 else text or "unknown"  # noqa: PLR2004 - a SHA-256 digest
