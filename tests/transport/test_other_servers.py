"""A Gemini-compatible server can be recorded from, below a prefix and with either API version."""

from pathlib import Path

import pytest
import yaml

from tests.helpers.suite import make_images, run_suite
from tests.transport.test_bad_servers import ANSWER, Reply, Servers, servers

__all__ = ["servers"]  # a fixture


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_a_gateway_below_a_prefix_is_recorded_by_its_hosts_name(tmp_path: Path, servers: Servers, version: str) -> None:
    """The stored address has prefix and API version, but the replay matches without them."""
    server = servers.start(Reply(200, ANSWER % b"3"))
    folder = make_images(tmp_path / "two", {"a.jpg": 3, "b.jpg": 3})
    places = (f"--images={folder}", f"--cassette-dir={tmp_path / 'cassettes'}", "-k", "concurrent")
    options = ("--record-mode=rewrite", f"--base-url={server.url}/our/gateway/", f"--api-version={version}")
    model = "gemini-3.5-flash"
    recorded = run_suite(tmp_path, *places, *options, f"--model={model}", "--rounds=1")
    assert recorded.code == 0, recorded.output
    host = server.url.removeprefix("http://")
    assert recorded.info("concurrent")["source"] == host
    (path,) = (tmp_path / "cassettes").rglob("*.yaml")
    document = yaml.safe_load(path.read_text())
    assert document["metadata"]["source"] == host
    address = f"{server.url}/our/gateway/{version}/models/{model}:generateContent"
    assert {interaction["request"]["uri"] for interaction in document["interactions"]} == {address}
    replayed = run_suite(tmp_path, *places, "--strict-cassettes")
    assert replayed.code == 0, replayed.output
    assert replayed.info("concurrent")["answers"] == {"a.jpg": 3, "b.jpg": 3}
    assert f"Replayed from recordings of {host} (" in replayed.output
