"""A history in words: which strategies got slower or faster and since when, its events, and its size."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from benchmarks.history.alarms import Alarm
from benchmarks.history.change_points import MISSING, is_installed
from benchmarks.history.series import History, Series
from fixtures.run.record.provenance import describe_kind
from fixtures.text.tables import Table
from fixtures.text.words import name_some

LEAST_UNCHANGED = 12
"""The minimum number of comparable sessions for the sentence that no change is seen. With this number, a doubling from
the middle on is found in 85 % of histories whose medians vary by 0.2 (standard deviation of the logarithm)."""

CALLED_SLOWER = "called slower"
"""The words for a live strategy with an alarm that lasts although its level since then is not above the one before."""


def answer_history(history: History) -> list[str]:
    """Return the sentences on which strategies got slower or faster, and since when.

    Only changes after a strategy's last break are reported. For the other strategies, a sentence says whether they
    have enough sessions to detect a change.
    """
    changed = {name: found for name, series in history.series.items() if (found := _find_change(series))}
    rest = {name: len(series.stretches[-1]) for name, series in history.series.items() if name not in changed}
    return [*_describe_changes(history, changed), *_describe_unchanged(history, rest)]


def _find_change(series: Series) -> tuple[int, str, float] | None:
    """Return the first session of a strategy's present level, the words for the change, and the ratio of levels.

    The result is None if there is no change. An alarm that lasts takes precedence over change points.
    """
    last = len(series.points) - 1
    if series.alarms and series.alarms[-1].stop is None and last in series.red:
        alarm = series.alarms[-1]
        return alarm.start, "slower" if _shows_increase(alarm.ratio) else CALLED_SLOWER, alarm.ratio
    changes = [change for change in series.changes if change.index in series.stretches[-1]]
    if not changes:
        return None
    last_change = changes[-1]
    if last_change.ratio < 1:
        return last_change.index, "faster", last_change.ratio
    is_accepted = any(point.because for point in series.points[last_change.index :])
    return last_change.index, "slower (accepted)" if is_accepted else "slower", last_change.ratio


def _describe_changes(history: History, changed: Mapping[str, tuple[int, str, float]]) -> Iterator[str]:
    """Yield a sentence for each session from which on strategies are slower or faster, the newest first."""
    found: dict[tuple[datetime, str, str], dict[str, float]] = {}
    for name, (index, how, ratio) in changed.items():
        point = history.series[name].points[index]
        shown = ratio if how == CALLED_SLOWER else max(ratio, 1 / ratio)
        found.setdefault((point.time, point.commit, how), {})[name] = shown
    numbers = {session: number for number, session in enumerate(history.sessions, start=1)}
    for time, commit, how in sorted(found, key=lambda each: (each[0], each[2] == CALLED_SLOWER), reverse=True):
        ratios = found[time, commit, how]
        least, most = (_format_factor(end(ratios.values())) for end in (min, max))
        times = f"{least if least == most else f'{least} to {most}'} times"
        since = f"since session {numbers[time, commit]} ({', '.join(filter(None, (f'{time:%Y-%m-%d}', commit)))})"
        have = "has" if len(ratios) == 1 else "have"
        said = f"{how} ({times} the level before)" if how == CALLED_SLOWER else f"{times} {how}"
        yield f"{name_some([*ratios])} {have} been {said} {since}."


def _describe_unchanged(history: History, sessions: Mapping[str, int]) -> Iterator[str]:
    """Yield the sentences on strategies without a change, given the number of their comparable sessions."""
    if not sessions:
        return
    if not is_installed():
        yield MISSING
        return
    enough = {name: count for name, count in sessions.items() if count >= LEAST_UNCHANGED}
    few = {name: count for name, count in sessions.items() if name not in enough}
    if enough:
        last = f"in the last {min(enough.values())} sessions"
        if len(enough) == len(history.series):
            yield f"No strategy shows a change {last}."
        else:
            yield f"{name_some([*enough])}: no change seen {last}."
    if few:
        who = "any strategy" if len(few) == len(history.series) else name_some([*few])
        least, most = min(few.values()), max(few.values())
        there = "there is 1" if most == 1 else f"there are {most if least == most else f'{least} to {most}'}"
        yield f"Cannot tell whether {who} changed: needs {LEAST_UNCHANGED} comparable sessions; {there}."


def list_events(history: History) -> Table:
    """Return a table of alarms, accepted levels, change points and breaks, newest first.

    Equal events of several strategies in one session share a row.
    """
    found: dict[tuple[datetime, str, str], list[str]] = {}
    for name, series in history.series.items():
        events = [(index, f"break: {clauses}") for index, clauses in series.broken.items()]
        events += [(change.index, describe_change(change.ratio)) for change in series.changes]
        events += [event for alarm in series.alarms for event in _describe_alarm(alarm)]
        events += [(index, f"accepted: {each.because}") for index, each in enumerate(series.points) if each.because]
        for index, what in events:
            point = series.points[index]
            found.setdefault((point.time, point.commit, what), []).append(name)
    rows = [
        [f"{time:%Y-%m-%d %H:%M}", _join_names(names, history), what, commit or "unknown"]
        for (time, commit, what), names in sorted(found.items(), key=lambda item: item[0][0], reverse=True)
    ]
    is_live = history.group.first.timing == "live"
    caption = f"{'Alarms, change' if is_live else 'Change'} points and breaks, newest first"
    return Table(caption, ["since (UTC)", "strategy", "event", "commit"], rows)


def _describe_alarm(alarm: Alarm) -> list[tuple[int, str]]:
    """Return the sessions at which an alarm begins and, if it has ended, ends, each with the words for it."""
    begins = (alarm.start, f"called slower from here on ({describe_alarm(alarm.ratio)})")
    return [begins] if alarm.stop is None else [begins, (alarm.stop, "no longer called slower")]


def _join_names(names: Sequence[str], history: History) -> str:
    return "all" if 1 < len(names) == len(history.series) else ", ".join(names)


def describe_change(ratio: float) -> str:
    """Return a change of the level in words, given the ratio of the new level to the old: `1.87 times slower`."""
    return f"{_format_factor(max(ratio, 1 / ratio))} times {'slower' if ratio > 1 else 'faster'}"


def describe_alarm(ratio: float) -> str:
    """Return the level since an alarm in words; it may be below the level before, as long as the alarm lasts."""
    return describe_change(ratio) if _shows_increase(ratio) else f"{_format_factor(ratio)} times the level before"


def _shows_increase(ratio: float) -> bool:
    return float(_format_factor(ratio)) > 1


def format_ratio(ratio: float) -> str:
    """Return a ratio of levels with a multiplication sign, for a figure."""
    return f"\N{MULTIPLICATION SIGN}{_format_factor(ratio)}"


def _format_factor(factor: float) -> str:
    return f"{factor:.{2 if factor < 10 else 0}f}"  # noqa: PLR2004 - three digits


def summarize_history(history: History) -> str:
    """Return the sentence with the number of sessions, their days and kind, and the number of each event."""
    times = [time for time, _ in history.sessions]
    days = " to ".join(dict.fromkeys((f"{times[0]:%Y-%m-%d}", f"{times[-1]:%Y-%m-%d}")))
    kind = describe_kind(history.group.first)
    if len(times) == 1:
        return f"There is nothing to draw over time yet: one session ({days}), {kind}."
    changes = sum(len(series.changes) for series in history.series.values())
    breaks = sum(len(series.broken) for series in history.series.values())
    counts = [_count(changes, "change point")] if is_installed() else []
    counts.append(_count(breaks, "break"))
    if history.group.first.timing == "live":
        counts.insert(0, _count(sum(len(series.alarms) for series in history.series.values()), "alarm"))
    *most, last = counts
    counted = f"{', '.join(most)} and {last}" if most else last
    return f"{len(times)} sessions ({days}), {kind}: {counted} in {len(history.series)} series."


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
