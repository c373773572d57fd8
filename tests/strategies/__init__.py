"""Tests of `benchmarks/strategies`."""
