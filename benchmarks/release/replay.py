"""The replay of all recordings, and what it renews: the baseline, where it is of other recordings, and the figures."""

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
"""What `tox -e replay` runs, as blocks of output name it."""
VISIBLE = 64
"""The difference of two pixels that is seen, in shades of grey of 256."""
DIFFERENT = 0.005
"""The share of pixels from which on two pictures are different."""
Recordings = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Replay:
    """A replay of all recordings of the project."""

    output: str
    """What it printed."""
    files: dict[Path, bytes]
    """What it renews, by path from the root; a figure or baseline that stays as it is is not among them."""
    baseline: str
    """A sentence: whether the baseline stays."""


def replay_all(folder: Path) -> Replay:
    """Replay all recordings, with the report in this folder, and tell what is to be renewed.

    Raise `RunError` where a recording cannot be replayed, or where a strategy got slower, fails or costs more.
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
    """Tell whether a baseline stays, and say why, from the words of `verdict.json` and what is and was recorded.

    It stays where all that is replayed is of the same recordings and `same`. Raise `RunError` where a benchmark has
    failed, or is slower or dearer than before with the same recording.
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
    """Return the figures of a report that the documents show and that look different from those stored."""
    made = [report / path.name for path in sorted((ROOT / FIGURES).glob("*.png"))]
    return [path for path in made if path.is_file() and looks_different(path, ROOT / FIGURES / path.name)]


def looks_different(one: Path, other: Path) -> bool:
    """Tell whether two pictures differ visibly: in size, or in more than 0.5 % of their pixels.

    Two replays differ by microseconds, and so do the edges of their bars.
    """
    with PillowImage.open(one) as first, PillowImage.open(other) as second:
        if first.size != second.size:
            return True
        difference = ImageChops.difference(first.convert("L"), second.convert("L"))
    visible = sum(difference.histogram()[VISIBLE:])
    return visible > DIFFERENT * difference.width * difference.height
