"""The makespan of a list schedule, and the overlap of spans."""

from fixtures.clock.schedule import Overlap, find_makespan, find_overlap


def test_the_next_request_begins_as_soon_as_one_has_ended() -> None:
    """Of requests of 4, 1, 2 and 3 s, two at a time take 6 s, one at a time 10 s, and nine at a time 4 s."""
    assert find_makespan([4.0, 1.0, 2.0, 3.0], 2) == 6.0
    assert find_makespan([4.0, 1.0, 2.0, 3.0], 1) == 10.0
    assert find_makespan([4.0, 1.0, 2.0, 3.0], 9) == 4.0
    assert (find_makespan([0.5], 1), find_makespan([], 1)) == (0.5, 0.0)


def test_a_place_that_opens_later_takes_no_request_before() -> None:
    """With one slot from 0 s and one from 3 s, three requests of 2 s take 5 s."""
    assert find_makespan([2.0, 2.0, 2.0], 2, (0.0, 3.0)) == 5.0
    assert find_makespan([2.0, 2.0, 2.0], 2, (3.0, 0.0)) == 5.0
    assert find_makespan([2.0, 2.0, 2.0], 2) == 4.0


def test_spans_overlap_as_they_are_drawn() -> None:
    """The overlap is the seconds with any active span, and the most spans active at once."""
    assert find_overlap([(0.0, 2.0), (1.0, 3.0), (4.0, 5.0)]) == Overlap(busy=4.0, most=2)
    assert find_overlap([(0.0, 4.0), (1.0, 2.0)]) == Overlap(busy=4.0, most=2)
    assert find_overlap([]) == Overlap(busy=0.0, most=0)
