"""Benchmarks with chosen seconds, and the verdict on one of them against stored ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.history.sessions import Session
from benchmarks.verdicts.judging import judge_benchmark
from benchmarks.verdicts.verdict import Verdict
from fixtures.run.record.benchmark import Benchmark, read_benchmark
from fixtures.run.record.record import Record
from tests.helpers.runs import make_benchmark


def with_seconds(seconds: Sequence[float], **changed: Any) -> Benchmark:
    """Return a benchmark whose rounds took these seconds."""
    made = make_benchmark("concurrent", rounds=len(seconds), **{"recorded_seconds": list(seconds)} | changed)
    return read_benchmark(made | {"stats": {"data": list(seconds)}})


def slow_down(benchmark: Benchmark, factor: float) -> Benchmark:
    """Return a benchmark whose rounds all took `factor` times their seconds."""
    return replace(benchmark, seconds=tuple(each * factor for each in benchmark.seconds))


def with_changes(record: Record, **changed: Any) -> Record:
    """Return a record with these fields changed."""
    return Record.model_validate(record.model_dump() | changed)


def sessions(*benchmarks: Benchmark) -> list[Session]:
    """Return a stored run for each benchmark, a day apart."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    return [
        Session(Path(f"{index:04}_run.json"), start + timedelta(days=index), "", {each.fullname: each})
        for index, each in enumerate(benchmarks, start=1)
    ]


def verdict(now: Benchmark, *stored: Benchmark, least: float | None = None) -> Verdict:
    """Judge a benchmark against stored ones."""
    return judge_benchmark(now, sessions(*stored), least)


def live(factor: float = 1.0, seed: int = 0, rounds: int = 5, **changed: Any) -> Benchmark:
    """Return a live benchmark of Gemini whose rounds vary by about 10 %."""
    draws = Random(seed)
    seconds = [20 * factor * draws.lognormvariate(0, 0.1) for _ in range(rounds)]
    return with_seconds(seconds, **{"timing": "live", "source": "gemini"} | changed)
