"""The sentences about single strategies: missing answers, retries, deadlines, projections, and the replay's timing.

All functions take strategies that ran on the same images and model, as a mapping from strategy to benchmark.
"""

import math
from collections.abc import Iterator, Mapping

from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record
from fixtures.text.words import name_some

MOST_KEPT = 1.0
"""The largest difference of a round from its recording, in percent, that counts as an inaccuracy of the clock.

A larger one means that the strategy waited differently from the recording.
"""


def list_warnings(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the warnings: missing answers, jobs past their deadline, other service tiers, cancelled requests."""
    records = {name: benchmark.record for name, benchmark in benchmarks.items()}
    return [
        *_describe_missing(records),
        *(sentence for name, record in records.items() for sentence in _describe_deadline(name, record)),
        *(sentence for name, record in records.items() for sentence in describe_tiers(name, record)),
        *(f"{name}: {_describe_cancelled(record.cancelled)}" for name, record in records.items() if record.cancelled),
    ]


def list_remarks(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the remarks on retries and on the time to the first token."""
    records = {name: benchmark.record for name, benchmark in benchmarks.items()}
    return [
        *(
            f"{name}: {record.retries} {'retry' if record.retries == 1 else 'retries'}, "
            f"with {record.backoff_seconds:.2f} s of waiting in total"
            for name, record in records.items()
            if record.retries
        ),
        *(
            f"{name}: first token after {record.first_token_seconds:.2f} s (median of the requests)"
            for name, record in records.items()
            if record.first_token_seconds is not None
        ),
    ]


def _describe_missing(records: Mapping[str, Record]) -> Iterator[str]:
    """Yield a sentence for each set of images without an answer and reason, which names all its strategies."""
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
        return "1 cancelled request is assumed to cost as much as the answered one"
    return f"{count} cancelled requests are assumed to cost as much as the answered ones"


def _describe_deadline(name: str, record: Record) -> Iterator[str]:
    """Yield a sentence if a batch job did not answer all images before its deadline."""
    deadline, answered = record.settings.get("batch_deadline"), record.served_tiers.get("batch", 0)
    left = record.images - answered
    if deadline is not None and left > 0:
        asked = "the other 1 was asked about" if left == 1 else f"the other {left} were asked about one by one"
        before = f"before its deadline (--batch-deadline={deadline}s)"
        yield f"{name}: the job answered {answered} of {record.images} images {before}; {asked} afterwards"


def describe_tiers(name: str, record: Record) -> Iterator[str]:
    """Yield the sentences about service tiers other than the one asked for: which one served, and the price used."""
    asked, served = record.model_settings.get("service_tier"), record.served_tiers
    if asked is None:
        return
    if not served:
        yield f"{name}: no response names its service tier; all are priced as {asked}"
    total = sum(served.values())
    for tier, count in served.items():
        if tier == "batch":
            yield f"{name}: priced as a batch job; the effect of the {asked} tier on batch jobs is not known"
        elif tier != asked:
            counted = f"{count} of {total} answers {'was' if count == 1 else 'were'}"
            yield f"{name}: {counted} served by the {tier} tier, not {asked}, and {tier} prices are used for them"


def describe_kept_time(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the sentence that compares a replay's seconds with the recorded ones; none for other runs.

    Percentages are rounded up, so that they are upper bounds.
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
        differ = f"rounds differ by up to {worst:.0f} %"
        return [f"The replay took {took:,.0f} s on the clock, the recording {total:,.0f} s ({differ})."]
    return [f"Replayed {total:,.0f} s of recorded time within {in_all:.2f} % (each round within {worst:.2f} %)."]


def _round_up(share: float) -> float:
    """Return a share in percent, rounded up to two decimals."""
    return math.ceil(round(10_000 * share, 6)) / 100


def describe_ideal(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the sentence that compares runs in virtual time with the ideal makespan; none for other runs."""
    told = [
        f"{name} {benchmark.median / benchmark.record.ideal.seconds:.2f} ({benchmark.record.ideal.bound})"
        for name, benchmark in benchmarks.items()
        if benchmark.record.ideal is not None
    ]
    return [f"Makespan as a multiple of the ideal, and the bottleneck: {', '.join(told)}."] if told else []


def describe_projections(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the sentences about the uncertainty of projections from recorded requests; none for other runs."""
    told: dict[str, list[str]] = {}
    for name, benchmark in benchmarks.items():
        projected = benchmark.record.projected
        if projected is not None and projected.interval is not None:
            interval = "{} {:.2f} to {:.2f} s".format(name, *projected.interval)
            told.setdefault("95 % intervals of the projection, by resampling", []).append(interval)
        if projected is not None and projected.interval is None:
            told.setdefault("No interval, because only one request was recorded", []).append(name)
        if benchmark.record.is_extrapolated:
            told.setdefault("Extrapolated, because no request about as many images was recorded", []).append(name)
    return [f"{what}: {', '.join(names)}." for what, names in told.items()]
