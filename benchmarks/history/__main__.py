"""List the benchmarks called slower and the accepted levels; accept a slower level, or undo an acceptance."""

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
from benchmarks.history.summary import describe_alarm
from fixtures.base.errors import RunError
from fixtures.text.tables import format_table
from fixtures.text.words import format_count


@dataclass(frozen=True)
class Followed:
    """A benchmark's live sessions that are comparable with its last one, and its current alarm."""

    benchmark: str
    """The benchmark's `fullname`."""
    series: Sequence[StoredBenchmark]
    alarm: Alarm | None

    @property
    def start(self) -> Session:
        """The first session of the alarm; the first of the series if there is no alarm."""
        return self.series[self.alarm.start if self.alarm else 0].session


def main() -> str | None:
    """Run the command; return an error message, or None on success."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.history",
        usage="%(prog)s [-h] [--folder DIR] [accept ...]",
        description=__doc__,
    )
    folder_help = f"folder of the stored sessions (default: {LIVE})"
    parser.add_argument("--folder", type=Path, default=LIVE, metavar="DIR", help=folder_help)
    actions = parser.add_subparsers(dest="action", metavar="accept", prog=parser.prog)
    placed = argparse.ArgumentParser(add_help=False)
    placed.add_argument(
        "--folder",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="DIR",
        help=folder_help,
    )
    accepting = actions.add_parser(
        "accept", parents=[placed], help="accept the slower level of a benchmark, or undo an acceptance"
    )
    accepting.add_argument("benchmark", metavar="BENCHMARK", help="its id, its strategy, or a part of its id")
    accepting.add_argument("--because", default="", metavar="WHY", help="the reason for accepting the level")
    accepting.add_argument("--undo", action="store_true", help="undo the last acceptance of this benchmark")
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
    """Return the lines that list the benchmarks called slower, the accepted levels, and problems with stored runs.

    Raise `RunError` if there is no live session.
    """
    followed, problems = _read(folder)
    times = sorted(each.session.time for one in followed for each in one.series)
    lines = [f"{folder}: {format_count(len(followed), 'benchmark')}, latest session {times[-1]:%Y-%m-%d %H:%M} UTC", ""]
    slower = [
        [find_id(each.benchmark), _name_session(each.start), describe_alarm(each.alarm.ratio)]
        for each in followed
        if each.alarm is not None
    ]
    head = ["called slower", "since", "level"]
    lines += format_table([head, *slower]) if slower else ["No benchmark is called slower."]
    accepted = [
        [find_id(each.benchmark), f"{each.since:%Y-%m-%d %H:%M}", f"{each.on}", each.because]
        for each in read_accepted(folder)
    ]
    head = ["accepted level", "begins (UTC)", "accepted on", "because"]
    lines += ["", *(format_table([head, *accepted]) if accepted else ["No level has been accepted."])]
    return [*lines, *problems]


def accept(folder: Path, name: str, because: str) -> list[str]:
    """Accept the slower level of a benchmark and return the lines to print.

    Raise `RunError` if there is no reason, if the name is not unique, or if the benchmark is not called slower.
    """
    if not because:
        raise RunError('give the reason for accepting the level: --because "...".')
    followed, problems = _read(folder)
    found = {each.benchmark: each for each in followed}[_find_one(name, [each.benchmark for each in followed])]
    shown = find_id(found.benchmark)
    if found.alarm is None:
        raise RunError(f"there is nothing to accept: {shown} is not called slower.")
    added = Acceptance(found.benchmark, found.start.time, because, datetime.now(UTC).date())
    path = write_accepted(folder, [*read_accepted(folder), added])
    level = describe_alarm(found.alarm.ratio)
    since = _name_session(found.start)
    told = f"{shown}: the level since {since} ({level}) is accepted, in {path}."
    after = len(found.series) - (found.alarm.start if found.alarm else 0)
    if after < LEAST_SESSIONS:
        told += f" It has {after} of the {LEAST_SESSIONS} sessions needed before later ones are compared with it."
    return [told, *problems]


def undo(folder: Path, name: str, because: str = "") -> list[str]:
    """Undo the last acceptance of a benchmark and return the lines to print.

    Raise `RunError` if a reason is given, if nothing was accepted, or if the name is not unique.
    """
    if because:
        raise RunError("--undo needs no reason; leave out --because.")
    accepted = read_accepted(folder)
    if not accepted:
        raise RunError(f"there is nothing to undo: {folder / FILE} has no accepted level.")
    benchmark = _find_one(name, [each.benchmark for each in accepted])
    last = max(index for index, each in enumerate(accepted) if each.benchmark == benchmark)
    undone = accepted.pop(last)
    path = write_accepted(folder, accepted)
    return [f"{find_id(benchmark)}: the level since {undone.since:%Y-%m-%d %H:%M} is no longer accepted, in {path}."]


def _read(folder: Path) -> tuple[list[Followed], list[str]]:
    """Return the live benchmarks and a sentence for each problem; raise `RunError` if there is no live benchmark."""
    if not folder.is_dir():
        raise RunError(f"the folder {folder} does not exist; give the folder of the stored sessions with --folder.")
    sessions, problems = read_sessions(sorted(folder.glob("*.json")))
    live: dict[str, list[StoredBenchmark]] = {}
    for session in sessions:
        for name, benchmark in session.benchmarks.items():
            if benchmark.record.timing == "live":
                live.setdefault(name, []).append(StoredBenchmark(session, benchmark))
    series = {name: list_series(stored, stored[-1].benchmark.record) for name, stored in live.items()}
    followed = [Followed(name, each, follow_series(each).alarm) for name, each in series.items()]
    if not followed:
        missing = f"{folder} holds no live session; store one with --benchmark-autosave, or give another --folder."
        raise RunError(" ".join([*problems, missing]))
    return followed, problems


def _find_one(name: str, benchmarks: Iterable[str]) -> str:
    """Return the benchmark with this name, strategy or part of the id; raise `RunError` if there is not exactly one."""
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
    raise RunError(f"{name} matches {'more than one benchmark' if found else 'no benchmark'}; name one of: {known}.")


def _name_session(session: Session) -> str:
    return f"{session.path.name} ({session.time:%Y-%m-%d})"


if __name__ == "__main__":
    sys.exit(main())
