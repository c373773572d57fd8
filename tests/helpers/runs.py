"""Made-up benchmarks and stored runs, for tests of code that reads or draws them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from fixtures.models.model_settings import make_settings
from fixtures.run.record.benchmark import Benchmark, read_benchmark
from fixtures.run.record.record import VERSION
from fixtures.run.record.scores import score_by_image
from fixtures.tasks.question import make_kind


def make_benchmark(
    strategy: str,
    *,
    images: Sequence[str] = ("a.jpg", "b.jpg"),
    rounds: int = 5,
    errors: Mapping[str, str] | None = None,
    **changed: Any,
) -> dict[str, Any]:
    """Return one benchmark as pytest-benchmark stores it, with plausible figures drawn from the strategy's name."""
    draws, errors = Random(strategy), dict(errors or {})
    seconds = [draws.uniform(5, 90) for _ in range(rounds)]
    people = {image: Random(image).randint(0, 120) for image in images}
    counted = [{image: people[image] + draws.randint(-3, 3) for image in images} for _ in range(rounds)]
    answers = {image: None if image in errors else counted[0][image] for image in images}
    spans: list[list[Any]] = [[index * 0.5, index * 0.5 + 4, 200, [image]] for index, image in enumerate(images)]
    if errors:
        spans += [[10.0, 12.0, 429, [images[0]]], [15.0, 15.2, 599, [images[0]]], [16.0, 18.0, 200, [images[0]]]]
    info: dict[str, Any] = {
        "version": VERSION,
        "strategy": strategy,
        "model": "gemini-3.5-flash",
        "model_version": "gemini-3.5-flash",
        "image_set": "made-up",
        "timing": "replayed",
        "source": "simulator",
        "recorded_at": "2026-11-23T02:47:24+00:00",
        "recorded_seconds": seconds,
        "sdk": "google-genai 3.4.0",
        "images": len(images),
        "requests": len(spans),
        "retries": 2 if errors else 0,
        "bytes_sent": 100_000,
        "input_tokens": 1120 * len(images),
        "image_tokens": 1100 * len(images),
        "output_tokens": 2 * len(images),
        "thoughts_tokens": 900 * len(images),
        "cached_tokens": 0,
        "cost_usd": round(draws.uniform(0.01, 0.2), 4),
        "priced_on": "2026-11-23",
        "answers": answers,
        "errors": errors,
        "task": {"answer": "count", "unit": "people"},
        "truth": people,
        "mean_absolute_error": 1.5,
        "exact": 1,
        "settings": {},
        "prompt_sha256": "0",
        "images_sha256": "0",
        "client_cpu_seconds": 0.02,
        "server_seconds": 3.9 * len(images),
        "backoff_seconds": 3.8 if errors else 0.0,
        "first_token_seconds": None,
        "answers_by_round": counted,
        "spans": spans,
    }
    info |= changed
    right = score_by_image(make_kind(info["task"]), info["truth"], info["answers_by_round"])
    info = {
        "judged": len(info["truth"]),
        "right": fmean(right.values()) if right else None,
        "right_by_image": right,
        **info,
    }
    settings = make_settings(info.get("model_settings", {})).name
    name = f"test_strategy[{'-'.join(filter(None, (info['model'], info['image_set'], strategy, settings)))}]"
    fullname = f"benchmarks/test_strategies.py::{name}"
    return {"name": name, "fullname": fullname, "extra_info": info, "stats": {"data": seconds}}


def read_made(strategy: str, **options: Any) -> Benchmark:
    """Return a made-up benchmark as read from a stored run; `options` are those of `make_benchmark`."""
    return read_benchmark(make_benchmark(strategy, **options))


def read_all(documents: Iterable[Mapping[str, Any]]) -> list[Benchmark]:
    """Return benchmarks as read from a stored run."""
    return [read_benchmark(document) for document in documents]


def store(folder: Path, number: int, benchmarks: Sequence[Mapping[str, Any]]) -> Path:
    """Store a run as pytest-benchmark does: the session of week `number`, at a commit of its own."""
    time = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(weeks=number)
    document = {
        "commit_info": {"id": f"{Random(number).getrandbits(160):040x}"},
        "datetime": time.isoformat(),
        "benchmarks": benchmarks,
    }
    path = folder / f"{number:04}_run.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def make_measured(strategy: str, level: float, draws: Random, **changed: Any) -> dict[str, Any]:
    """Return a benchmark with rounds of about `level` seconds, with one random factor per session and one per round."""
    made = make_benchmark(strategy, **changed)
    session = level * draws.lognormvariate(0, 0.1)
    made["stats"]["data"] = [session * draws.lognormvariate(0, 0.1) for _ in made["stats"]["data"]]
    return made
