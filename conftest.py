"""The plugins of the suite, in any order; a room's `plugin.py` has its options, hooks and fixtures."""

pytest_plugins = (
    "fixtures.run.plugin",
    "benchmarks.history.plugin",
    "benchmarks.verdicts.plugin",
    "benchmarks.scaling.plugin",
    "benchmarks.report.plugin",
)
