"""Accepted levels: slower levels that later sessions are compared with, stored in `accepted.json` beside the runs."""

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
    """An accepted level of a benchmark."""

    benchmark: str
    """The benchmark's `fullname`."""
    since: datetime
    """The time of the first session of the level, in UTC."""
    because: str
    """The reason for accepting it."""
    on: date
    """The day on which it was accepted."""


def read_accepted(folder: Path) -> list[Acceptance]:
    """Return the accepted levels of the runs in this folder, in the order of acceptance; empty without the file.

    Raise `RunError` if the file cannot be read or is damaged.
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
    """Write the accepted levels and return the file's path; raise `RunError` and keep the old file if that fails."""
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
        raise RunError(f"{path} cannot be written ({error.strerror}); it was not changed.") from None
    return path


def _read_entry(entry: Any) -> Acceptance:
    """Return the acceptance of an entry; raise `ValueError`, `KeyError` or `TypeError` if it is invalid."""
    benchmark, because = entry["benchmark"], entry["because"]
    if not isinstance(benchmark, str) or not isinstance(because, str):
        raise TypeError("benchmark and because must be strings")
    since = datetime.fromisoformat(entry["since"])
    if since.tzinfo is None:
        raise ValueError("since has no time zone")
    return Acceptance(benchmark, since.astimezone(UTC), make_printable(because), date.fromisoformat(entry["on"]))
