"""The sentences that say which strategy to use, and which ones are the fastest, the cheapest and the most right.

All functions take strategies that ran on the same images and model, as a mapping from strategy to benchmark.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from benchmarks.history.groups import REFERENCE
from benchmarks.verdicts.answers.contest import compare_answers
from benchmarks.verdicts.answers.questions import ask_same_questions
from benchmarks.verdicts.answers.share import format_interval
from benchmarks.verdicts.contest import Best, Contestant, Winners
from fixtures.base.sources import GEMINI
from fixtures.models.cautions import describe_end, find_end
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import has_simulated_answers
from fixtures.run.record.record import Record
from fixtures.text.amounts import format_dollars, format_error, format_money
from fixtures.text.words import MOST_NAMED, format_count, name_some

LEAST_LOSS = 5
"""The least possible loss of right answers by the advised strategy, in percentage points, that is reported."""


def describe_winners(winners: Winners, benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the sentences that name the fastest, the cheapest and the most right strategy, each with its ties.

    There are none for a single strategy.
    """
    if len(winners.contestants) <= 1:
        return []
    seconds = [f"{each.name} ({each.seconds:.2f} s)" for each in winners.fastest.contestants]
    costs = [f"{each.name} ({format_dollars(each.cost_usd or 0.0)})" for each in winners.cheapest.contestants]
    right = winners.most_right.names
    right[:1] = [f"{name} ({describe_right(benchmarks[name].record)})" for name in right[:1]]
    every = len(winners.contestants)
    return [
        *_name_best("Fastest", winners.fastest, seconds, every, "are tied"),
        *_name_best("Cheapest", winners.cheapest, costs, every, "ask the same questions at the same price"),
        *_name_best("Most right", winners.most_right, right, every, "are tied"),
    ]


def describe_left_out(winners: Winners) -> list[str]:
    """Return the sentences that name the strategies that cannot win, with the reason; none if all can."""
    reasons: Mapping[str, Sequence[Contestant]] = {
        "answers are missing": winners.incomplete,
        "figures are extrapolated": winners.extrapolated,
    }
    return [
        f"Not compared with the others, because {why}: {', '.join(each.name for each in left_out)}."
        for why, left_out in reasons.items()
        if left_out
    ]


def _name_best(what: str, best: Best, named: Sequence[str], every: int, why: str) -> list[str]:
    """Return the sentence that names the best by one criterion; none if no figure is known."""
    if not named:
        return []
    if best.lack:
        return [f"{what}: not known, because {best.lack}."]
    if len(named) == every > MOST_NAMED:
        return [f"{what}: {named[0]} and the {every - 1} others, which {why}."]
    return [f"{what}: {name_some(named)}{f', which {why}' if len(named) > 1 else ''}."]


def describe_advice(winners: Winners, benchmarks: Mapping[str, Benchmark]) -> str:
    """Return the sentences that say which strategy to use, with its seconds, cost and right answers."""
    first = next(iter(benchmarks.values())).record
    about = f"For {format_count(first.images, 'image')} on {first.model}"
    if not winners.contestants:
        if winners.extrapolated:
            return f"{about}, the figures of every strategy with all answers are extrapolated."
        return f"{about}, no strategy has an answer for every image."
    advised = winners.advised.contestants[0]
    taken = _describe_taken(benchmarks[advised.name])
    if len(winners.contestants) == 1:
        alone = f"{about}, {advised.name} takes {taken}."
        if winners.incomplete or winners.extrapolated:
            return f"{alone} The others cannot be compared with it."
        return f"{alone} {suggest_another(benchmarks[advised.name].record.strategy)}"
    sentences = [f"{about}, use {advised.name}: {taken}.", *describe_ties(winners)]
    return " ".join([*sentences, *describe_loss(winners, benchmarks)])


def describe_ties(winners: Winners) -> list[str]:
    """Return the sentence that names the strategies that tie with the advised one in seconds and cost.

    If the seconds could not be tested, the sentence has the reason instead. There is none without ties.
    """
    if winners.advised.lack:
        return [f"Seconds were not tested: {winners.advised.lack}."]
    alike = winners.advised.names[1:]
    return [f"Tied with it (the differences may be chance): {name_some(alike)}."] if alike else []


def suggest_another(strategy: str) -> str:
    """Return the sentence that says how to compare a strategy that ran alone."""
    other = "bounded" if strategy == REFERENCE else REFERENCE
    return f'To compare it, add a strategy (-k "{strategy} or {other}") or leave out -k.'


def _describe_taken(benchmark: Benchmark) -> str:
    """Return the seconds, the cost and the share of right answers of a strategy."""
    record = benchmark.record
    parts = [f"{benchmark.median:.2f} s"]
    cost = record.cost_usd
    parts.append("price unknown" if cost is None else f"{format_money(1000 * cost / record.images)} per 1,000 images")
    parts.append(
        "not judged (no true answers are known)" if record.right is None else _describe_share(record, record.right)
    )
    return ", ".join(parts)


def _describe_share(record: Record, right: float) -> str:
    """Return the share of right answers, with its interval."""
    simulated = "; simulated" if has_simulated_answers(record) else ""
    judged = f"; {record.judged} of {record.images} images have a truth" if record.judged < record.images else ""
    interval = f"95 % interval {format_interval(right, record.judged)}"
    return f"{record.kind.format_right(right)} ({interval}{judged}{simulated})"


def explain_choice(winners: Winners) -> list[str]:
    """Return the sentence that names the criteria by which the advised strategy was chosen; none for a single one."""
    if len(winners.contestants) <= 1:
        return []
    lack = winners.most_right.lack
    untested = f"; right answers could not be compared, because {lack}" if lack else ""
    return [f"Chosen by {', then '.join(winners.criteria)}{untested}."]


def describe_loss(winners: Winners, benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the sentence that says how much less right the advised strategy may be than the most right one.

    There is none for a loss below `LEAST_LOSS`, with too few images to show any difference, or if both ask the same
    questions and so differ only by chance.
    """
    advised, best = (next(iter(each.names), "") for each in (winners.advised, winners.most_right))
    if not best or winners.most_right.lack or ask_same_questions(benchmarks[advised].record, benchmarks[best].record):
        return []
    contest = compare_answers(benchmarks, reference=best)
    difference = None if contest is None else contest.differences.get(advised)
    loss = 0 if difference is None or difference.is_none else round(-100 * difference.low)
    if loss < LEAST_LOSS:
        return []
    return [f"Its answers may be up to {loss} percentage points less right than those of {best}."]


def describe_right(record: Record) -> str:
    """Return the share of right answers with its interval, and the mean absolute error with its unit.

    Raise `ValueError` if the record has no truth.
    """
    if record.right is None:
        raise ValueError("no truth is known")
    kind, error = record.kind, record.mean_absolute_error
    image = "per answered image" if record.errors else "per image"
    off = "" if error is None else f", off by {format_error(error)}{kind.unit and f' {kind.unit}'} {image}"
    simulated = ", simulated" if has_simulated_answers(record) else ""
    interval = format_interval(record.right, record.judged)
    return f"{kind.format_right(record.right)}, 95 % interval {interval}{off}{simulated}"


def describe_models(records: Sequence[Record]) -> list[str]:
    """Return a sentence for each recorded model that was shut down or is answered by another model; none for others.

    For recordings of Gemini there is one only if that happened after the recording; later recordings name the model
    that answered.
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
    return record.source == "simulator"  # its recordings have the name of a Gemini model
