"""Tests of alarms: which sessions are called slower, which are the level, and what ends an alarm."""

import math
from statistics import fmean, stdev

import pytest

from benchmarks.history.alarms import Alarm, Course, follow_level
from benchmarks.history.change_points import ENOUGH
from benchmarks.history.levels import find_spread_factor

OLD = [30.0, 31.0, 29.0, 30.5, 29.5, 30.0]
"""Six sessions with a level of 30 seconds."""


def follow(*medians: float, accepted: tuple[int, ...] = (), least: float = 0.2) -> Course:
    """Return the course of these sessions after those of `OLD`."""
    return follow_level([*OLD, *medians], accepted, least)


def test_an_alarm_lasts_and_its_sessions_are_never_the_level() -> None:
    """With a doubling that lasts, every session is called slower, and the level is that of the sessions before."""
    course = follow(*[60.0, 62.0, 58.0] * 5)
    assert course.red == set(range(6, 21))
    assert course.level == course.compared == tuple(range(6))
    assert course.alarm is not None
    assert (course.alarm.start, course.alarm.stop) == (6, None)
    assert course.alarm.ratio == pytest.approx(2.0, rel=0.01)


@pytest.mark.parametrize("near", [35.9, 30.0, 12.0])
def test_two_sessions_in_a_row_near_the_level_before_end_it(near: float) -> None:
    """Sessions up to 20 % above the level before are near; the one that ends the alarm is part of the level again."""
    course = follow(60.0, near, 60.0, near, 35.9, 31.0)
    assert course.red == {6, 7, 8, 9}
    assert course.level == (*range(6), 10, 11)
    assert course.alarm is None
    assert [(alarm.start, alarm.stop) for alarm in course.alarms] == [(6, 10)]


def test_above_twenty_percent_is_not_near() -> None:
    """Sessions more than 20 % above the level, or near ones that are not adjacent, do not end an alarm."""
    assert follow(60.0, 36.5, 36.5, 36.5).alarm is not None
    assert follow(60.0, 30.0, 36.5, 30.0).alarm is not None
    assert follow(60.0, 30.0, 36.5, 30.0).near == 1
    assert follow(60.0, 50.0, 50.0, least=0.9).alarm is None, "a change below `least` is near"


def test_a_slowdown_below_the_threshold_is_no_alarm() -> None:
    """A slowdown below `least` does not start an alarm, although the sessions before hardly vary."""
    assert follow(35.5).alarms == ()
    assert follow(37.0).alarm is not None
    assert follow(60.0, least=1.1).alarms == ()


def test_five_sessions_are_needed_before_one_is_called_slower() -> None:
    """After four sessions there is no alarm, after five there is."""
    assert follow_level([*OLD[:4], 90.0]).alarms == ()
    assert follow_level([*OLD[:5], 90.0]).red == {5}


def test_an_accepted_level_replaces_the_old_one() -> None:
    """From the accepted session on nothing is called slower; after five sessions an alarm is possible again."""
    slow = [60.0, 62.0, 58.0, 61.0, 59.0]
    course = follow(*slow, accepted=(6,))
    assert (course.red, course.level, course.since) == (set(), tuple(range(6, 11)), 6)
    again = follow(*slow, 120.0, 118.0, accepted=(6,))
    assert again.red == {11, 12}
    assert again.compared == tuple(range(6, 11))
    assert follow(60.0, 62.0, 30.0, 90.0, accepted=(8,)).red == {6, 7}, "an acceptance ends an alarm"


def test_an_alarm_that_ended_widens_the_interval() -> None:
    """After an alarm the interval is 15 % wider, because the slowest sessions of the level are missing."""
    wild = [30.0, 37.0, 25.0, 34.0, 27.0, 30.0]
    ended = [*wild, 90.0, 30.0, 31.0]
    for medians, level, widened in ((wild, wild, 1.0), (ended, [*wild, 31.0], 1.15)):
        logs = [math.log(each) for each in level]
        edge = fmean(logs) + find_spread_factor(len(level)) * stdev(logs) * widened
        assert len(medians) in follow_level([*medians, math.exp(edge + 0.001)]).red
        assert len(medians) not in follow_level([*medians, math.exp(edge - 0.001)]).red


def test_a_level_that_got_faster_for_good_is_the_level() -> None:
    """A lasting faster level is compared with from its change point on, once there are enough sessions."""
    medians = [30.0, 31.0, 29.0, 30.5] * 3 + [15.0, 15.5, 14.5, 15.2] * 2
    assert len(medians) == ENOUGH
    assert follow_level([*medians, 15.0]).since == 12
    assert follow_level([*medians, 15.0]).compared == tuple(range(12, 20))
    assert follow_level([*medians, 30.0]).red == {20}
    assert follow_level(medians).since == 0


def test_a_slower_change_point_is_an_alarm_and_never_the_level() -> None:
    """A slower change point starts an alarm at its first session, also if no single session is called slower."""
    medians = [22.0, 40.0, 25.0, 36.0, 28.0, 33.0, 24.0, 38.0, *[46.0, 47.0, 45.0, 46.5] * 3, 46.0]
    assert follow_level(medians[:ENOUGH]).alarms == ()
    course = follow_level(medians)
    assert course.alarm is not None
    assert course.alarm.ratio == pytest.approx(1.53, rel=0.01)
    assert course.red == set(range(8, 21))
    assert course.compared == tuple(range(8))


def test_a_change_point_below_the_threshold_has_no_effect() -> None:
    """A slower step below `least` does not change the level, so many small steps cannot raise it unnoticed."""
    medians = [30.0, 30.5, 29.5, 30.2] * 4 + [34.0, 34.5, 33.5, 34.2] * 2
    course = follow_level(medians)
    assert (course.alarms, course.since, len(course.level)) == ((), 0, 24)


def test_the_course_without_sessions_is_empty() -> None:
    """Without sessions the course is empty; `red` has the sessions of all alarms."""
    assert follow_level([]) == Course()
    assert Course(alarms=(Alarm(1, 3, 2.0), Alarm(5, None, 2.0)), count=7).red == {1, 2, 5, 6}
