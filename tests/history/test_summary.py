"""Tests of a history in sentences: what got slower and since when, and which strategies have too few sessions."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from benchmarks.history.series import build_histories
from benchmarks.history.sessions import Session, read_sessions
from benchmarks.history.summary import LEAST_UNCHANGED, answer_history, describe_change
from benchmarks.report.page import write_history
from tests.helpers.runs import make_measured, store
from tests.history.test_history import Change, doubled, history, new_sdk


def test_the_answer_of_a_history_comes_first(tmp_path: Path) -> None:
    """The sentences say what got slower and whether others have enough sessions; on the page they precede figures."""

    def store_unevenly(folder: Path, count: int) -> list[Session]:
        folder.mkdir()
        for week in range(count):
            draws = Random(week)
            made = [make_measured(name, level, draws) for name, level in (("bounded", doubled(week)), ("files", 30.0))]
            late = [make_measured("hedged", 30.0, draws)] if week >= count - 3 else []
            store(folder, week, [*made, *late])
        return read_sessions(sorted(folder.glob("*.json")))[0]

    (found,) = build_histories(store_unevenly(tmp_path / "a", 30))
    point = found.series["bounded"].points[20]
    told = [
        f"bounded has been 1.99 times slower since session 21 ({point.time:%Y-%m-%d}, {point.commit}).",
        "files: no change seen in the last 30 sessions.",
        f"Cannot tell whether hedged changed: needs {LEAST_UNCHANGED} comparable sessions; there are 3.",
    ]
    assert answer_history(found) == told
    page = write_history([found], tmp_path / "out", "date")
    text = page.read_text(encoding="utf-8")
    assert f'<p class="answer">{told[0]}</p>' in text
    assert text.index(told[0]) < text.index("<figure")


@pytest.mark.parametrize(
    ("count", "changed", "told"),
    [
        (LEAST_UNCHANGED, lambda _: {}, ["No strategy shows a change in the last 12 sessions."]),
        (
            LEAST_UNCHANGED - 1,
            lambda _: {},
            ["Cannot tell whether any strategy changed: needs 12 comparable sessions; there are 11."],
        ),
        (1, lambda _: {}, ["Cannot tell whether any strategy changed: needs 12 comparable sessions; there is 1."]),
        (
            20,
            new_sdk,
            ["Cannot tell whether any strategy changed: needs 12 comparable sessions; there are 8."],
        ),
    ],
)
def test_no_change_is_only_said_of_enough_comparable_sessions(
    tmp_path: Path, count: int, changed: Callable[[int], Change], told: list[str]
) -> None:
    """The sentence that no change is seen needs 12 comparable sessions; sessions before a break do not count."""
    assert answer_history(history(tmp_path, count, changed=changed)) == told


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.87, "1.87 times slower"),
        (0.5, "2.00 times faster"),
        (12.4, "12 times slower"),
        (1 / 12.4, "12 times faster"),
    ],
)
def test_a_change_is_given_as_a_factor_above_one(ratio: float, words: str) -> None:
    """A ratio of levels is printed as a factor above 1, with `slower` or `faster`."""
    assert describe_change(ratio) == words


def test_changes_at_one_session_share_a_sentence_and_the_latest_counts(tmp_path: Path) -> None:
    """Strategies that changed at one session share a sentence; changes before the last break are not reported."""
    names = ("bounded", "files")
    levels = {0: 30.0, 1: 60.0, 2: 20.0}
    found = history(tmp_path / "a", 36, names, level=lambda week: levels[week // 12])
    (told,) = answer_history(found)
    assert told.startswith("bounded and files have been 2.")
    assert "times faster since session 25 (" in told
    broken = history(
        tmp_path / "b",
        27,
        names,
        level=lambda week: levels[min(week // 12, 1)],
        changed=lambda week: {"sdk": str(week > 14)},
    )
    assert answer_history(broken) == ["No strategy shows a change in the last 12 sessions."]
