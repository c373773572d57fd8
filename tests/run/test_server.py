"""The bundled simulator is started with the options of the run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from fixtures.run import measure
from fixtures.run.options.settings import Simulation
from tests.helpers.settings import PLAIN


@pytest.mark.parametrize(("resumes", "seeds"), [(False, []), (True, ["--seed=2"])])
def test_a_resumed_recording_uses_another_seed(
    monkeypatch: pytest.MonkeyPatch, *, resumes: bool, seeds: list[str]
) -> None:
    """With the same seed, a new simulator would repeat the faults of the round that failed."""
    given: list[str] = []

    @contextmanager
    def run_simulator(*, options: list[str], **_: Any) -> Iterator[str]:
        given.extend(options)
        yield "http://simulator"

    monkeypatch.setattr(measure, "run_simulator", run_simulator)
    settings = replace(PLAIN, mode="rewrite", simulation=Simulation("http", rpm=5), resumes=resumes)
    with measure.find_server(settings) as url:
        assert url == "http://simulator"
    assert given == ["--rpm=5", *seeds]
