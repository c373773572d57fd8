"""The private parts of vcrpy that the suite uses exist in the installed version."""

import inspect
from pathlib import Path

import pytest
from vcr.cassette import Cassette
from vcr.record_mode import RecordMode

from fixtures.recordings.vcrpy import VcrCassette


@pytest.mark.parametrize("name", ["_load", "_save", "_rerecorded_interactions"])
def test_vcrpy_has_the_method(name: str) -> None:
    """Vcrpy's Cassette has each private method that `fixtures/recordings/vcrpy.py` calls or overrides."""
    assert callable(getattr(Cassette, name, None)), f"vcrpy's Cassette has no {name} any more"


@pytest.mark.parametrize("name", ["_metadata", "_loaded_count"])
def test_vcrpy_has_the_attribute(tmp_path: Path, name: str) -> None:
    """Vcrpy's Cassette has each private attribute that `fixtures/recordings/vcrpy.py` reads."""
    assert hasattr(Cassette(str(tmp_path / "c.yaml")), name), f"vcrpy's Cassette has no {name} any more"


def test_vcrpy_saves_by_force() -> None:
    """`_save` has the parameter `force`, which saves a cassette whose metadata alone have changed."""
    assert "force" in inspect.signature(Cassette._save).parameters, "vcrpy's Cassette._save has no `force` any more"  # noqa: SLF001


def test_vcrpy_saves_what_merge_interactions_returns(tmp_path: Path) -> None:
    """Vcrpy writes the interactions that `merge_interactions` returns, and no others."""

    class Empty(VcrCassette):
        def merge_interactions(self) -> list[object]:  # type: ignore[override]
            return []

    cassette = Empty(str(tmp_path / "c.yaml"), record_mode=RecordMode.ALL)
    cassette.save_file({"rounds": [1.0]})
    assert (tmp_path / "c.yaml").read_text().count("interactions: []") == 1
