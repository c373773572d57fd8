"""The sections of the page as data for the template: groups, questions about scale, and histories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.history.groups import Group
from benchmarks.history.series import History
from benchmarks.history.summary import answer_history, list_events, summarize_history
from benchmarks.report import consistency, tables
from benchmarks.report.figures.history import draw_history
from benchmarks.report.figures.images import draw_images
from benchmarks.report.figures.scaling import draw_questions
from benchmarks.report.figures.strategies import draw_strategies
from benchmarks.report.figures.style import Drawing, LeftOut
from benchmarks.report.page.advice import Advice, make_advice
from benchmarks.report.page.asked import Asked, make_asked
from benchmarks.report.sentences.advice import describe_left_out, describe_models, describe_winners
from benchmarks.verdicts.contest import find_winning_strategies
from benchmarks.verdicts.verdict import Verdict
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import describe_provenance
from fixtures.text.tables import Table
from fixtures.text.words import name_some

LONG = 15
"""The number of rows above which the table of a history is folded."""
_DRAWABLE = 2
"""The least number of sessions for which a strategy has a panel in the figure of a history."""


@dataclass(frozen=True)
class Section:
    """A section of the page, which can be folded."""

    title: str
    slug: str
    """The target of links to this section."""
    summary: str
    """The sentences at its beginning."""
    origin: str = ""
    """The sentences about the origin of the figures; empty if the summary has them."""
    advice: Advice | None = None
    """The content of the card of a group at the top of the page."""
    answers: Sequence[str] = ()
    """The sentences of the card of a history at the top of the page."""
    asked: Asked | None = None
    """The question about a group's images."""
    images: Drawing | None = None
    """The figure of the images; None if they cannot be loaded."""
    drawings: Sequence[Drawing] = ()
    left_out: Sequence[str] = ()
    """The sentences about the figures that were left out, with reasons."""
    tables: Sequence[Table] = ()
    folded: Mapping[str, Table] = field(default_factory=dict)
    """The tables that are folded, by the text that is shown while they are."""


def make_group_section(
    group: Group, folder: Path, image_sets: Mapping[str, str], verdicts: Mapping[str, Sequence[Verdict]]
) -> Section:
    """Return the section of a group, and draw its figures into the folder."""
    winners, benchmarks = find_winning_strategies(group.benchmarks), group.benchmarks
    is_tied = len(winners.contestants) > 1 and not winners.fastest.lack
    drawn = draw_strategies(group, folder, winners.fastest.names if is_tied else ())
    shown = [
        *make_verdict_tables(group, verdicts),
        tables.make_final_table(benchmarks, winners),
        tables.make_frontier_table(benchmarks),
    ]
    folded = {
        "Requests and tokens": tables.make_request_table(benchmarks),
        "Answers by image": consistency.make_consistency_table(benchmarks),
        "Images without an answer": tables.make_error_table(benchmarks),
        "Where the figures come from": tables.make_provenance_table(benchmarks),
    }
    return Section(
        title=group.title,
        slug=group.slug,
        summary=" ".join([*describe_winners(winners, benchmarks), *describe_left_out(winners)]),
        origin=describe_group_origin(group),
        advice=make_advice(group, winners),
        asked=make_asked(group, image_sets, next(iter(winners.advised.names), next(iter(benchmarks)))),
        images=draw_images(group, folder, image_sets),
        drawings=[each for each in drawn if isinstance(each, Drawing)],
        left_out=[each.sentence for each in drawn if isinstance(each, LeftOut)],
        tables=[table for table in shown if table is not None],
        folded={name: table for name, table in folded.items() if table is not None},
    )


def describe_group_origin(group: Group) -> str:
    """Return the sentences about the origin of a group's figures, and about models that were shut down."""
    records = [*group.records.values()]
    return " ".join([describe_provenance(records), *describe_models(records)])


def make_verdict_tables(group: Group, verdicts: Mapping[str, Sequence[Verdict]]) -> list[Table | None]:
    """Return the tables of comparisons: with stored runs, of seconds, and of answers; None for each without one."""
    of_group = verdicts.get(group.first.group, ())
    return [
        tables.make_verdict_table(of_group),
        tables.make_contest_table(group.benchmarks),
        tables.make_answer_table(group.benchmarks),
    ]


def make_scale_sections(benchmarks: Sequence[Benchmark], folder: Path) -> list[Section]:
    """Return a section for each question about scale, and draw its figure."""
    return [
        Section(
            title=each.title,
            slug=each.drawing.name,
            summary=each.summary,
            drawings=[each.drawing],
            left_out=each.left_out,
            tables=[each.table],
        )
        for each in draw_questions(benchmarks, folder)
    ]


def make_history_sections(histories: Sequence[History], folder: Path, over: str) -> list[Section]:
    """Return a section for each history over `date` or `commit`, and draw its figure."""
    return [_make_history_section(history, folder, over) for history in histories]


def _make_history_section(history: History, folder: Path, over: str) -> Section:
    drawable = {name: each for name, each in history.series.items() if len(each.points) >= _DRAWABLE}
    single = [name for name in history.series if name not in drawable]
    left_out = []
    if single and len(history.sessions) > 1:
        left_out = [f"Not drawn, because there is only one session: {name_some(single)}."]
    events = list_events(history)
    is_long = len(events.rows) > LONG
    return Section(
        title=f"Over time: {history.group.title}",
        slug=f"{history.group.slug}-over-time",
        summary=summarize_history(history),
        answers=answer_history(history),
        drawings=[draw_history(replace(history, series=drawable), folder, over)] if drawable else [],
        left_out=left_out,
        tables=[events] if events.rows and not is_long else [],
        folded={events.caption: events} if is_long else {},
    )
