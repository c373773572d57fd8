"""The custom kind of answer in CONTRIBUTING.md works as printed there, in a whole run."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.report.__main__ import main
from fixtures.tasks.question import load_question
from tests.helpers.forks import ROOT
from tests.helpers.runs import make_benchmark, store
from tests.helpers.suite import run_suite


def test_the_kind_that_contributing_shows_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--task` the kind makes the prompt, reads, scores and shows answers; the simulator makes up wrong ones."""
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
        *("--simulate=virtual", f"--images={photos}", "--task=photo_tags:TAGS", "--rounds=1", "-k", "sequential", "-v"),
        *("-o", f"pythonpath={tmp_path}"),
    )
    assert run.code == 0, run.output
    assert run.info("sequential")["task"] == {"answer": "photo_tags:TAGS"}
    assert run.info("sequential")["truth"] == {"bus.jpg": "blue, shoe"}
    assert re.search(r"^bus\.jpg +blue, shoe +\w+, \w+$", run.output, re.MULTILINE)


def test_a_stored_run_with_a_custom_kind_is_reported_if_the_kind_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `--task`, the report asks for it instead of importing the module."""
    made = make_benchmark("sequential", rounds=1)
    rounds = made["extra_info"]["answers_by_round"]
    answers = dict.fromkeys(rounds[0], "shoe")
    made["extra_info"] |= {"task": {"answer": "own_tags:TAGS"}, "answers": answers, "answers_by_round": [answers]}
    made["extra_info"] |= {"truth": answers, "right": 1.0, "mean_absolute_error": None}
    stored = store(tmp_path, 1, [made])
    (tmp_path / "own_tags.py").write_text(
        "from fixtures.tasks.kinds.label import Label\nTAGS = Label(('shoe', 'shirt'))\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    command = ["report", str(stored), "-o", str(tmp_path / "report")]
    monkeypatch.setattr(sys, "argv", command)
    assert main() == ("report: gemini-3.5-flash, made-up: its answers are of a custom kind; give --task=own_tags:TAGS.")
    monkeypatch.setattr(sys, "argv", [*command, "--task=own_tags"])
    assert main() == "report: --task own_tags lacks the name of an object; write PACKAGE.MODULE:NAME."
    monkeypatch.setattr(sys, "argv", [*command, "--task=own_tags:TAGS"])
    assert main() is None
    assert "100 % right" in (tmp_path / "report/index.html").read_text(encoding="utf-8")
