"""Tests of benchmarks/verdicts/seconds."""
