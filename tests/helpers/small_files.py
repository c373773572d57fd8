"""A pytest plugin with which the Files API takes no more than nine bytes: two gigabytes are too many for a test."""

import sys

import benchmarks.strategies

sys.modules[f"{benchmarks.strategies.__name__}.batch_files"].MOST_FILE_BYTES = 9  # type: ignore[attr-defined]
