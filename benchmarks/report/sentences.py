"""What a run comes to in sentences: who wins, what to use, what is to be said of strategies, how time was kept.

All of it is about strategies that ran on the same images and model, given as benchmarks by strategy.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

from benchmarks.history.groups import REFERENCE
from benchmarks.verdicts.answers.contest import compare_answers
from benchmarks.verdicts.answers.share import format_interval
from benchmarks.verdicts.contest import Best, Contestant, Winners, ask_alike
from fixtures.base.sources import GEMINI
from fixtures.models.cautions import describe_end, find_end
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import has_simulated_answers
from fixtures.run.record.record import Record
from fixtures.text.amounts import format_dollars, format_error, format_money
from fixtures.text.words import MOST_NAMED, name_some

LEAST_LOSS = 5
"""The percentage points from which on it is said how much less right the advised strategy may be."""
_WHOLE = 10
"""The images a minute from which on decimals are left out."""


def describe_winners(winners: Winners, benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the sentences that name the fastest, the cheapest and the most right, and who is left out.

    Those that cannot be told apart from the best are named with it. Of one strategy alone nothing is said.
    """
    left_out = [f"Left out{why}: {names}." for why, names in _list_left_out(winners)]
    if len(winners.contestants) <= 1:
        return left_out
    rounds = winners.fastest.rounds
    first = f", by the first {rounds} rounds of each" if rounds else ""
    seconds = [f"{each.name} ({each.seconds:.2f} s)" for each in winners.fastest.contestants]
    costs = [f"{each.name} ({format_dollars(each.cost_usd or 0.0)})" for each in winners.cheapest.contestants]
    right = winners.most_right.names
    right[:1] = [f"{name} ({describe_right(benchmarks[name].record)})" for name in right[:1]]
    every = len(winners.contestants)
    return [
        *_name_best(f"Fastest{first}", winners.fastest, seconds, every, "cannot be told apart"),
        *_name_best("Cheapest", winners.cheapest, costs, every, "ask the same questions at the same price"),
        *_name_best("Most right", winners.most_right, right, every, "cannot be told apart"),
        *left_out,
    ]


def _name_best(what: str, best: Best, named: Sequence[str], every: int, why: str) -> list[str]:
    """Return the sentence that names the best in one thing; none where that is not known of any."""
    if not named:
        return []
    if best.lack:
        return [f"{what}: not known, since {best.lack}."]
    if len(named) == every > MOST_NAMED:
        return [f"{what}: {named[0]} and the {every - 1} others, which {why}."]
    return [f"{what}: {name_some(named)}{f', which {why}' if len(named) > 1 else ''}."]


def describe_advice(winners: Winners, benchmarks: Mapping[str, Benchmark]) -> str:
    """Return the line that says which strategy to use, what it takes, costs and gets right, and how it was chosen."""
    first = next(iter(benchmarks.values())).record
    about = f"For {'1 image' if first.images == 1 else f'{first.images} images'} on {first.model}"
    if not winners.contestants:
        if winners.extrapolated:
            return f"{about}, every strategy that answered about every image is extrapolated."
        return f"{about}, no strategy answered about every image."
    advised, *alike = winners.advised.contestants
    taken = _describe_taken(benchmarks[advised.name])
    if len(winners.contestants) == 1:
        alone = f"{about}, {advised.name} takes {taken}."
        if winners.incomplete or winners.extrapolated:
            return f"{alone} The others cannot be compared with it."
        return f"{alone} {_suggest_another(benchmarks[advised.name].record.strategy)}"
    same = f" It cannot be told apart from {name_some([each.name for each in alike])}." if alike else ""
    return f"{about}, use {advised.name}: {taken}.{same}{_explain_choice(winners, benchmarks)}"


def _suggest_another(strategy: str) -> str:
    """Return the sentence that says what to run beside a strategy that has nothing to be compared with."""
    other = "bounded" if strategy == REFERENCE else REFERENCE
    return f'There is nothing to compare it with: add a strategy (-k "{strategy} or {other}"), or leave -k out.'


def _describe_taken(benchmark: Benchmark) -> str:
    """Return what a strategy takes, what it costs, and how right it is."""
    record = benchmark.record
    rate = 60 * record.images / benchmark.median
    parts = [f"{benchmark.median:.2f} s ({rate:,.{0 if rate >= _WHOLE else 1}f} images a minute)"]
    cost = record.cost_usd
    parts.append("price unknown" if cost is None else f"{format_money(1000 * cost / record.images)} per 1,000 images")
    parts.append("not judged, as no true answers are known" if record.right is None else describe_right(record))
    return ", ".join(parts)


