"""How waits add up: the makespan of a list schedule, and the overlap of spans."""

from fixtures.clock.schedule import Overlap, find_makespan, find_overlap


def test_the_next_request_begins_as_soon_as_one_has_ended() -> None:
    """Two at a time: 4 and 1 begin at 0, 2 at 1, 3 at 3; all end at 6. One at a time adds up, nine take 4."""
    assert find_makespan([4.0, 1.0, 2.0, 3.0], 2) == 6.0
    assert find_makespan([4.0, 1.0, 2.0, 3.0], 1) == 10.0
    assert find_makespan([4.0, 1.0, 2.0, 3.0], 9) == 4.0
    assert (find_makespan([0.5], 1), find_makespan([], 1)) == (0.5, 0.0)


def test_a_place_that_opens_later_takes_no_request_before() -> None:
    """One place is open at once, the other after 3 s: 2 and 2 in the first, 2 more from 3 on in the second."""
    assert find_makespan([2.0, 2.0, 2.0], 2, (0.0, 3.0)) == 5.0
    assert find_makespan([2.0, 2.0, 2.0], 2, (3.0, 0.0)) == 5.0
    assert find_makespan([2.0, 2.0, 2.0], 2) == 4.0


def test_spans_overlap_as_they_are_drawn() -> None:
    """Two overlap for a second; none is under way for one. One that ends within another leaves that under way."""
    assert find_overlap([(0.0, 2.0), (1.0, 3.0), (4.0, 5.0)]) == Overlap(busy=4.0, most=2)
    assert find_overlap([(0.0, 4.0), (1.0, 2.0)]) == Overlap(busy=4.0, most=2)
    assert find_overlap([]) == Overlap(busy=0.0, most=0)
