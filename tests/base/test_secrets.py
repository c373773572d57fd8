"""A secret is found in each of the spellings listed here, and a cassette with one is not written."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from fixtures.base.errors import RunError
from fixtures.base.secret_scan import SecretScan, read_credentials, read_keys
from fixtures.exchange.reply import EVENT_STREAM, Reply
from fixtures.exchange.sent import Sent
from fixtures.recordings.cassette import Cassette
from tests.helpers.metadata import make_metadata

GOOGLE = "AIza" + "Sy0123456789abcdefghijklmnopqrstuvw"
"""A made-up key of the right length."""
BEARER = "Bearer " + "abcdef0123456789.token~of+sorts"
OWN = "my ??>>~~ k/e+y: 100 %"
URL = "https://alice:pass%2Fword@host/prefix"


@pytest.fixture(autouse=True)
def _own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", OWN)
    monkeypatch.setenv("GOOGLE_API_KEY", "none")


def encode(data: bytes | str) -> str:
    """Return text or bytes in base64."""
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def percent(text: str) -> str:
    """Return a text with each character percent-encoded."""
    return "".join(f"%{ord(character):02X}" for character in text)


def within(count: int) -> Callable[[str], str]:
    """Return a function that encodes a secret in base64 with this number of letters before it."""
    return lambda secret: encode(f"{'x' * count}{secret}yz")


def after(count: int) -> Callable[[str], str]:
    """Return a function that puts this number of letters before a secret in base64."""
    return lambda secret: "x" * count + encode(secret)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda secret: secret,
    "percent-encoded": percent,
    "percent-encoded twice": lambda secret: quote(percent(secret), safe=""),
    "HTML entities": lambda secret: "".join(f"&#{ord(character)};" for character in secret),
    "hexadecimal HTML entities": lambda secret: "".join(f"&#x{ord(character):x};" for character in secret),
    "HTML entities, percent-encoded": lambda secret: quote("".join(f"&#{ord(each)};" for each in secret)),
    "JSON escapes": lambda secret: "".join(f"\\u{ord(character):04x}" for character in secret),
    "JSON in JSON": lambda secret: json.dumps(json.dumps("".join(f"\\u{ord(each):04x}" for each in secret))),
    "backslash and x": lambda secret: "".join(f"\\x{ord(character):02x}" for character in secret),
    "hexadecimal": lambda secret: secret.encode().hex(),
    "hexadecimal, within": lambda secret: f"xabc{secret.encode().hex().upper()}d",
    "hexadecimal, with colons": lambda secret: secret.encode().hex(":"),
    "hexadecimal, with blanks": lambda secret: secret.encode().hex(" "),
    "base64": encode,
    **{f"base64 of a text, at {count}": within(count) for count in range(1, 4)},
    **{f"base64 after {count} letters": after(count) for count in range(1, 4)},
    "base64, URL-safe": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    "base64, in lines": lambda secret: base64.encodebytes(f"{'x' * 50}{secret}".encode()).decode(),
    "base64, percent-encoded": lambda secret: quote(encode(secret), safe=""),
    "base64 of percent-encoded": lambda secret: encode(percent(secret)),
    "base64 twice": lambda secret: encode(encode(secret)),
    "base64 in hexadecimal": lambda secret: encode(secret).encode().hex(),
    "UTF-16": lambda secret: secret.encode("utf-16-le").decode("latin-1"),
    "UTF-16 in base64": lambda secret: encode(secret.encode("utf-16-be")),
    "UTF-16 in hexadecimal": lambda secret: secret.encode("utf-16-le").hex(),
}
"""The spellings that are found, by name; a secret in another spelling may be stored."""
SECRETS = {
    GOOGLE: "a Google API key",
    BEARER: "a bearer token",
    OWN: "the value of GEMINI_API_KEY",
    "alice:pass/word": "the user and password of --base-url",
}


@pytest.fixture
def scan() -> SecretScan:
    """Return the scan of a run with a key in its environment and a password in its base URL."""
    return SecretScan({**read_keys(), **read_credentials(URL)})


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_found_in_this_spelling(scan: SecretScan, spelling: str, secret: str) -> None:
    """The kind of the secret is named, and it is removed completely."""
    spelled = SPELLINGS[spelling](secret)
    text = f"first line\n  error: 'refused {spelled} today'\n"
    found = scan.find(text)
    assert found is not None
    assert SECRETS[secret] in found
    removed = scan.remove(text)
    assert spelled not in removed
    assert scan.find(removed) is None


@pytest.mark.parametrize("secret", [GOOGLE, BEARER, "a key that is long and was cut off somewhere"])
def test_a_secret_that_was_cut_off_is_found(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    """Two thirds of a secret are enough, because a server's text may be cut before it is shown."""
    monkeypatch.setenv("GOOGLE_API_KEY", "a key that is long and was cut off somewhere")
    cut = secret[: len(secret) * 2 // 3]
    assert SecretScan().find({"error": [f"answered 400: {cut}..."]}) is not None
    assert cut not in SecretScan().remove(f"answered 400: {cut}...")


def test_text_around_a_secret_is_kept(scan: SecretScan) -> None:
    """A plain secret alone is removed; an encoded one is removed with its line."""
    texts = {"address": f"{URL} cannot be reached", "header": f"Basic {encode('alice:pass/word')}", "number": 3}
    assert scan.remove(texts) == {
        "address": "https://host/prefix cannot be reached",
        "header": "Basic [removed]",
        "number": 3,
    }
    assert scan.remove([f"key {GOOGLE}.\n{encode(OWN)}", "fine"]) == [
        "key [removed].\n[left out: it holds the value of GEMINI_API_KEY]",
        "fine",
    ]


@pytest.mark.parametrize(
    ("url", "echoed"),
    [
        ("http://u:pw@host", "GET http://u:pw@host/v1"),
        ("http://some-token@host", "no user some-token"),
        ("http://some-token@host", f"Basic {encode('some-token:')}"),
        ("http://bob:secret@host", "the password 'secret' is wrong"),
    ],
)
def test_the_base_urls_password_is_a_secret(url: str, echoed: str) -> None:
    """A user without a password is one too; a short password is found in its context."""
    assert SecretScan(read_credentials(url)).find(echoed) is not None


def test_deep_escapes_do_not_hide_a_secret(scan: SecretScan) -> None:
    """A secret beside them is found, although they are escaped too often to be decoded."""
    assert scan.find(f"{'%25' * 30}41 {'%' + '25' * 30}41 {encode(GOOGLE)}") is not None


def test_without_keys_and_passwords_nothing_is_found() -> None:
    """An address without a user has no credentials, and values that are too short for a key are ignored."""
    assert read_credentials("http://host:8080/@") == {}
    assert SecretScan().find("none, http://host") is None


def test_the_bundled_cassettes_have_no_secrets() -> None:
    """Digests, answers and prompts are not taken for secrets."""
    paths = sorted(Path("cassettes").rglob("*.yaml"))
    assert paths
    for path in paths:
        assert SecretScan().find(path.read_text()) is None, path


def make_stream(*texts: str) -> bytes:
    """Return the body of a stream with a text in each event."""
    events = ({"candidates": [{"content": {"parts": [{"text": text}]}}]} for text in texts)
    return b"".join(b"data: " + json.dumps(event).encode() + b"\r\n\r\n" for event in events)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'{"text": "%s"}' % GOOGLE.encode(), b"{}"),
        (b"{}", b'{"error": "%s"}' % encode(BEARER).encode()),
        (b"{}", GOOGLE.encode("utf-16")),
        (b"{}", make_stream(GOOGLE[:9]) + b"data: ?\r\n\r\n" + make_stream(GOOGLE[9:30], GOOGLE[30:])),
        (b"{}", make_stream("it is ", encode(OWN)[:9], encode(OWN)[9:])),
        (b"{}", b'{"text": "Authorization: Basic %s"}' % encode("alice:pass/word").encode()),
    ],
    ids=["request", "base64", "not UTF-8", "split over events", "split, in base64", "Basic"],
)
def test_a_cassette_with_a_secret_is_not_written(tmp_path: Path, scan: SecretScan, body: bytes, answer: bytes) -> None:
    """A key in a prompt or in an answer raises an error without the key, and the old cassette is kept."""
    path = tmp_path / "cassette.yaml"
    path.write_text("old")
    cassette = Cassette.open_for_mode(path, "rewrite", "gateway", scan)
    sent = Sent("POST", "models/m:streamGenerateContent", body)
    content_type = EVENT_STREAM if answer.startswith(b"data: ") else "application/json"
    chunks = (1.0,) * answer.count(b"\n\r\n")
    reply = Reply(200, (("content-type", content_type),), answer.replace(b"\r\n", b"\n"), 1.0, chunks)
    cassette.record(Sent("GET", "models/m", b""), "https://host/v1/models/m", {}, Reply(200, (), b"{}", 1.0), 0.0)
    cassette.record(sent, "https://host/v1/models/m:streamGenerateContent", {}, reply, 0.0)
    place = "request 2" if answer == b"{}" else "the response to request 2"
    with pytest.raises(RunError, match=rf"cassette\.yaml was not written because .*, in {place}\.") as refused:
        cassette.save(make_metadata([1.0]))
    assert scan.find(str(refused.value)) is None
    assert [entry.name for entry in tmp_path.iterdir()] == ["cassette.yaml"]
    assert path.read_text() == "old"


def test_headers_and_queries_are_stored_by_an_allow_list(tmp_path: Path) -> None:
    """Keys, cookies and login addresses in headers, and users and passwords in URLs, are left out."""
    path = tmp_path / "cassette.yaml"
    cassette = Cassette.open_to_record(path, "gateway")
    sent = Sent("POST", "models/m:generateContent", b"{}")
    request = dict.fromkeys(
        ("x-goog-api-key", "x-our-new-key", "cookie", "authorization", "proxy-authorization"), "hidden"
    )
    response = dict.fromkeys(("set-cookie", "location", "www-authenticate", "x-goog-api-key"), "hidden")
    content = {"content-type": "application/json"}
    query = "&".join(f"{name}=hidden" for name in ("key", "access_token", "token", "upload_id"))
    reply = Reply(200, tuple((content | response).items()), b"{}", 1.0)
    uri = f"https://user:hidden@host/v1/models/m:generateContent?{query}&alt=sse"
    cassette.record(sent, uri, content | request, reply, 0.0)
    cassette.save(make_metadata([1.0]))
    text = path.read_text()
    assert "hidden" not in text
    assert "uri: https://host/v1/models/m:generateContent?alt=sse" in text
