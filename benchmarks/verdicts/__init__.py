"""Verdicts on whether a benchmark got slower, costlier or less right, and the gate that fails a run."""
