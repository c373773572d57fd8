"""What is called slower stays so until it is not: which sessions are red, which are the level, what ends an alarm."""

import math
from statistics import fmean, stdev

import pytest

from benchmarks.history.alarms import Alarm, Course, follow_level
from benchmarks.history.change_points import ENOUGH
from benchmarks.history.levels import find_spread_factor

OLD = [30.0, 31.0, 29.0, 30.5, 29.5, 30.0]
"""Six sessions of one level, of 30 seconds."""


def follow(*medians: float, accepted: tuple[int, ...] = (), least: float = 0.2) -> Course:
    """Return the course of these sessions after those of `OLD`."""
    return follow_level([*OLD, *medians], accepted, least)


def test_what_is_called_slower_stays_so_and_never_is_the_level() -> None:
    """A doubling that lasts is red in every session, and the level is that of the sessions before."""
    course = follow(*[60.0, 62.0, 58.0] * 5)
    assert course.red == set(range(6, 21))
    assert course.level == course.compared == tuple(range(6))
    assert course.alarm is not None
    assert (course.alarm.start, course.alarm.stop) == (6, None)
    assert course.alarm.ratio == pytest.approx(2.0, rel=0.01)


@pytest.mark.parametrize("near", [35.9, 30.0, 12.0])
def test_two_sessions_in_a_row_near_the_level_before_end_it(near: float) -> None:
    """At most 20 % above; one that is faster is near too. The one that ends it is the first of the level again."""
    course = follow(60.0, near, 60.0, near, 35.9, 31.0)
    assert course.red == {6, 7, 8, 9}
    assert course.level == (*range(6), 10, 11)
    assert course.alarm is None
    assert [(alarm.start, alarm.stop) for alarm in course.alarms] == [(6, 10)]


def test_above_twenty_percent_is_not_near() -> None:
    """Nor are two sessions that do not follow each other."""
    assert follow(60.0, 36.5, 36.5, 36.5).alarm is not None
    assert follow(60.0, 30.0, 36.5, 30.0).alarm is not None
    assert follow(60.0, 30.0, 36.5, 30.0).near == 1
    assert follow(60.0, 50.0, 50.0, least=0.9).alarm is None, "a change below what counts is near"


def test_a_slowdown_below_what_counts_is_none() -> None:
    """However little the sessions before vary."""
    assert follow(35.5).alarms == ()
    assert follow(37.0).alarm is not None
    assert follow(60.0, least=1.1).alarms == ()


def test_five_sessions_are_needed_before_one_is_called_slower() -> None:
    """Four have no level yet."""
    assert follow_level([*OLD[:4], 90.0]).alarms == ()
    assert follow_level([*OLD[:5], 90.0]).red == {5}


def test_what_was_accepted_begins_the_level_anew() -> None:
    """From its session on nothing is red, and after five sessions a slower one is called so again."""
    slow = [60.0, 62.0, 58.0, 61.0, 59.0]
    course = follow(*slow, accepted=(6,))
    assert (course.red, course.level, course.since) == (set(), tuple(range(6, 11)), 6)
    again = follow(*slow, 120.0, 118.0, accepted=(6,))
    assert again.red == {11, 12}
    assert again.compared == tuple(range(6, 11))
    assert follow(60.0, 62.0, 30.0, 90.0, accepted=(8,)).red == {6, 7}, "an acceptance ends an alarm"


def test_an_alarm_that_ended_widens_what_is_expected() -> None:
    """By 15 %, for it has left out the slowest sessions of the level; both sides of either threshold."""
    wild = [30.0, 37.0, 25.0, 34.0, 27.0, 30.0]
    ended = [*wild, 90.0, 30.0, 31.0]
    for medians, level, widened in ((wild, wild, 1.0), (ended, [*wild, 31.0], 1.15)):
        logs = [math.log(each) for each in level]
        edge = fmean(logs) + find_spread_factor(len(level)) * stdev(logs) * widened
        assert len(medians) in follow_level([*medians, math.exp(edge + 0.001)]).red
        assert len(medians) not in follow_level([*medians, math.exp(edge - 0.001)]).red


def test_a_level_that_got_faster_for_good_is_the_level() -> None:
    """From its change point on, as soon as there are enough sessions to look for one."""
    medians = [30.0, 31.0, 29.0, 30.5] * 3 + [15.0, 15.5, 14.5, 15.2] * 2
    assert len(medians) == ENOUGH
    assert follow_level([*medians, 15.0]).since == 12
    assert follow_level([*medians, 15.0]).compared == tuple(range(12, 20))
    assert follow_level([*medians, 30.0]).red == {20}
    assert follow_level(medians).since == 0


def test_a_slower_change_point_is_an_alarm_and_never_the_level() -> None:
    """Sessions of which none is called slower by itself are called so from the first of the new level on."""
    medians = [22.0, 40.0, 25.0, 36.0, 28.0, 33.0, 24.0, 38.0, *[46.0, 47.0, 45.0, 46.5] * 3, 46.0]
    assert follow_level(medians[:ENOUGH]).alarms == ()
    course = follow_level(medians)
    assert course.alarm is not None
    assert course.alarm.ratio == pytest.approx(1.53, rel=0.01)
    assert course.red == set(range(8, 21))
    assert course.compared == tuple(range(8))


def test_a_change_point_of_less_than_counts_changes_nothing() -> None:
    """So that small steps, each below what counts, do not carry the level with them."""
    medians = [30.0, 30.5, 29.5, 30.2] * 4 + [34.0, 34.5, 33.5, 34.2] * 2
    course = follow_level(medians)
    assert (course.alarms, course.since, len(course.level)) == ((), 0, 24)


def test_without_sessions_there_is_no_course() -> None:
    """Nothing is red and nothing compared."""
    assert follow_level([]) == Course()
    assert Course(alarms=(Alarm(1, 3, 2.0), Alarm(5, None, 2.0)), count=7).red == {1, 2, 5, 6}
