"""What is said of single strategies in a run: missing answers, retries, deadlines, projections, how well time was kept.

All of it is about strategies that ran on the same images and model, given as benchmarks by strategy.
"""

import math
from collections.abc import Iterator, Mapping

from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record
from fixtures.text.words import name_some

MOST_KEPT = 1.0
"""The largest difference of a round in per cent up to which its time was kept; above it, other waits were replayed."""


def list_warnings(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return what limits the figures of strategies: missing answers, jobs past their deadline, other service tiers."""
    records = {name: benchmark.record for name, benchmark in benchmarks.items()}
    return [
        *_describe_missing(records),
        *(sentence for name, record in records.items() for sentence in _describe_deadline(name, record)),
        *(sentence for name, record in records.items() for sentence in describe_tiers(name, record)),
        *(
            f"{name}: {_describe_cancelled(record.cancelled)} (assumed)"
            for name, record in records.items()
            if record.cancelled
        ),
    ]


def list_remarks(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return what else was seen of strategies: retries, and when streamed answers begin."""
    records = {name: benchmark.record for name, benchmark in benchmarks.items()}
    return [
        *(
            f"{name}: {record.retries} retries, after waiting {record.backoff_seconds:.2f} s for them in all"
            for name, record in records.items()
            if record.retries
        ),
        *(
            f"{name}: an answer begins after {record.first_token_seconds:.2f} s (median of the requests)"
            for name, record in records.items()
            if record.first_token_seconds is not None
        ),
    ]


def _describe_missing(records: Mapping[str, Record]) -> Iterator[str]:
    """Yield which images have no answer and why, a sentence for all strategies that lack the same ones."""
    strategies: dict[tuple[str, str], list[str]] = {}
    for name, record in records.items():
        for reason, images in _list_images_by_reason(record).items():
            strategies.setdefault((name_some(images), reason), []).append(name)
    for (missing, reason), names in strategies.items():
        yield f"{name_some(names)} {'has' if len(names) == 1 else 'have'} no answer for {missing}: {reason}"


def _list_images_by_reason(record: Record) -> dict[str, list[str]]:
    images: dict[str, list[str]] = {}
    for image, reason in record.errors.items():
        images.setdefault(reason, []).append(image)
    return images


def _describe_cancelled(count: int) -> str:
    if count == 1:
        return "1 cancelled request is priced like the one that was answered"
    return f"{count} cancelled requests are priced like those that were answered"


def _describe_deadline(name: str, record: Record) -> Iterator[str]:
    """Yield how many images were asked about one by one, where a job had a deadline and has not answered all."""
    deadline, answered = record.settings.get("batch_deadline"), record.served_tiers.get("batch", 0)
    left = record.images - answered
    if deadline is not None and left > 0:
        asked = "1 was asked about alone" if left == 1 else f"{left} were asked about one by one"
        by = f"by its deadline (--batch-deadline={deadline}s)"
        yield f"{name}: the job answered {answered} of {record.images} images {by}; {asked}"


def describe_tiers(name: str, record: Record) -> Iterator[str]:
    """Yield which service tier served a strategy and how that is priced, where it is not the one asked for."""
    asked, served = record.model_settings.get("service_tier"), record.served_tiers
    if asked is None:
        return
    if not served:
        yield f"{name}: no answer says which service tier served it, so all are priced as {asked}"
    total = sum(served.values())
    for tier, count in served.items():
        if tier == "batch":
            yield f"{name}: it ran in a batch job, whose price it has; what the {asked} tier changes there is not known"
        elif tier != asked:
            counted = f"{count} of {total} answers {'was' if count == 1 else 'were'}"
            yield f"{name}: {counted} served by the {tier} tier, not {asked}, and priced so"


def describe_kept_time(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the sentence that says how well a replay kept the recorded time; none for a run that was no replay.

    Percentages are rounded up, so that they hold.
    """
    pairs = [
        (now, then)
        for benchmark in benchmarks.values()
        if benchmark.record.timing == "replayed"
        for now, then in zip(benchmark.seconds, benchmark.record.recorded_seconds, strict=True)
        if then
    ]
    if not pairs:
        return []
    total = sum(then for _, then in pairs)
    in_all = _round_up(abs(sum(now for now, _ in pairs) / total - 1))
    worst = _round_up(max(abs(now / then - 1) for now, then in pairs))
    if worst > MOST_KEPT:
        took = sum(now for now, _ in pairs)
        return [
            f"The replay took {took:,.0f} s on the clock, the recording {total:,.0f} s (up to {worst:.0f} % a round)."
        ]
    return [f"Replayed {total:,.0f} s of recorded time within {in_all:.2f} % (each round within {worst:.2f} %)."]


def _round_up(share: float) -> float:
    """Return a share in per cent, rounded up to the second decimal."""
    return math.ceil(round(10_000 * share, 6)) / 100


def describe_ideal(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the sentence that says how near runs in virtual time came to the ideal makespan; none for other runs."""
    told = [
        f"{name} {benchmark.median / benchmark.record.ideal.seconds:.2f} ({benchmark.record.ideal.bound})"
        for name, benchmark in benchmarks.items()
        if benchmark.record.ideal is not None
    ]
    return [f"Times the ideal makespan, and the bottleneck: {', '.join(told)}."] if told else []


def describe_projections(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return how sure projections from recorded requests are; nothing for other runs."""
    told: dict[str, list[str]] = {}
    for name, benchmark in benchmarks.items():
        projected = benchmark.record.projected
        if projected is not None and projected.interval is not None:
            interval = "{} {:.2f} to {:.2f} s".format(name, *projected.interval)
            told.setdefault("95 % intervals of the projection, by resampling", []).append(interval)
        if projected is not None and projected.interval is None:
            told.setdefault("No interval, because one recorded request does not show how they vary", []).append(name)
        if benchmark.record.is_extrapolated:
            told.setdefault("Extrapolated, because no request about as many images was recorded", []).append(name)
    return [f"{what}: {', '.join(names)}." for what, names in told.items()]
