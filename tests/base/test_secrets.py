"""Nothing that looks like a key is ever written, however it is spelled, and the old cassette stays."""

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from fixtures.base.errors import RunError
from fixtures.base.secret_scan import find_secret
from fixtures.exchange.reply import Reply
from fixtures.exchange.sent import Sent
from fixtures.recordings.cassette import Cassette
from tests.helpers.metadata import make_metadata

GOOGLE = "AIza" + "Sy0123456789abcdefghijklmnopqrstuvw"
"""Made up, with a key's length."""
BEARER = "Bearer " + "abcdef0123456789.token~of+sorts"
OWN = "my own k/e+y: 100 %"


@pytest.fixture(autouse=True)
def _own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", OWN)
    monkeypatch.setenv("GOOGLE_API_KEY", "none")


def encodings(secret: str) -> list[str]:
    """Return a secret as it is, percent-encoded, and in base64 of either alphabet, whole and inside of a text."""
    within = [f"{'x' * count}{secret}yz".encode() for count in range(3)]
    return [
        secret,
        f"?key={quote(secret, safe='')}&alt=sse",
        *(base64.b64encode(data).decode() for data in (secret.encode(), *within)),
        *(base64.urlsafe_b64encode(data).decode().rstrip("=") for data in (secret.encode(), *within)),
        quote(base64.b64encode(secret.encode()).decode(), safe=""),
    ]


@pytest.mark.parametrize(
    ("secret", "kind"),
    [(GOOGLE, "a Google API key"), (BEARER, "a bearer token"), (OWN, "the value of GEMINI_API_KEY")],
)
def test_a_secret_is_found_in_every_spelling(secret: str, kind: str) -> None:
    """The kind and the line are told, and not the secret."""
    for spelled in encodings(secret):
        found = find_secret(f"first line\n  error: 'refused {spelled} today'\n")
        assert found is not None, spelled
        assert kind in found
        assert "(line 2)" in found
        assert secret not in found


def test_what_cassettes_hold_is_no_secret() -> None:
    """Digests, answers and prompts pass: none of the published cassettes is refused."""
    paths = sorted(Path("cassettes").rglob("*.yaml"))
    assert paths
    for path in paths:
        assert find_secret(path.read_text()) is None, path


@pytest.mark.parametrize("secret", [GOOGLE, BEARER, OWN])
@pytest.mark.parametrize("place", ["request", "response"])
def test_a_cassette_with_a_secret_is_not_written(tmp_path: Path, secret: str, place: str) -> None:
    """A key in a prompt, or sent back in an error's text, is refused; the old cassette stays as it was."""
    path = tmp_path / "cassette.yaml"
    path.write_text("old")
    cassette = Cassette.open_to_record(path, "gemini")
    prompt, answer = (secret, "fine") if place == "request" else ("fine", secret)
    sent = Sent("POST", "models/m:generateContent", b'{"text": "%s"}' % prompt.encode())
    reply = Reply(200, (), b'{"error": "%s"}' % answer.encode(), 1.0)
    cassette.record(sent, "https://host/v1/models/m:generateContent", {}, reply, 0.0)
    with pytest.raises(RunError, match=r"cassette\.yaml was not written: it would hold .* \(line \d+\)") as refused:
        cassette.save(make_metadata([1.0]))
    assert secret not in str(refused.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["cassette.yaml"]
    assert path.read_text() == "old"


def test_headers_and_queries_are_stored_by_an_allow_list(tmp_path: Path) -> None:
    """A key under whatever name, a cookie, or a user's password in the address are left out."""
    path = tmp_path / "cassette.yaml"
    cassette = Cassette.open_to_record(path, "gateway")
    sent = Sent("POST", "models/m:generateContent", b"{}")
    headers = {"content-type": "application/json", "x-goog-api-key": "k1", "x-our-new-key": "k2", "cookie": "k3"}
    reply = Reply(200, (("content-type", "application/json"), ("set-cookie", "k4")), b"{}", 1.0)
    cassette.record(sent, "https://user:k5@host/v1/models/m:generateContent?key=k6&alt=sse", headers, reply, 0.0)
    cassette.save(make_metadata([1.0]))
    text = path.read_text()
    assert not [key for key in ("k1", "k2", "k3", "k4", "k5", "k6") if key in text]
    assert "uri: https://host/v1/models/m:generateContent?alt=sse" in text
