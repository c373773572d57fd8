"""The kind of answer that CONTRIBUTING shows works as it stands there, through a whole run."""

import re
import shutil
from pathlib import Path

import pytest

from fixtures.tasks.question import load_question
from tests.helpers.forks import ROOT
from tests.helpers.suite import run_suite


def test_the_kind_that_contributing_shows_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for, read, scored and shown with `--task`, and made up by the simulator."""
    (code,) = re.findall(r"```python\n(\"\"\"Tags: .*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "photo_tags.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("bus.jpg", "crowd1.jpg"):
        shutil.copy(ROOT / "fixtures/images/four" / name, photos)
    words = "Which of red, blue, shoe, shirt describe this photo? Separate them by commas."
    (photos / "task.toml").write_text(f'question = "{words}"\n[truth]\n"bus.jpg" = "blue, shoe"\n', encoding="utf-8")

    kind = load_question(str(photos), "photo_tags:TAGS").kind
    assert kind.read_text("Shoe, blue.") == "blue, shoe"
    assert kind.score("blue, red", "blue, shoe") == 0.5

    run = run_suite(
        tmp_path,
        *("--simulate=virtual", f"--images={photos}", "--task=photo_tags:TAGS", "--rounds=1", "-k", "sequential"),
        *("-o", f"pythonpath={tmp_path}"),
    )
    assert run.code == 0, run.output
    assert run.info("sequential")["task"] == {"answer": "photo_tags:TAGS"}
    assert run.info("sequential")["truth"] == {"bus.jpg": "blue, shoe"}
    assert re.search(r"^bus\.jpg +blue, shoe +\w+, \w+$", run.output, re.MULTILINE)
