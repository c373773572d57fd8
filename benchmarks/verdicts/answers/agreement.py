"""Agreement between sets of answers whose truth is unknown. It is no measure of accuracy."""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from statistics import fmean
from typing import Any

from benchmarks.history.groups import find_reference
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record
from fixtures.tasks.kind import Kind

_Answers = Mapping[str, Any]


def find_agreements(benchmarks: Mapping[str, Benchmark]) -> dict[str, float | None]:
    """Return the share of images on which each benchmark agrees with the reference, as a mean over pairs of rounds.

    The reference is compared with itself, between different rounds: this shows the effect of chance alone. The share
    is None if there is no pair of rounds. In virtual time, equal rounds of two benchmarks are not paired, because they
    share the simulator's draws. A missing answer agrees with no other. For texts, the similarity is used. The result
    is empty if there is no reference.
    """
    name_of_reference = find_reference(benchmarks)
    if name_of_reference is None:
        return {}
    reference = benchmarks[name_of_reference].record
    return {
        name: _compare_rounds(reference.kind, _pair_rounds(benchmark.record, reference))
        for name, benchmark in benchmarks.items()
    }


def _pair_rounds(record: Record, reference: Record) -> list[tuple[_Answers, _Answers]]:
    if record is reference:
        return list(combinations(reference.answers_by_round, 2))
    shares_draws = record.timing == "virtual"
    numbered = product(enumerate(record.answers_by_round), enumerate(reference.answers_by_round))
    return [(one, other) for (number, one), (against, other) in numbered if not shares_draws or number != against]


def _compare_rounds(kind: Kind, pairs: Sequence[tuple[_Answers, _Answers]]) -> float | None:
    shares = [_compare(kind, one.get(image), other.get(image)) for one, other in pairs for image in other]
    return fmean(shares) if shares else None


def _compare(kind: Kind, one: Any, other: Any) -> float:
    return 0.0 if one is None or other is None else kind.compare(one, other)


def list_differing(benchmarks: Mapping[str, Benchmark]) -> dict[str, set[str]]:
    """Return for each benchmark the images whose answer in the median round differs from the reference's answer.

    If there is no reference, the first benchmark is used instead.
    """
    reference = benchmarks[find_reference(benchmarks) or next(iter(benchmarks))].record
    return {
        name: {
            image
            for image, answer in benchmark.record.answers.items()
            if _compare(reference.kind, answer, reference.answers.get(image)) < 1.0
        }
        for name, benchmark in benchmarks.items()
    }
