"""The part of a group's summary that only `-v` prints: the winners, the answers, remarks, and all comparisons."""

from collections.abc import Mapping, Sequence

from benchmarks.report.consistency import IMAGES_SHOWN, describe_marks, make_short_consistency_rows
from benchmarks.report.sentences.advice import describe_winners, explain_choice
from benchmarks.report.sentences.caching import describe_cached
from benchmarks.report.sentences.remarks import describe_ideal, list_remarks
from benchmarks.report.terminal.line import Line, make_sentences, make_table
from benchmarks.verdicts.answers.contest import compare_answers
from benchmarks.verdicts.contest import Winners, compare_strategies, make_caveat, make_head
from benchmarks.verdicts.verdict import HEAD, Verdict, explain_verdicts
from fixtures.run.record.benchmark import Benchmark
from fixtures.text.words import format_count


def list_details(benchmarks: Mapping[str, Benchmark], winners: Winners, verdicts: Sequence[Verdict]) -> list[Line]:
    """Return the lines about strategies, given by label, and about the verdicts on them against the stored runs."""
    images = len(next(iter(benchmarks.values())).record.answers)
    left_out = f"Shown are the {IMAGES_SHOWN} of {format_count(images, 'image')} with the largest errors."
    sections = (
        make_sentences([*describe_winners(winners, benchmarks), *explain_choice(winners)]),
        [
            *make_table(make_short_consistency_rows(benchmarks)),
            *make_sentences([left_out] if images > IMAGES_SHOWN else []),
            *make_sentences(describe_marks(benchmarks)),
        ],
        make_sentences([*list_remarks(benchmarks), *describe_cached(benchmarks), *describe_ideal(benchmarks)]),
        _list_contest(benchmarks),
        _list_answer_contest(benchmarks),
        make_table([HEAD, *(verdict.row for verdict in verdicts)]) if verdicts else [],
    )
    return [line for section in sections if section for line in (*section, Line(""))]


def list_verdicts(verdicts: Sequence[Verdict], head: Sequence[str] = HEAD) -> list[Line]:
    """Return the lines of a table with a row per verdict, and the sentences that explain the verdicts."""
    return [
        *make_table([head, *(verdict.row for verdict in verdicts)]),
        *make_sentences(explain_verdicts(verdicts)),
    ]


def _list_contest(benchmarks: Mapping[str, Benchmark]) -> list[Line]:
    """Return the lines that compare the strategies' seconds with the reference's; none if they are not compared."""
    found = compare_strategies(benchmarks)
    if not found:
        return []
    return [*list_verdicts(found, make_head(benchmarks)), *make_sentences([make_caveat(found)])]


def _list_answer_contest(benchmarks: Mapping[str, Benchmark]) -> list[Line]:
    """Return the lines that compare the strategies' answers; none if there are too few images to show a difference."""
    found = compare_answers(benchmarks)
    if found is None or not found.shows_any:
        return []
    table = found.make_table()
    return [*make_table([table.head, *table.rows]), *make_sentences([f"{table.caption}."])]
