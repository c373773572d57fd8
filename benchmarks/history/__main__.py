"""List which benchmarks are called slower and what was accepted; accept a slower level, or undo that."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.history.accepted import FILE, LIVE, Acceptance, read_accepted, write_accepted
from benchmarks.history.alarms import Alarm, follow_series
from benchmarks.history.levels import LEAST_SESSIONS
from benchmarks.history.sessions import Session, StoredBenchmark, find_id, list_series, read_sessions
from benchmarks.history.summary import describe_change
from fixtures.base.errors import RunError
from fixtures.text.tables import format_table


@dataclass(frozen=True)
class Followed:
    """A benchmark's live sessions that are comparable with its last one, and the alarm that lasts."""

    benchmark: str
    """The benchmark's `fullname`."""
    series: Sequence[StoredBenchmark]
    alarm: Alarm | None

    @property
    def start(self) -> Session:
        """The session that the alarm began with; the first one where there is none."""
        return self.series[self.alarm.start if self.alarm else 0].session


def main() -> str | None:
    """Do what the command line says; return a sentence where that is not possible, else None."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=LIVE, metavar="DIR", help=f"where the sessions are stored; default: {LIVE}"
    )
    actions = parser.add_subparsers(dest="action", metavar="accept")
    placed = argparse.ArgumentParser(add_help=False)
    placed.add_argument(
        "--folder",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="DIR",
        help="folder of the stored runs (default: .benchmarks)",
    )
    accepting = actions.add_parser(
        "accept", parents=[placed], help="accept a slower level of a benchmark, or undo that"
    )
    accepting.add_argument("benchmark", metavar="BENCHMARK", help="its id, its strategy, or a part of its id")
    accepting.add_argument("--because", default="", metavar="WHY", help="why it is accepted")
    accepting.add_argument("--undo", action="store_true", help="take the last acceptance of this benchmark back")
    arguments = parser.parse_args()
    try:
        if arguments.action is None:
            lines = list_state(arguments.folder)
        elif arguments.undo:
            lines = undo(arguments.folder, arguments.benchmark, arguments.because)
        else:
            lines = accept(arguments.folder, arguments.benchmark, arguments.because.strip())
    except RunError as error:
        return f"history: {error}"
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return None


def list_state(folder: Path) -> list[str]:
    """Return the lines that say which benchmarks are called slower, which levels were accepted, and what was left out.

    Raise `RunError` where no sessions are stored.
    """
    followed, problems = _read(folder)
    times = sorted(each.session.time for one in followed for each in one.series)
    lines = [f"{folder}: benchmarks {len(followed)}, latest session {times[-1]:%Y-%m-%d %H:%M} UTC", ""]
    slower = [
        [find_id(each.benchmark), _name_session(each.start), describe_change(each.alarm.ratio)]
        for each in followed
        if each.alarm is not None
    ]
    lines += format_table([["called slower", "since", "level"], *slower]) if slower else ["None is called slower."]
    accepted = [
        [find_id(each.benchmark), f"{each.since:%Y-%m-%d %H:%M}", f"{each.on}", each.because]
        for each in read_accepted(folder)
    ]
    head = ["accepted level", "begins (UTC)", "accepted on", "because"]
    lines += ["", *(format_table([head, *accepted]) if accepted else ["No level was accepted."])]
    return [*lines, *problems]


def accept(folder: Path, name: str, because: str) -> list[str]:
    """Accept the level that a benchmark is called slower for; return what is printed, or raise `RunError`."""
    if not because:
        raise RunError('say why it is accepted: --because "...".')
    followed, problems = _read(folder)
    found = {each.benchmark: each for each in followed}[_find_one(name, [each.benchmark for each in followed])]
    shown = find_id(found.benchmark)
    if found.alarm is None:
        raise RunError(f"there is nothing to accept: {shown} is not called slower.")
    added = Acceptance(found.benchmark, found.start.time, because, datetime.now(UTC).date())
    path = write_accepted(folder, [*read_accepted(folder), added])
    level = describe_change(found.alarm.ratio)
    since = _name_session(found.start)
    told = f"{shown}: the level since {since} ({level}) is accepted, in {path}."
    after = len(found.series) - (found.alarm.start if found.alarm else 0)
    if after < LEAST_SESSIONS:
        told += f" It has {after} of the {LEAST_SESSIONS} sessions from which on another one is compared with it."
    return [told, *problems]


def undo(folder: Path, name: str, because: str = "") -> list[str]:
    """Take the last acceptance of a benchmark back; return what is printed, or raise `RunError`, also for a reason."""
    if because:
        raise RunError("--undo takes an acceptance back, and needs no reason; leave --because out.")
    accepted = read_accepted(folder)
    if not accepted:
        raise RunError(f"there is nothing to undo: {folder / FILE} holds nothing that was accepted.")
    benchmark = _find_one(name, [each.benchmark for each in accepted])
    last = max(index for index, each in enumerate(accepted) if each.benchmark == benchmark)
    undone = accepted.pop(last)
    path = write_accepted(folder, accepted)
    return [f"{find_id(benchmark)}: the level since {undone.since:%Y-%m-%d %H:%M} is not accepted any more, in {path}."]


def _read(folder: Path) -> tuple[list[Followed], list[str]]:
    """Return each live benchmark with its alarm, and what was left out; raise `RunError` where there is none."""
    if not folder.is_dir():
        raise RunError(f"there is no folder {folder}; give the one of the stored sessions with --folder.")
    sessions, problems = read_sessions(sorted(folder.glob("*.json")))
    live: dict[str, list[StoredBenchmark]] = {}
    for session in sessions:
        for name, benchmark in session.benchmarks.items():
            if benchmark.record.timing == "live":
                live.setdefault(name, []).append(StoredBenchmark(session, benchmark))
    series = {name: list_series(stored, stored[-1].benchmark.record) for name, stored in live.items()}
    followed = [Followed(name, each, follow_series(each).alarm) for name, each in series.items()]
    if not followed:
        reasons = [*problems, f"{folder} holds no live session; store one with --benchmark-autosave, or give --folder."]
        raise RunError(" ".join(reasons))
    return followed, problems


def _find_one(name: str, benchmarks: Iterable[str]) -> str:
    """Return the one benchmark that this name stands for; raise `RunError` where it is none or more than one."""
    ids = {benchmark: find_id(benchmark) for benchmark in benchmarks}
    exact = [benchmark for benchmark, short in ids.items() if name in (benchmark, short)]
    found = (
        exact
        or [benchmark for benchmark, short in ids.items() if short.endswith(f"-{name}")]
        or [benchmark for benchmark, short in ids.items() if name in short]
    )
    if len(found) == 1:
        return found[0]
    known = ", ".join(sorted({ids[benchmark] for benchmark in found or ids}))
    raise RunError(f"{name} stands for {'more than one benchmark' if found else 'no benchmark'}; name one of: {known}.")


def _name_session(session: Session) -> str:
    return f"{session.path.name} ({session.time:%Y-%m-%d})"


if __name__ == "__main__":
    sys.exit(main())
