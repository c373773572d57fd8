"""A server is named by the host of its URL, and Google's hosts are recognised in any spelling."""

import pytest

from fixtures.base.sources import find_source


@pytest.mark.parametrize(
    "url",
    [
        "https://generativelanguage.googleapis.com",
        "https://generativelanguage.googleapis.com/",
        "https://GENERATIVELANGUAGE.GoogleAPIs.com",
        "https://generativelanguage.googleapis.com:443/v1beta",
        "https://generativelanguage.googleapis.com:8443",
        "http://generativelanguage.googleapis.com",
        "https://generativelanguage.googleapis.com.",
        "https://generativelanguage。googleapis。com",
        "https://user:password@generativelanguage.googleapis.com",
        "https://us-central1-aiplatform.googleapis.com",
        "https://aiplatform.eu.rep.googleapis.com",
        "https://generativelanguage.mtls.googleapis.com",
    ],
)
def test_googles_hosts_are_gemini(url: str) -> None:
    """Case, port, scheme, slash, dot and region do not matter."""
    assert find_source(url) == "gemini"


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
        ("http://user:password@gateway.example:80/gemini", "gateway.example"),
        ("https://googleapis.com.example/", "googleapis.com.example"),
        ("https://my-googleapis.com/", "my-googleapis.com"),
        ("https://generativelanguage.googleapis.com@gateway.example/", "gateway.example"),
        ("http://[::1]:8080", "[::1]:8080"),
    ],
)
def test_another_host_is_named_by_itself(url: str, source: str) -> None:
    """User, password and the scheme's default port are left out; similar names are not Google's."""
    assert find_source(url) == source
