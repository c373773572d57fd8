"""The advice at the top of the page: for each group the strategy to use, with its time, cost and right answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.history.groups import Group
from benchmarks.report.sentences.advice import describe_loss, describe_ties, explain_choice, suggest_another
from benchmarks.report.tables import format_cost_per_right, format_rate
from benchmarks.verdicts.answers.share import format_interval
from benchmarks.verdicts.contest import Winners
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import has_simulated_answers
from fixtures.text.amounts import format_error, format_money
from fixtures.text.words import format_count


@dataclass(frozen=True)
class Advice:
    """The advice for the images of a group."""

    answer: str
    """The strategy to use, or the reason why none is advised."""
    facts: Sequence[tuple[str, str]]
    """The figures of that strategy, each with its description; empty if no strategy is advised."""
    notes: Sequence[str]
    """The sentences about ties, the possible loss of right answers, and the criteria of the choice."""


def make_advice(group: Group, winners: Winners) -> Advice:
    """Return the advice for a group, given its winners."""
    if not winners.contestants:
        why = "No strategy has an answer for every image."
        if winners.extrapolated:
            why = "The figures of every strategy with all answers are extrapolated."
        return Advice(why, [], [])
    advised = winners.advised.names[0]
    facts = [*_list_facts(group.benchmarks[advised])]
    if len(winners.contestants) == 1:
        return _make_lone_advice(group.benchmarks[advised].record.strategy, advised, facts, winners)
    notes = [*describe_ties(winners), *describe_loss(winners, group.benchmarks)]
    return Advice(f"Use {advised}", facts, [*notes, *explain_choice(winners)])


def _make_lone_advice(strategy: str, name: str, facts: Sequence[tuple[str, str]], winners: Winners) -> Advice:
    """Return the advice where only one strategy can be advised, given its strategy, label and figures."""
    if winners.incomplete or winners.extrapolated:
        lacking = ["answers are missing"] if winners.incomplete else []
        extrapolated = ["figures are extrapolated"] if winners.extrapolated else []
        why = f"The others cannot be compared with it: {' or '.join([*lacking, *extrapolated])}."
        return Advice(f"Only {name} can be advised", facts, [why])
    return Advice(f"Only {name} was run", facts, [suggest_another(strategy)])


def _list_facts(benchmark: Benchmark) -> Iterator[tuple[str, str]]:
    """Yield the figures of a strategy, each with its description."""
    record = benchmark.record
    rounds = len(benchmark.seconds)
    of_rounds = "1 round" if rounds == 1 else f"median of {rounds} rounds"
    yield f"{benchmark.median:.2f} s", f"for {format_count(record.images, 'image')} ({of_rounds})"
    yield format_rate(benchmark), "images per minute"
    cost = record.cost_usd
    yield format_money(None if cost is None else 1000 * cost / record.images), "per 1,000 images"
    if cost is not None and record.right is not None:
        yield format_cost_per_right(record), "per right answer"
    if record.right is None:
        yield "not judged", "no true answers are known"
        return
    value, _, share = record.kind.format_right(record.right).partition(" % ")
    error = record.mean_absolute_error
    unit = f" {record.kind.unit}" if record.kind.unit else ""
    off = [] if error is None else [f"off by {format_error(error)}{unit} per image"]
    simulated = ["answers simulated"] if has_simulated_answers(record) else []
    interval = f"95 % interval {format_interval(record.right, record.judged)}"
    yield f"{value} % {share}", ", ".join([interval, *off, *simulated])
