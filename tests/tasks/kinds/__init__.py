"""Tests of `fixtures/tasks/kinds`."""
