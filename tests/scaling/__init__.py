"""Tests of `benchmarks/scaling`."""
