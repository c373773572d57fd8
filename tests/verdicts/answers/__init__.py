"""Tests of benchmarks/verdicts/answers."""
