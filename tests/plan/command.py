"""The types of the fixture that runs the command."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """The output and exit code of the command."""

    code: int
    stdout: str
    stderr: str


Command = Callable[..., Told]
"""Runs the command with options, with few simulated requests and nothing measured."""