def _explain_choice(winners: Winners, benchmarks: Mapping[str, Benchmark]) -> str:
    """Return the sentences that say by what the advised strategy was chosen, and what that may lose."""
    if not winners.criteria:
        return " Nothing tells the strategies apart."
    return f"{_describe_loss(winners, benchmarks)} Chosen by: {', then '.join(winners.criteria)}."


def _describe_loss(winners: Winners, benchmarks: Mapping[str, Benchmark]) -> str:
    """Return how much less right the advised strategy may be than the first of the most right; nothing of a little.

    Those that ask the same questions differ by chance.
    """
    advised, best = (next(iter(each.names), "") for each in (winners.advised, winners.most_right))
    if not best or ask_alike(benchmarks[advised].record, benchmarks[best].record):
        return ""
    contest = compare_answers(benchmarks, reference=best)
    difference = None if contest is None else contest.differences.get(advised)
    if difference is not None and difference.is_none:
        return ""
    loss = 0 if difference is None else round(-100 * difference.low)
    if loss < LEAST_LOSS:
        return ""
    return f" Its answers may be up to {loss} percentage points less right than those of {best}."


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
    """Return what is to be said of single strategies: missing answers, retries, cancellations, deadlines, tiers."""
    records = {name: benchmark.record for name, benchmark in benchmarks.items()}
    return [
        *(
            f"{name} has no answer for {name_some(images)}: {reason}"
            for name, record in records.items()
            for reason, images in _list_images_by_reason(record).items()
        ),
        *(
            f"{name}: {record.retries} retries, after waiting {record.backoff_seconds:.2f} s for them in all"
            for name, record in records.items()
            if record.retries
        ),
        *(
            f"{name}: {_describe_cancelled(record.cancelled)}; what that costs is not documented"
            for name, record in records.items()
            if record.cancelled
        ),
        *(
            f"{name}: an answer begins after {record.first_token_seconds:.2f} s (median of the requests)"
            for name, record in records.items()
            if record.first_token_seconds is not None
        ),
        *(sentence for name, record in records.items() for sentence in _describe_deadline(name, record)),
        *(sentence for name, record in records.items() for sentence in describe_tiers(name, record)),
    ]


def _describe_cancelled(count: int) -> str:
    if count == 1:
        return "1 request was cancelled when an equal one was answered, and is priced like that one"
    return f"{count} requests were cancelled when equal ones were answered, and are priced like those"


def _describe_deadline(name: str, record: Record) -> Iterator[str]:
    """Yield how many images were asked about one by one, where a job had a deadline and has not answered all."""
    deadline, answered = record.settings.get("batch_deadline"), record.served_tiers.get("batch", 0)
    left = record.images - answered
    if deadline is not None and left > 0:
        asked = "1 was asked about alone" if left == 1 else f"{left} were asked about one by one"
        by = f"by its deadline (--batch-deadline={deadline}s)"
        yield f"{name}: the job answered {answered} of {record.images} images {by}; {asked}"


def _list_images_by_reason(record: Record) -> dict[str, list[str]]:
    images: dict[str, list[str]] = {}
    for image, reason in record.errors.items():
        images.setdefault(reason, []).append(image)
    return images


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
    total = sum(then for _, then in pairs)
    worst = max((abs(now / then - 1) for now, then in pairs if then), default=0.0)
    within = math.ceil(round(10_000 * worst, 6)) / 100  # up, so that it holds
    return [f"Replayed times are within {within:.2f} % of the recorded ones ({total:,.0f} s in all)."]


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
    """Return how near runs in virtual time came to the ideal makespan, and how sure projections are; else nothing."""
    said: dict[str, list[str]] = {}
    for name, benchmark in benchmarks.items():
        ideal, projected = benchmark.record.ideal, benchmark.record.projected
        if ideal is not None:
            best = f"{name} {benchmark.median / ideal.seconds:.2f} ({ideal.bound})"
            said.setdefault("Times the ideal makespan, and the bottleneck", []).append(best)
        if projected is not None and projected.interval is not None:
            interval = "{} {:.2f} to {:.2f} s".format(name, *projected.interval)
            said.setdefault("95 % intervals of the projection, by resampling", []).append(interval)
        if projected is not None and projected.interval is None:
            said.setdefault("No interval, for one recorded request does not show how they vary", []).append(name)
        if benchmark.record.is_extrapolated:
            said.setdefault("Extrapolated, for no request about as many images was recorded", []).append(name)
    return [f"{what}: {', '.join(names)}." for what, names in said.items()]
