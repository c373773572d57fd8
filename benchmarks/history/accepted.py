"""Slower levels that somebody has accepted, so that they are the level: `accepted.json` beside the stored runs."""

import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from fixtures.base.errors import RunError
from fixtures.base.printable import make_printable

FILE = "accepted.json"
"""The name of the file."""
LIVE = Path(".benchmarks/live")
"""The folder in which live sessions of Gemini are stored."""


@dataclass(frozen=True)
class Acceptance:
    """A level that somebody has accepted."""

    benchmark: str
    """The benchmark's `fullname`."""
    since: datetime
    """The time of the session with which the level begins, in UTC."""
    because: str
    """Why it was accepted."""
    on: date
    """The day on which it was accepted."""


def read_accepted(folder: Path) -> list[Acceptance]:
    """Return what was accepted of the runs in this folder, in that order; raise `RunError` where the file is damaged.

    Without the file, nothing was.
    """
    path = folder / FILE
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
        return [_read_entry(entry) for entry in document["accepted"]]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}); repair it, or restore an earlier version.") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise RunError(f"{path} is damaged ({reason:.100}); repair it, or restore an earlier version.") from None


def write_accepted(folder: Path, accepted: Iterable[Acceptance]) -> Path:
    """Write what was accepted and return the file's path; raise `RunError`, the old file kept, where that fails."""
    path = folder / FILE
    entries = [
        {
            "benchmark": each.benchmark,
            "since": each.since.isoformat(),
            "because": each.because,
            "on": each.on.isoformat(),
        }
        for each in accepted
    ]
    text = json.dumps({"accepted": entries}, indent=1) + "\n"
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=".accepted-")
        written = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            written.chmod(0o644)
            written.replace(path)
        except BaseException:
            written.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RunError(f"{path} cannot be written ({error.strerror}); what was there is kept.") from None
    return path


def _read_entry(entry: Any) -> Acceptance:
    """Return an entry of the file; raise `ValueError`, `KeyError` or `TypeError` where it is none."""
    benchmark, because = entry["benchmark"], entry["because"]
    if not isinstance(benchmark, str) or not isinstance(because, str):
        raise TypeError("benchmark and because are texts")
    since = datetime.fromisoformat(entry["since"])
    if since.tzinfo is None:
        raise ValueError("since has no time zone")
    return Acceptance(benchmark, since.astimezone(UTC), make_printable(because), date.fromisoformat(entry["on"]))
