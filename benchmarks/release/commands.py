"""Runs commands from the documents, in this interpreter's environment and in the root of the project."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from fixtures.base.errors import RunError

ROOT = Path(__file__).parents[2]
"""The root of the project."""


def run_command(command: str, *, code: int = 0) -> str:
    """Run a command that begins with `pytest` or `python -m`; return its standard output.

    Its environment has no API keys. Raise `RunError` if it begins with something else, or if its exit code is not
    `code`.
    """
    program, *arguments = shlex.split(command)
    if program == "pytest":
        arguments = ["-m", "pytest", *arguments]
    elif (program, *arguments[:1]) != ("python", "-m"):
        raise RunError(f"{command!r} cannot be run: commands must start with `pytest` or `python -m`.")
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    environment |= {"PYTEST_ADDOPTS": "-p no:cacheprovider", "COLUMNS": "80"}
    done = subprocess.run(  # noqa: S603 - the commands are from the project's own documents
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != code:
        lines = (done.stderr or done.stdout).split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "it printed nothing")
        raise RunError(f"`{command}` ended with exit code {done.returncode}, not {code}; run it to see why: {last}")
    return done.stdout
