"""What a run comes to in sentences: who wins, what is to be said of single strategies, how well the time was kept.

All of it is about strategies that ran on the same images and model, given as benchmarks by strategy.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

from benchmarks.history.groups import find_reference
from benchmarks.verdicts.answers.share import format_interval
from benchmarks.verdicts.contest import Contestant, Winners, find_winning_strategies
from fixtures.base.sources import GEMINI
from fixtures.models.cautions import describe_end, find_end
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import has_simulated_answers
from fixtures.run.record.record import Record
from fixtures.text.amounts import format_dollars, format_error


def describe_winners(benchmarks: Mapping[str, Benchmark]) -> str:
    """Return the sentences that say who is fastest, cheapest and most right, for a terminal."""
    winners = find_winning_strategies(benchmarks)
    left_out = "".join(f" Left out{why}: {names}." for why, names in _list_left_out(winners))
    fastest, cheapest, most_right = winners.fastest, winners.cheapest, winners.most_right
    if fastest is None or len(winners.contestants) == 1:
        return f"There are no two strategies to compare.{left_out}"
    parts = [f"{fastest.name} is fastest ({fastest.seconds:.2f} s)"]
    if cheapest is not None and cheapest.cost_usd is not None:
        parts.append(f"{cheapest.name} is cheapest ({format_dollars(cheapest.cost_usd)})")
    if most_right is not None:
        alike = [each.name for each in winners.contestants if each.right == most_right.right]
        parts.append(f"{_name_alike(alike)} most right ({describe_right(benchmarks[alike[0]].record)})")
    images = next(iter(benchmarks.values())).record.images
    about = "this image" if images == 1 else f"these {images} images"
    return f"For {about} {', '.join(parts)}.{left_out}"


def _name_alike(names: Sequence[str]) -> str:
    """Return the names of those that are alike, of many the first, with `is` or `are`."""
    if len(names) == 1:
        return f"{names[0]} is"
    return f"{names[0]} and {names[1] if len(names) == 2 else f'{len(names) - 1} others'} are"  # noqa: PLR2004


def describe_fastest(benchmarks: Mapping[str, Benchmark]) -> str:
    """Return the sentence that says which strategy is fastest, what it takes and costs, and how right it is."""
    first = next(iter(benchmarks.values())).record
    about = f"For {first.images} images on {first.model}"
    winners = find_winning_strategies(benchmarks)
    fastest = winners.fastest
    if fastest is None:
        if winners.extrapolated:
            return f"{about}, every strategy that answered about every image is extrapolated."
        return f"{about}, no strategy answered about every image."
    parts = [f"{fastest.seconds:.1f} s"]
    reference = find_reference(benchmarks)
    if reference is not None and fastest.name != reference:
        parts.append(f"{benchmarks[reference].median / fastest.seconds:.1f} times as fast as {reference}")
    parts.append("price unknown" if fastest.cost_usd is None else format_dollars(fastest.cost_usd))
    if fastest.right is not None:
        parts.append(describe_right(benchmarks[fastest.name].record))
    left_out = "; ".join(f"left out{why}: {names}" for why, names in _list_left_out(winners))
    beside = f" ({left_out})" if left_out else ""
    how = "is fastest" if len(winners.contestants) > 1 else "took"
    return f"{about}, {fastest.name} {how}: {', '.join(parts)}{beside}."


def describe_right(record: Record) -> str:
    """Return how right the answers are, with the interval, and by how much they are off, in the terms of their kind.

    The record has a truth of at least one image.
    """
    if record.right is None:
        raise ValueError("no truth is known")
    kind, error = record.kind, record.mean_absolute_error
    interval = format_interval(record.right, record.judged)
    image = "an answered image" if record.errors else "an image"
    off = "" if error is None else f", off by {format_error(error)}{kind.unit and f' {kind.unit}'} {image}"
    simulated = ", simulated" if has_simulated_answers(record) else ""
    return f"{kind.format_right(record.right)}, {interval} with 95 % confidence{off}{simulated}"


def _list_left_out(winners: Winners) -> Iterator[tuple[str, str]]:
    """Yield why strategies are left out, and their names."""
    reasons: tuple[tuple[str, Sequence[Contestant]], ...] = (
        (" for missing answers", winners.incomplete),
        (", being extrapolated", winners.extrapolated),
    )
    for why, left_out in reasons:
        if left_out:
            yield why, ", ".join(each.name for each in left_out)


def list_remarks(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return what is to be said of single strategies: missing answers, retries, when a stream begins."""
    records = {name: benchmark.record for name, benchmark in benchmarks.items()}
    return [
        *(
            f"{name} has no answer for {image}: {reason}"
            for name, record in records.items()
            for image, reason in record.errors.items()
        ),
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
        *(sentence for name, record in records.items() for sentence in describe_tiers(name, record)),
    ]


def describe_tiers(name: str, record: Record) -> Iterator[str]:
    """Yield what is to be said of the service tier that served, where one was asked for and another one answered."""
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
    """Return the sentence that says how well a replay kept the recorded time; none for a run that was no replay."""
    pairs = [
        (now, then)
        for benchmark in benchmarks.values()
        if benchmark.record.timing == "replayed"
        for now, then in zip(benchmark.seconds, benchmark.record.recorded_seconds, strict=True)
        if then is not None
    ]
    if not pairs:
        return []
    total_now, total_then = (sum(column) for column in zip(*pairs, strict=True))
    worst = max((now / then - 1 for now, then in pairs if then), key=abs, default=0.0)
    ratio = f"ratio {total_now / total_then:.5f}; the round furthest off by {worst:+.3%}"
    return [f"The clock shows {total_now:,.2f} s of {total_then:,.2f} s recorded ({ratio})."]


def describe_models(records: Sequence[Record]) -> list[str]:
    """Return the sentence that says that a recorded model does not answer any more; none where that is not known.

    Of Gemini's own recordings it is said where it came after them: what answered before they name themselves.
    """
    today = datetime.now(UTC).date()
    ended = dict.fromkeys(record.model for record in records if _has_ended_since(record, today))
    return [sentence for model in ended if (sentence := describe_end(model, today))]


def _has_ended_since(record: Record, today: date) -> bool:
    end = find_end(record.model)
    if end is None or end > today or record.timing != "replayed":
        return False
    if record.source == GEMINI:
        return record.recorded_at is None or datetime.fromisoformat(record.recorded_at).date() < end
    return record.source == "simulator"  # which goes by the name of a model of Gemini's


def describe_virtual_time(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return how near runs in virtual time came to the best possible, and how sure projections are; else nothing."""
    said: dict[str, list[str]] = {}
    for name, benchmark in benchmarks.items():
        ideal, projected = benchmark.record.ideal, benchmark.record.projected
        if ideal is not None:
            best = f"{name} {benchmark.median / ideal.seconds:.2f} ({ideal.bound})"
            said.setdefault("Times the best possible (and what bounds that)", []).append(best)
        if projected is not None and projected.interval is not None:
            interval = "{} {:.2f} to {:.2f} s".format(name, *projected.interval)
            said.setdefault("95 % intervals of the projection, by resampling", []).append(interval)
        if projected is not None and projected.interval is None:
            said.setdefault("No interval, for one recorded request does not show how they vary", []).append(name)
        if benchmark.record.is_extrapolated:
            said.setdefault("Extrapolated, for no request about as many images was recorded", []).append(name)
    return [f"{what}: {', '.join(names)}." for what, names in said.items()]
