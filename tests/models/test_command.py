"""Tests of `python -m benchmarks.models`: the known facts about models, and the models that an API lists."""

import json
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from benchmarks.models.tables import make_model_rows
from fixtures.models.known_models import read_known_models
from fixtures.simulator.serving.process import run_simulator
from tests.helpers.forks import run_python
from tests.helpers.suite import environment_of_users

KNOWN = read_known_models().models
REFUSED = {
    "error": {
        "code": 400,
        "message": "API key not valid. Please pass a valid API key.",
        "status": "INVALID_ARGUMENT",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
    }
}


def run_command(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a user's environment, with these additional variables."""
    return run_python(["-m", "benchmarks.models", *options], env=environment_of_users() | environment, timeout=120)


@contextmanager
def serve(status: int, *pages: Mapping[str, Any]) -> Iterator[str]:
    """Serve this status and the next of the pages for each request; the last page is repeated."""
    left = [json.dumps(page).encode() for page in pages]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_table_marks_how_sure_each_cell_is() -> None:
    """A reported cell ends with a question mark, an assumed one with a tilde; the default level has a star."""
    _, *rows = make_model_rows(KNOWN.values(), date(2026, 11, 25))
    cells = {row[0]: row[1:] for row in rows}
    assert cells["gemini-3.8-flash"] == [
        "current since 2026-09-02",
        "low, medium*, high",
        "1,120 (280, 560, 1,120)",
        "4,096",
        "flex x 0.5, priority x 1.8",
    ]
    assert cells["gemini-4-argon"][2] == "1,120 (280, 560, 1,120) ~"
    assert cells["gemini-3-pro-preview"][:2] == ["shut down on 2026-03-09", "low, high* ?"]
    assert cells["gemini-3.5-flash"][0] == "answered by gemini-3.6-flash since 2026-10-08"
    assert cells["gemini-2.5-flash"] == [
        "answered by gemini-3.5-flash-lite from 2026-12-01 ?",
        "token budget",
        "258 (-, -, -) ?",
        "2,048",
        "-",
    ]


def test_without_a_key_the_file_alone_is_printed() -> None:
    """Without a key every known model has a row, and a sentence says what a key adds."""
    done = run_command()
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[2 : 2 + len(KNOWN)]] == list(KNOWN)
    assert "No mark: confirmed; ?: reported by others; ~: assumed for estimates; *: default." in done.stdout
    assert "Set GEMINI_API_KEY to print the models that the API lists, too." in done.stdout


def test_a_narrow_terminal_has_fewer_columns() -> None:
    """The table fits into 80 characters; the most important columns are kept, and the others are named."""
    lines = run_command(COLUMNS="80").stdout.splitlines()
    assert lines[0].split() == ["model", "state"]
    assert len(lines[0]) <= 80
    assert any(line.startswith("Columns for which the terminal is too narrow: thinking, image ") for line in lines)


def test_every_fact_of_one_model_has_its_source() -> None:
    """Each fact has its source and the day on which it was looked up; an unknown model is an error."""
    done = run_command("gemini-3.7-flash")
    assert done.returncode == 0, done.stderr
    row = r"^rerouted +2026-10-08 +confirmed +2026-11-25 +ai\.google\.dev/gemini-api/docs/changelog$"
    assert re.search(row, done.stdout, re.MULTILINE)
    assert re.search(r"^image tokens, low +280 +confirmed +\d{4}-\d\d-\d\d +\S", done.stdout, re.MULTILINE)
    unknown = run_command("gemini-9")
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("models: gemini-9 is not a known model; name one of gemini-4-argon, ")
    assert "Traceback" not in unknown.stderr


def test_the_models_of_a_server_are_listed() -> None:
    """The models of the simulator are listed, and a sentence names the known models that it does not list."""
    with run_simulator() as url:
        done = run_command(f"--base-url={url}")
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"^gemini-3\.8-flash +yes +simulated +gemini-3\.8-flash, simulated +- +-$", done.stdout, re.MULTILINE
    )
    assert f"{url} does not list gemini-3.7-flash, gemini-3.6-flash." in done.stdout


def test_every_page_of_the_list_is_read_and_its_texts_are_made_safe() -> None:
    """All pages are read, a model without known facts has `no`, and escape characters are made printable."""
    new = {"name": "models/gemini-9", "version": "9.0", "displayName": "Nine\x1b[31m", "inputTokenLimit": 1048576}
    pages = (
        {"models": [new | {"thinking": True}], "nextPageToken": "2"},
        {"models": [{"name": "models/gemini-2.5-pro"}]},
    )
    with serve(200, *pages) as url:
        done = run_command("--base-url", url, GEMINI_API_KEY="made-up-key")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^gemini-9 +no +9\.0 +Nine\\x1b\[31m +1,048,576 +yes$", done.stdout, re.MULTILINE)
    assert re.search(r"^gemini-2\.5-pro +yes +- +- +- +-$", done.stdout, re.MULTILINE)


def test_for_one_model_only_its_row_is_listed() -> None:
    """With a model's name, the list has only its row, or a sentence says that the model is not listed."""
    with serve(200, {"models": [{"name": "models/gemini-2.5-pro", "version": "2.5"}]}) as url:
        there = run_command("gemini-2.5-pro", "--base-url", url)
        lacking = run_command("gemini-3.8-flash", "--base-url", url)
    assert re.search(r"^gemini-2\.5-pro +yes +2\.5 ", there.stdout, re.MULTILINE)
    assert "does not list" not in there.stdout
    assert f"{url} does not list gemini-3.8-flash." in lacking.stdout


def test_a_failed_list_is_one_sentence() -> None:
    """Without a server, with a bad key or an empty list, the exit code is 1, and no secret is printed."""
    nowhere = run_command("--base-url=http://me:secret-word@127.0.0.1:1")
    told = "models: http://127.0.0.1:1 cannot be reached ("
    with serve(400, REFUSED) as url:
        refused = run_command("--base-url", url, GEMINI_API_KEY="made-up-key")
    with serve(200, {}) as empty_url:
        empty = run_command("--base-url", empty_url)
    broken = run_command(GEMINI_API_KEY="made-up\nkey")
    assert nowhere.stderr.startswith(told)
    assert (
        f"models: {url} answered 400 (INVALID_ARGUMENT): API key not valid. Please pass a valid API key."
        in refused.stderr
    )
    assert f"models: {empty_url} lists no models." in empty.stderr
    assert "holds characters that a key cannot have, such as a line break; set it again." in broken.stderr
    for done in (nowhere, refused, empty, broken):
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "secret-word" not in done.stdout + done.stderr
        assert "made-up" not in done.stdout + done.stderr
        assert "gemini-3.8-flash" in done.stdout or done is broken, "the known facts are printed before the error"
