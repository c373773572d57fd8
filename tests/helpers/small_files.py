"""A pytest plugin that limits files of requests to nine bytes, because two gigabytes are too many for a test."""

import sys

import benchmarks.strategies

sys.modules[f"{benchmarks.strategies.__name__}.batch_files"].MOST_FILE_BYTES = 9  # type: ignore[attr-defined]
