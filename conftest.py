"""The plugins of the suite, in any order; the `plugin.py` of a room has its options, hooks and fixtures."""

pytest_plugins = (
    "fixtures.run.plugin",
    "benchmarks.history.plugin",
    "benchmarks.verdicts.plugin",
    "benchmarks.scaling.plugin",
    "benchmarks.report.plugin",
)
