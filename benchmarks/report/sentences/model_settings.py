"""The sentences about settings: one strategy with several settings, and the contenders that no other one beats."""

from collections.abc import Mapping

from benchmarks.history.groups import find_reference
from benchmarks.verdicts.answers.contest import AnswerContest, compare_answers
from benchmarks.verdicts.answers.difference import AnswerFinding
from benchmarks.verdicts.answers.share import format_interval
from benchmarks.verdicts.frontier import describe_frontier, find_strategy_frontier
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import has_simulated_answers
from fixtures.run.record.record import Record

MOST_COMPARED = 4
"""The largest number of settings of one strategy that have a sentence each; with more, only the tables show them."""


def describe_model_settings(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the sentences about the settings of a group, given by label; none if nothing is set.

    If a single strategy ran with at most `MOST_COMPARED` settings, each is compared with the one without settings, or
    else with the first. Of three or more contenders, those that no other one beats are named.
    """
    if not any(each.record.model_settings for each in benchmarks.values()):
        return []
    is_one = len({each.record.strategy for each in benchmarks.values()}) == 1
    is_few = is_one and len(benchmarks) <= MOST_COMPARED
    return [*(_compare_settings(benchmarks) if is_few else []), *_describe_frontier(benchmarks)]


def _compare_settings(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    reference = find_reference(benchmarks)
    if reference is None:
        return []
    contest = compare_answers(benchmarks)
    return [
        f"{name} takes {benchmark.median / benchmarks[reference].median:.2f} times as long as {reference}"
        f"{_compare_costs(benchmark.record, benchmarks[reference].record)}."
        f"{_compare_right(name, benchmarks, contest)}"
        for name, benchmark in benchmarks.items()
        if name != reference and not benchmark.record.errors
    ]


def _compare_costs(now: Record, then: Record) -> str:
    if now.cost_usd is None or not then.cost_usd:
        return ""
    return f" and costs {now.cost_usd / then.cost_usd:.2f} times as much"


def _compare_right(name: str, benchmarks: Mapping[str, Benchmark], contest: AnswerContest | None) -> str:
    """Return the sentence that compares the right answers; empty if no truth is known."""
    if contest is None or name not in contest.differences:
        return ""
    now, then = (_describe_share(benchmarks[each].record) for each in (name, contest.reference))
    simulated = ", simulated" if contest.is_simulated else ""
    return f" Its answers are {now} against {then}{simulated}: {_describe_difference(name, contest)}."


def _describe_share(record: Record) -> str:
    if record.right is None:
        raise ValueError("no truth is known")
    return f"{record.kind.format_right(record.right)} ({format_interval(record.right, record.judged)})"


def _describe_difference(name: str, contest: AnswerContest) -> str:
    """Return the finding about the difference; if no difference is seen, also the largest loss not ruled out."""
    if contest.differences[name].is_none:
        return "every image has the same score"
    if not contest.shows_any:
        return f"{contest.images} images are too few to show a difference"
    finding, low = contest.classify(name), contest.differences[name].low
    if finding is AnswerFinding.UNSEEN and low < 0:
        most = f"{-100 * low:.0f}"
        points = f"{most} percentage point{'' if most == '1' else 's'}"
        return f"{finding}, but a loss of up to {points} is not ruled out (95 %, for this comparison alone)"
    return finding


def _describe_frontier(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    found = find_strategy_frontier(benchmarks)
    if not found:
        return []
    simulated = "; the answers are simulated" if any(map(_is_simulated, benchmarks.values())) else ""
    names = ", ".join(each.name for each in found)
    return [f"{describe_frontier(benchmarks)} (differences between them may be chance{simulated}): {names}."]


def _is_simulated(benchmark: Benchmark) -> bool:
    return benchmark.record.right is not None and has_simulated_answers(benchmark.record)
