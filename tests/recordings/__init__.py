"""Tests of `fixtures/recordings`."""
