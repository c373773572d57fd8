"""What the command says, as tests get it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """What the command said."""

    code: int
    stdout: str
    stderr: str


Command = Callable[..., Told]
"""Runs the command with options, with few simulated requests and nothing measured."""
