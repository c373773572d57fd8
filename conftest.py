"""The plugins of the suite: the options, hooks and fixtures of a room stand in its `plugin.py`, in any order."""

pytest_plugins = (
    "fixtures.run.plugin",
    "benchmarks.history.plugin",
    "benchmarks.verdicts.plugin",
    "benchmarks.scaling.plugin",
    "benchmarks.report.plugin",
)
