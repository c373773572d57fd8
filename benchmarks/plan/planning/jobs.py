"""Divides the requests of a batch job that are too much for one: into files, and into jobs that run in turn."""

import math
from dataclasses import dataclass

from benchmarks.plan.requirements import Requirements
from benchmarks.scaling.machine import count_files, find_images_a_file
from fixtures.run.record.record import Client

BY_FILES = "batch jobs by requests_file"
"""The name of a plan of several files: `benchmarks.plan.requests_file` writes them, and each is a job."""


@dataclass(frozen=True)
class Division:
    """Files of requests about one image each, every one of which is a job."""

    files: int
    """The number of files."""
    at_once: int
    """The number of jobs under way at a time."""
    most_images: int | None = None
    """The largest number of images in a file; None where only the size of a file limits it."""

    @property
    def turns(self) -> int:
        """How often so many jobs run, one after another."""
        return math.ceil(self.files / self.at_once)

    @property
    def remark(self) -> str:
        """What is to be said of the jobs, as a clause; empty of a single one."""
        if self.files == 1:
            return ""
        order = f"{self.at_once} at a time" if 1 < self.at_once < self.files else "one after another"
        return f"{self.files} jobs, {'all at once' if self.turns == 1 else order}, each up to 24 h"


def divide_requests(required: Requirements, client: Client, input_tokens: float) -> Division | None:
    """Return how many files the requests take, with so many input tokens each, so that the fewest jobs run in turn.

    A file is as large as the Files API takes, and the jobs under way have no more tokens than they may have together.
    Return None where one request has more.
    """
    images = required.images
    held = images
    if required.batch_tokens is not None and input_tokens:
        held = int(required.batch_tokens / input_tokens)
    if not held:
        return None
    if held >= images:
        files = count_files(client, images)
        return Division(files, files)
    at_once = math.ceil(held / find_images_a_file(client))
    most = held // at_once
    return Division(math.ceil(images / most), at_once, most)
