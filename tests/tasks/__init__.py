"""Tests of `fixtures/tasks`."""
