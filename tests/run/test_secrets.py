"""A key or password in a server's response is neither stored, printed nor recorded by a run."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fixtures.base.encoding import encode_base64
from fixtures.base.secret_scan import SecretScan, read_credentials
from fixtures.run import plugin
from tests.helpers.runs import read_made
from tests.helpers.suite import Run, make_images, run_suite
from tests.transport.test_bad_servers import Reply, Servers, servers

__all__ = ["servers"]  # a fixture

KEY = encode_base64(b"AIza" + b"Sy0123456789abcdefghijklmnopqrstuvw")
"""A made-up key of Google's, in base64."""
LOGIN = "alice:hunter-2"
BASIC = encode_base64(LOGIN.encode())


def run_against(servers: Servers, folder: Path, text: str, *options: str | Path) -> Run:
    """Run a strategy against a server that answers with a text, and names the base URL's login as the model version."""
    content = {"content": {"parts": [{"text": text}], "role": "model"}, "finishReason": "STOP"}
    server = servers.start(Reply(200, json.dumps({"candidates": [content], "modelVersion": LOGIN}).encode()))
    images = make_images(folder / "two", {"a.jpg": 1, "b.jpg": 2})
    places = (f"--images={images}", f"--cassette-dir={folder / 'cassettes'}", "-k", "concurrent", "--rounds=1")
    return run_suite(folder, *places, f"--base-url={server.url.replace('//', f'//{LOGIN}@')}", *options)


def test_a_live_run_stores_and_prints_no_secret(tmp_path: Path, servers: Servers) -> None:
    """No spelling of a secret is in the stored run, the page, the CSV, the summary or the terminal."""
    text = f"your key is {KEY}, and you sent: Basic {BASIC}"
    stored = ("--benchmark-autosave", f"--report={tmp_path / 'report'}", f"--junitxml={tmp_path / 'junit.xml'}")
    run = run_against(servers, tmp_path, text, "--live", *stored)
    assert run.code == pytest.ExitCode.TESTS_FAILED
    written = {path.name: path.read_text() for path in tmp_path.rglob("*.*") if path.suffix not in (".jpg", ".png")}
    assert {"run.json", "index.html", "rows.csv", "summary.md", "verdict.json", "junit.xml"} < set(written)
    scan = SecretScan(read_credentials(f"http://{LOGIN}@host"))
    found = {name: scan.find(each) for name, each in {**written, "terminal": run.output}.items()}
    assert {name: what for name, what in found.items() if what} == {}
    left_out = "[left out: it holds what looks like a Google API key]"
    assert run.info("concurrent")["errors"] == {"a.jpg": left_out, "b.jpg": left_out}
    assert run.info("concurrent")["model_version"] == "[removed]"
    assert left_out in written["rows.csv"]
    assert left_out in run.output


def test_the_base_urls_password_is_not_recorded(tmp_path: Path, servers: Servers) -> None:
    """A recording whose responses contain the password is refused in one sentence."""
    run = run_against(servers, tmp_path, "3", "--record-mode=rewrite")
    assert run.code == pytest.ExitCode.TESTS_FAILED
    assert (
        "was not written because it would contain the user and password of --base-url, in the response to" in run.output
    )
    assert LOGIN not in run.output
    assert not list(tmp_path.rglob("*.yaml"))


def test_what_a_test_printed_is_shown_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines with a secret are replaced in captured output and tracebacks; other lines are kept."""
    monkeypatch.setattr(plugin, "get_settings", lambda _: SimpleNamespace(secret_scan=SecretScan()))
    text, left = f"before\n{KEY}\nafter", "before\n[left out: it holds what looks like a Google API key]\nafter"
    output = [("Captured stdout call", text)]
    report = pytest.TestReport("a.py::test", ("a.py", 1, "test"), {}, "failed", text, "call", output)
    hook: Any = plugin.pytest_runtest_makereport(cast(pytest.Item, SimpleNamespace(config=None)))
    next(hook)
    with pytest.raises(StopIteration):
        hook.send(report)
    assert (report.longrepr, report.sections) == (left, [("Captured stdout call", left)])


def test_a_stored_run_is_read_without_secrets() -> None:
    """A secret that an earlier version stored is removed when the run is read."""
    made = read_made("sequential", errors={"a.jpg": f"blocked: {KEY}"})
    assert made.record.errors == {"a.jpg": "[left out: it holds what looks like a Google API key]"}
