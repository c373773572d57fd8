"""Tests of the adapter to pytest-benchmark."""
