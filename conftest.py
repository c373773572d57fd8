"""The plugins of the suite: one concern a module, its options, hooks and fixtures together."""

pytest_plugins = (
    "fixtures.run.simulation",
    "fixtures.run.options",
    "fixtures.run.contenders",
    "fixtures.run.estimate",
    "fixtures.run.progress",
    "fixtures.run.measure",
    "benchmarks.history.stored_runs",
    "benchmarks.verdicts.plugin",
    "benchmarks.report.summary",
    "benchmarks.scaling.plugin",
    "benchmarks.report.plugin",
)
