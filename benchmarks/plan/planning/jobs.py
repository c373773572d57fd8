"""Divides requests that are too large for one batch job into files, each of which is a job."""

import math
from dataclasses import dataclass

from benchmarks.plan.requirements import Requirements
from benchmarks.scaling.machine import count_files, find_images_a_file
from fixtures.run.record.record import Client

BY_FILES = "batch jobs by requests_file"
"""The name of a plan with several files, written by `benchmarks.plan.requests_file`."""


@dataclass(frozen=True)
class Division:
    """Files of requests about one image each; each file is a job."""

    files: int
    """The number of files."""
    at_once: int
    """The number of jobs that run at the same time."""
    most_images: int | None = None
    """The largest number of images in a file; None if only the file size limits it."""

    @property
    def turns(self) -> int:
        """The number of successive groups of jobs."""
        return math.ceil(self.files / self.at_once)

    @property
    def remark(self) -> str:
        """The jobs as a clause, such as `4 jobs, 2 at a time, each up to 24 h`; empty for a single job."""
        if self.files == 1:
            return ""
        order = f"{self.at_once} at a time" if 1 < self.at_once < self.files else "one after another"
        return f"{self.files} jobs, {'all at once' if self.turns == 1 else order}, each up to 24 h"


def divide_requests(required: Requirements, client: Client, input_tokens: float) -> Division | None:
    """Return the files of the requests, with `input_tokens` tokens per request, in the fewest successive groups.

    The Files API limits the size of a file, and `batch_tokens` limits the tokens of the jobs that run at the same time.
    Return None if one request exceeds that limit.
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
