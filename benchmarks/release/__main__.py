"""Update the baseline, the figures and the output blocks in the documents; print the remaining steps of a release."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.release.blocks import Block, find_blocks, renew
from benchmarks.release.changelog import UNRELEASED, release_version
from benchmarks.release.commands import ROOT, run_command
from benchmarks.release.replay import BASELINE, COMMAND, FIGURES, Replay, find_new_figures, replay_all
from fixtures.base.errors import RunError

CHANGELOG = Path("CHANGELOG.md")
AT_SCALE = "pytest benchmarks -m scaling"
"""The command whose report has the figures about scale; it takes minutes, and is run only with `--slow`."""


def main() -> str | int | None:
    """Run the command; return an error message, or 1 if `--check` finds something out of date, else 0 or None."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.release", description=__doc__)
    parser.add_argument(
        "version", nargs="?", metavar="VERSION", help=f"the version to write in place of '{UNRELEASED}', such as 1.0.0"
    )
    parser.add_argument("--slow", action="store_true", help="also update what takes more than a minute")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something is out of date")
    arguments = parser.parse_args()
    if arguments.check and arguments.version:
        parser.error("--check writes nothing: leave out the version")
    try:
        with tempfile.TemporaryDirectory() as folder:
            changes, lines = plan_release(Path(folder), arguments.version, slow=arguments.slow)
        if not arguments.check:
            for path, content in changes.items():
                (ROOT / path).write_bytes(content)
    except (RunError, OSError) as error:
        return f"release: {error}\nNothing was changed."
    sys.stdout.writelines(f"{line}\n" for line in lines)
    if arguments.check:
        sys.stdout.writelines(f"Out of date: {path}\n" for path in changes)
        return int(bool(changes))
    sys.stdout.writelines(f"Written: {path}\n" for path in changes)
    sys.stdout.writelines(f"{line}\n" for line in list_what_remains(arguments.version, slow=arguments.slow))
    return None


def plan_release(folder: Path, version: str | None, *, slow: bool) -> tuple[dict[Path, bytes], list[str]]:
    """Return the files that a release writes, as contents by path from the root, and the lines to print.

    Write only to `folder`, which is temporary. Raise `RunError` if a command fails or the version cannot be released.
    """
    changes: dict[Path, bytes] = {}
    if version:
        text = (ROOT / CHANGELOG).read_text(encoding="utf-8")
        changes[CHANGELOG] = release_version(text, version, datetime.now(UTC).date()).encode()
    documents = list_documents()
    blocks = [
        block for document in documents for block in find_blocks(document)
    ]  # raises an error in a comment before commands are run
    replay = replay_all(folder)
    changes |= replay.files
    outputs = _Outputs(folder, replay, slow=slow)
    for document in documents:
        text = renew(document, outputs.find, exact=slow)
        if text != document.read_text(encoding="utf-8"):
            changes[document.relative_to(ROOT)] = text.encode()
    if slow:
        run_command(f"{AT_SCALE} '--report={folder / 'scale'}'")
        changes |= {FIGURES / path.name: path.read_bytes() for path in find_new_figures(folder / "scale")}
    kept = sum(1 for block in blocks if block.slow) if not slow else 0
    return changes, [
        replay.baseline,
        f"Output blocks in the documents: {len(blocks)}"
        + (f", {kept} of them not checked: their commands are slow (--slow)." if kept else "."),
    ]


def list_documents() -> list[Path]:
    """Return the Markdown files of the project, sorted, without those in hidden folders and in reports."""
    found = sorted(ROOT.rglob("*.md"))
    return [path for path in found if not any(part.startswith(".") or part == "report" for part in _split(path))]


def _split(path: Path) -> tuple[str, ...]:
    return path.relative_to(ROOT).parts


class _Outputs:
    """The outputs of the blocks' commands; each command is run once."""

    def __init__(self, folder: Path, replay: Replay, *, slow: bool) -> None:
        self._slow = slow
        self._baseline: Path | None = None
        self._printed: dict[str, str] = {}
        if BASELINE in replay.files:
            self._baseline = folder / "run.json"
        else:
            self._printed[COMMAND] = replay.output

    def find(self, block: Block) -> str | None:
        """Return the output of a block's command; None if it is slow and slow commands are not run."""
        if block.slow and not self._slow:
            return None
        if block.command not in self._printed:
            sys.stderr.write(f"Running: {block.command}{f' ({block.slow})' if block.slow else ''}\n")
            command = block.command
            if self._baseline is not None:
                command = command.replace(
                    "--benchmark-compare=0001_baseline", f"'--benchmark-compare={self._baseline}'"
                )
            self._printed[block.command] = run_command(command, code=block.exit)
        return self._printed[block.command]


def list_what_remains(version: str | None, *, slow: bool) -> Iterator[str]:
    """Yield the lines with the remaining steps."""
    yield "Remaining steps:"
    if not slow:
        yield "- after a change in timing or simulation: python -m benchmarks.release --slow"
    if version is None:
        yield "- choose a version, such as 1.0.0: python -m benchmarks.release 1.0.0"
    yield "- review the changes: git diff"
    yield "- run all tests as in CI: .ci/run"
    if version is not None:
        yield f"- commit and tag it: git commit --all --message 'Release {version}' && git tag {version}"
        yield f"- publish it: git push origin main {version}"
        yield f"- put '{UNRELEASED}' above '## {version}' in {CHANGELOG} with the next change that users notice"


if __name__ == "__main__":
    sys.exit(main())
