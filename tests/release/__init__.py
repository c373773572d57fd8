"""Tests of `benchmarks/release`."""
