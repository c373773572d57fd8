"""Learns the pattern of a strategy from rehearsals with two numbers of images, and with more if needed."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from benchmarks.plan.learning.pattern import AtOnce, Growth, Overhead, Pattern
from benchmarks.plan.learning.rehearsal import CHUNK, CONCURRENCY, NotLearned, Rehearsal, rehearse
from fixtures.clock.schedule import find_makespan, find_overlap
from fixtures.exchange.reply import Exchange
from fixtures.exchange.sent import find_files, find_images, strip_bytes
from fixtures.tasks.question import Question

SHORT, LONG, SLOW, LONGEST = 12, 24, 100, 400
"""The numbers of images in the rehearsals: two that are compared, a slow one (at most as many as are planned), and one
that shows whether the number of requests in flight grows."""
_JOB = ":batchGenerateContent"
_EXACT = 0.01
"""The largest relative difference at which a predicted time counts as equal to a rehearsed one."""
_FLAT = 3
"""The number of round trips without growth after which the number of requests counts as the maximum."""


@dataclass(frozen=True)
class Learned:
    """The patterns learned of several strategies."""

    patterns: dict[str, Pattern]
    """The patterns by name of strategy."""
    failures: dict[str, str]
    """Why the others have no pattern, by name of strategy, as a clause."""

    @property
    def groups(self) -> dict[Pattern, list[str]]:
        """The names of the strategies with the same pattern, by pattern."""
        found: dict[Pattern, list[str]] = {}
        for name, pattern in self.patterns.items():
            found.setdefault(pattern, []).append(name)
        return found


def learn_strategies(strategies: Collection[str], question: Question, images: int = SLOW) -> Learned:
    """Return the patterns of the strategies for this question and number of images, or why they have none."""
    patterns, failures = {}, {}
    for name in strategies:
        try:
            patterns[name] = learn_pattern(name, question, images)
        except NotLearned as error:
            failures[name] = str(error)
    return Learned(patterns, failures)


def learn_pattern(strategy: str, question: Question, images: int = SLOW) -> Pattern:
    """Return the pattern of a strategy that is planned for `images` images.

    Raise `NotLearned` if the strategy cannot be planned.
    """
    short, long = (rehearse(strategy, question, images) for images in (SHORT, LONG))
    if any(each.sent.resource.endswith(_JOB) for each in long.exchanges):
        return learn_job(short, long)
    if not long.questions:
        raise NotLearned("it sends no question to the model in a rehearsal")
    sizes = [[_count_images(each) for each in rehearsal.questions] for rehearsal in (short, long)]
    pattern = _learn_sizes(sizes[0], sizes[1], long.settings)
    pattern = replace(pattern, inlines=all(each.sent.images for each in long.questions))
    pattern = _learn_at_once(pattern, short, long)
    if pattern.at_once is AtOnce.FIXED and pattern.most > 1:
        pattern = _learn_growth(pattern, rehearse(strategy, question, LONGEST))
    pattern = replace(pattern, overhead=_learn_overhead(pattern, short, long))
    if pattern.most == 1 and pattern.at_once is AtOnce.FIXED:
        return pattern
    asked_again = _learn_asked_again(pattern, strategy, question, min(images, SLOW))
    if not asked_again or "concurrency" not in pattern.takes:
        return replace(pattern, asked_again=asked_again)
    alone = _learn_asked_again(pattern, strategy, question, min(images, SLOW), concurrency=1)
    return replace(pattern, asked_again=asked_again, asks_again_alone=alone > 0)


def _learn_asked_again(
    pattern: Pattern, strategy: str, question: Question, images: int, concurrency: int = CONCURRENCY
) -> Fraction:
    """Return the share of requests that a strategy sends twice when some requests are slow."""
    asked = len(rehearse(strategy, question, images, concurrency, is_slow=True).asked)
    expected = pattern.count_requests(images, CHUNK)
    return Fraction(max(0, asked - expected), expected)


def _count_images(exchange: Exchange) -> int:
    return len(exchange.sent.images) + len(exchange.sent.files)


def _learn_sizes(short: Sequence[int], long: Sequence[int], settings: Collection[str]) -> Pattern:
    """Return a pattern with the numbers of images in requests, given the numbers in both rehearsals."""
    takes = tuple(sorted(settings))
    times, largest = Fraction(sum(long), LONG), max(long)
    if not all((*short, *long)):
        raise NotLearned("it sends questions without images")
    share = Fraction(largest, LONG) if max(short) * LONG == largest * SHORT else Fraction(0)
    if not share and max(short) != largest:
        raise NotLearned(f"its largest request has {max(short)} of {SHORT} images, and {largest} of {LONG}")
    takes_chunk = "chunk" in settings and largest == CHUNK
    pattern = Pattern(takes, largest, share, takes_chunk, int(times))
    if [len(short), len(long)] != [pattern.count_requests(images, CHUNK) for images in (SHORT, LONG)]:
        listed = ", ".join(map(str, sorted(set(long))))
        raise NotLearned(f"it sends {LONG} images in requests of different sizes ({listed}), which cannot be planned")
    return pattern


def _learn_at_once(pattern: Pattern, short: Rehearsal, long: Rehearsal) -> Pattern:
    """Return the pattern with the number of requests at a time that these rehearsals show."""
    most = [find_overlap([(each.start, each.end) for each in each_one.questions]).most for each_one in (short, long)]
    asked = [len(rehearsal.questions) for rehearsal in (short, long)]
    if [pattern.times * each for each in most] == asked and asked[0] < asked[1]:
        return replace(pattern, at_once=AtOnce.ALL)
    if "concurrency" in pattern.takes and most[1] == min(CONCURRENCY, asked[1]):
        return replace(pattern, at_once=AtOnce.SETTING)
    return replace(pattern, most=most[1])


def _learn_growth(pattern: Pattern, longest: Rehearsal) -> Pattern:
    """Return the pattern with the number of requests at a time, and its growth if it starts with fewer."""
    under_way = _count_under_way(longest)
    peaks = [max(under_way[: trip + 1]) for trip in range(under_way.index(max(under_way)) + 1)]
    if len(peaks) == 1:
        return replace(pattern, most=peaks[0])
    is_capped = len(under_way) >= len(peaks) + _FLAT
    return replace(pattern, at_once=AtOnce.GROWING, most=peaks[-1], growth=Growth(tuple(peaks), is_capped))


def _count_under_way(rehearsal: Rehearsal) -> list[int]:
    """Return the number of questions in flight in the middle of each second, up to the start of the last question.

    Each question takes one second, so a second is a round trip.
    """
    spans = [(each.start, each.end) for each in rehearsal.questions]
    begun, last = min(start for start, _ in spans), max(start for start, _ in spans)
    moments = [begun + trip + 0.5 for trip in range(max(1, int(last - begun)))]
    return [sum(start <= moment < end for start, end in spans) for moment in moments]


def _learn_overhead(pattern: Pattern, short: Rehearsal, long: Rehearsal) -> Overhead:
    """Return the time of a run in addition to its questions.

    The time is added to each question if that explains both rehearsals; else it is before or after all questions.
    """
    rest = [each.seconds - _predict(pattern, each) for each in (short, long)]
    if all(abs(left) <= _EXACT * each.seconds for left, each in zip(rest, (short, long), strict=True)):
        return Overhead()
    in_turn = sum(each.reply.elapsed for each in long.exchanges if each not in long.asked) / len(long.questions)
    together = [_predict(pattern, each, 1.0 + in_turn) for each in (short, long)]
    if all(abs(each.seconds - found) <= _EXACT * found for found, each in zip(together, (short, long), strict=True)):
        return Overhead(in_turn=round(in_turn, 3))
    per_image = max(0.0, round((rest[1] - rest[0]) / (LONG - SHORT), 3))
    spans = [(each.start, each.end) for each in long.exchanges if each not in long.asked]
    is_shared = "concurrency" in pattern.takes and find_overlap(spans).most == CONCURRENCY
    return Overhead(0.0, max(0.0, round(rest[0] - SHORT * per_image, 3)), per_image, is_shared)


def _predict(pattern: Pattern, rehearsal: Rehearsal, seconds: float = 1.0) -> float:
    """Return the seconds that the questions of a rehearsal would take at `seconds` per question."""
    asked = len(rehearsal.questions)
    at_once = {AtOnce.SETTING: CONCURRENCY, AtOnce.ALL: asked // pattern.times}.get(pattern.at_once, pattern.most)
    openings = pattern.growth.list_openings(at_once, seconds) if pattern.growth else ()
    return find_makespan([seconds] * asked, at_once, openings)


def learn_job(short: Rehearsal, long: Rehearsal) -> Pattern:
    """Return the pattern of a strategy that sends a batch job; raise `NotLearned` if it cannot be planned."""
    if long.questions:
        raise NotLearned("it sends questions outside its batch job, which cannot be planned")
    found = [list(_iterate_requests(rehearsal)) for rehearsal in (short, long)]
    if not all(found):
        raise NotLearned("the requests of its batch job are neither inline nor in a JSON Lines file")
    sizes = [[len(find_images(each)) + len(find_files(each)) for each in requests] for requests in found]
    creations = [each.sent for each in long.exchanges if each.sent.resource.endswith(_JOB)]
    pattern = _learn_sizes(sizes[0], sizes[1], ())
    return replace(
        pattern,
        takes=tuple(sorted(long.settings)),
        inlines=all(find_images(each) for each in found[1]),
        is_job=True,
        is_filed=not any(each.images or each.files for each in creations),
    )


def _iterate_requests(rehearsal: Rehearsal) -> Iterator[Any]:
    """Yield the requests of a job, which are inline or lines of an uploaded file."""
    for exchange in rehearsal.exchanges:
        sent = exchange.sent
        if sent.resource.endswith(_JOB):
            source = sent.body["batch"].get("inputConfig", {})
            yield from (each["request"] for each in source.get("requests", {}).get("requests", ()))
        elif sent.resource == "files":
            try:
                lines = [json.loads(line) for line in sent.content.splitlines()]
            except ValueError:
                continue
            yield from (strip_bytes(line["request"]) for line in lines if isinstance(line, dict) and "request" in line)
