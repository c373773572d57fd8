"""The settings of a run, as read from the command line."""

from pathlib import Path

from fixtures.run.options.settings import DEFAULT_CHUNK, DEFAULT_CONCURRENCY, Settings, Simulation

ROOT = Path("/project")
PLAIN = Settings(
    mode="none",
    live=False,
    models=(),
    task="",
    model_settings={},
    image_sets=(),
    rounds=6,
    order="interleaved",
    resumes=False,
    simulation=Simulation(),
    base_url=None,
    api_version=None,
    max_cost=None,
    force=False,
    real_waits=False,
    root=ROOT,
    cassette_dir=ROOT / "cassettes",
    strict_cassettes=False,
    concurrency=DEFAULT_CONCURRENCY,
    chunk=DEFAULT_CHUNK,
    max_errors=0,
)
"""The settings of a replay without any options."""
