"""The plugins of the suite: one concern a module, its options, hooks and fixtures together."""

pytest_plugins = (
    "fixtures.simulation",
    "fixtures.options",
    "fixtures.contenders",
    "fixtures.estimate",
    "fixtures.progress",
    "fixtures.measure",
    "fixtures.stored_runs",
    "fixtures.regressions",
    "fixtures.summary",
    "benchmarks.scaling.plugin",
    "benchmarks.report.plugin",
)
