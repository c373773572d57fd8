"""The replay of all recordings, which updates the figures, and the baseline if it does not fit the recordings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image as PillowImage
from PIL import ImageChops

from benchmarks.release.commands import ROOT, run_command
from fixtures.base.errors import RunError

BASELINE = Path(".benchmarks/0001_baseline.json")
FIGURES = Path(".github/figures")
COMMAND = "pytest benchmarks --strict-cassettes --benchmark-compare=0001_baseline"
"""The command of `tox -e replay`, as it is written in the comments of output blocks."""
VISIBLE = 32
"""The least visible difference of two pixels, of 256 levels of red, green or blue."""
DIFFERENT = 0.003
"""The share of visibly different pixels above which two pictures are different."""
Recordings = Mapping[str, Sequence[float]]
"""The recorded seconds of the rounds, by the id of the benchmark."""


@dataclass(frozen=True)
class Replay:
    """A replay of all recordings of the project."""

    output: str
    """The standard output of the command."""
    files: dict[Path, bytes]
    """The new contents of changed figures and of a changed baseline, by path from the root."""
    baseline: str
    """A sentence that says whether the baseline is kept."""


def replay_all(folder: Path) -> Replay:
    """Replay all recordings, with the report in this folder; return the output and the files to update.

    Raise `RunError` if a recording cannot be replayed, or if a strategy got slower, fails or costs more.
    """
    stored, report = folder / "run.json", folder / "report"
    has_baseline = (ROOT / BASELINE).is_file()
    command = COMMAND if has_baseline else COMMAND.replace(" --benchmark-compare=0001_baseline", "")
    output = run_command(f"{command} '--benchmark-json={stored}' '--report={report}'")
    files = {FIGURES / path.name: path.read_bytes() for path in find_new_figures(report)}
    if not has_baseline:
        return Replay(output, files | {BASELINE: stored.read_bytes()}, f"{BASELINE} is missing; it will be created.")
    findings = json.loads((report / "verdict.json").read_text(encoding="utf-8"))
    before = list_recordings((ROOT / BASELINE).read_bytes())
    stays, sentence = judge_baseline(findings, list_recordings(stored.read_bytes()), before)
    return Replay(output, files if stays else files | {BASELINE: stored.read_bytes()}, sentence)


def list_recordings(stored: bytes) -> Recordings:
    """Return the recorded seconds of the rounds of each benchmark in a stored run, by the benchmark's id."""
    benchmarks = json.loads(stored)["benchmarks"]
    return {benchmark["fullname"]: benchmark["extra_info"]["recorded_seconds"] for benchmark in benchmarks}


def judge_baseline(findings: Mapping[str, Any], now: Recordings, before: Recordings) -> tuple[bool, str]:
    """Return whether the baseline is kept, and a sentence with the reason.

    `findings` is the content of `verdict.json`; `now` and `before` are the current recordings and the baseline's. The
    baseline is kept if the recordings are the same and all verdicts are `same`. Raise `RunError` if a benchmark failed,
    or is slower or more expensive than before with the same recording.
    """
    worse = [name for name in (*findings["slower"], *findings["grown"]) if now.get(name) == before.get(name)]
    if worse or findings["failed"]:
        raise RunError(
            "Slower or more expensive than the baseline with the same recording, or failed: "
            f"{', '.join([*worse, *findings['failed']])}. Find the cause, or delete {BASELINE} to accept them; then "
            "run the command again."
        )
    other = [name for name in now if name not in findings["same"] or now[name] != before.get(name)]
    gone = [name for name in before if name not in now]
    if not other and not gone:
        return True, f"{BASELINE} is kept: the recordings are the same, and all {len(now)} benchmarks are `same`."
    return False, f"{BASELINE} is updated: {len(other)} benchmarks are new or not `same`, {len(gone)} no longer exist."


def find_new_figures(report: Path) -> list[Path]:
    """Return the figures of a report that the documents show and that look different from the stored ones."""
    made = [report / path.name for path in sorted((ROOT / FIGURES).glob("*.png"))]
    return [path for path in made if path.is_file() and looks_different(path, ROOT / FIGURES / path.name)]


def looks_different(one: Path, other: Path) -> bool:
    """Return whether two pictures differ visibly: in size, or in more than 0.3 % of their pixels.

    Smaller differences are ignored, because two replays differ by microseconds, which moves the edges of bars.
    """
    with PillowImage.open(one) as first, PillowImage.open(other) as second:
        if first.size != second.size:
            return True
        red, green, blue = ImageChops.difference(first.convert("RGB"), second.convert("RGB")).split()
    difference = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    visible = sum(difference.histogram()[VISIBLE:])
    return visible > DIFFERENT * difference.width * difference.height
