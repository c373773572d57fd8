"""The simulator is a real server: other processes reach it over a socket, wait for it, and end it."""

import asyncio
import base64
import hashlib
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import errors, types

from fixtures.base.errors import RunError
from fixtures.simulator.serving.process import run_simulator
from tests.helpers.forks import ROOT
from tests.helpers.tasks import write_task

MODEL = "gemini-3-pro-preview"
TIME_SCALE = 0.01
JPEG = b"\xff\xd8\xff" + b"made up" * 100
ONE = "Count the number of people in this image. Return just the integer number."


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Run a simulator at a hundredth of the seconds."""
    with run_simulator(time_scale=TIME_SCALE) as url:
        yield url


def make_body(data: bytes = JPEG, text: str = ONE) -> dict[str, Any]:
    """Return a request's body about one image."""
    image = {"inlineData": {"mimeType": "image/jpeg", "data": base64.b64encode(data).decode()}}
    return {"contents": [{"role": "user", "parts": [image, {"text": text}]}]}


def make_path(model: str = MODEL, version: str = "v1beta", method: str = "generateContent") -> str:
    """Return a method's path."""
    return f"/{version}/models/{model}:{method}"


def make_question(image: types.Part) -> types.Content:
    """Return the same question for the SDK."""
    return types.Content(role="user", parts=[image, types.Part.from_text(text=ONE)])


def read_server_seconds(response: httpx2.Response) -> float:
    """Return the seconds of the server-timing header."""
    timing = re.fullmatch(r"gfet4t7; dur=(\d+)", response.headers["server-timing"])
    assert timing is not None
    return int(timing[1]) / 1000


@contextmanager
def start_simulator(*options: str | Path, stdin: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """Start the simulator as a user does, and kill it at the end."""
    command = [sys.executable, "-m", "fixtures.simulator", *map(str, options)]
    with subprocess.Popen(
        command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_address(process: subprocess.Popen[str]) -> str:
    """Wait for the line with the address that the simulator listens on; return the address."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.fullmatch(r"simulator: listening on (http://127\.0\.0\.1:\d+)\n", line)
    assert found is not None, line
    return found[1]


def is_gone(url: str) -> bool:
    """Return whether the address stops accepting connections within some seconds."""
    host, port = url.removeprefix("http://").split(":")
    for _ in range(300):
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_it_answers_over_a_socket_after_its_seconds(url: str) -> None:
    """The headers are those of a real answer; server-timing has the request's seconds without the network."""
    with httpx2.Client(base_url=url) as client:
        start = time.perf_counter()
        response = client.post(make_path(), json=make_body())
        elapsed = time.perf_counter() - start
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=UTF-8"
    assert response.headers["vary"] == "Origin"
    usage = response.json()["usageMetadata"]
    least = (1951 + 11.2 * (usage["thoughtsTokenCount"] + usage["candidatesTokenCount"])) / 1000 * TIME_SCALE / 3
    assert least < read_server_seconds(response) < elapsed + 0.001


def test_answers_are_not_held_back_on_an_open_connection(url: str) -> None:
    """At least one of 30 round trips takes less than the 40 ms of a delayed acknowledgement."""
    ways = []
    with httpx2.Client(base_url=url) as client:
        for _ in range(30):
            start = time.perf_counter()
            client.get("/v1/models")
            ways.append(time.perf_counter() - start)
    assert min(ways[1:]) < 0.03


@pytest.mark.parametrize("version", [None, "v1beta"])
def test_the_sdk_works_with_it(url: str, version: str | None) -> None:
    """Questions and the listing of models work in the SDK's default API version and in v1beta."""
    options = types.HttpOptions(base_url=url, api_version=version)
    with genai.Client(api_key="x", http_options=options) as client:
        image = types.Part.from_bytes(data=JPEG, mime_type="image/jpeg")
        response = client.models.generate_content(model=MODEL, contents=make_question(image))
        assert int(response.text or "") >= 0
        assert response.model_version == MODEL
        assert response.usage_metadata is not None
        assert response.usage_metadata.thoughts_token_count is not None
        assert client.models.get(model=MODEL).name == f"models/{MODEL}"
        assert f"models/{MODEL}" in [model.name for model in client.models.list()]
        with pytest.raises(errors.ClientError) as refused:
            client.models.generate_content(model="no-such-model", contents="Hi")
    assert (refused.value.code, refused.value.status) == (404, "NOT_FOUND")
    assert f"models/no-such-model is not found for API version {version or 'v1'}" in str(refused.value)


def test_fifty_requests_at_once_overlap(url: str) -> None:
    """All are answered, in less than half the time of one after another."""

    async def ask_all() -> tuple[list[httpx2.Response], float]:
        async with httpx2.AsyncClient(base_url=url, limits=httpx2.Limits(max_connections=None)) as client:
            start = time.perf_counter()
            responses = await asyncio.gather(
                *(client.post(make_path(), json=make_body(text=f"{ONE} {n}"), timeout=60) for n in range(50))
            )
            return responses, time.perf_counter() - start

    responses, elapsed = asyncio.run(ask_all())
    assert {response.status_code for response in responses} == {200}
    assert elapsed < sum(map(read_server_seconds, responses)) / 2


def count_thoughts(*asks: Callable[[str], int], seed: int = 1) -> list[int]:
    """Return the thinking tokens of each request, sent one after another to a new simulator."""
    with start_simulator("--time-scale=0", f"--seed={seed}") as process:
        url = wait_for_address(process)
        return [ask(url) for ask in asks]


def ask_directly(url: str) -> int:
    """Return the thinking tokens of a request in the API's documented format."""
    usage = httpx2.post(url + make_path(), json=make_body()).json()["usageMetadata"]
    return int(usage["thoughtsTokenCount"])


def ask_with_sdk(url: str) -> int:
    """Return the thinking tokens of the same request through the SDK, which spells it differently."""
    with genai.Client(api_key="x", http_options=types.HttpOptions(base_url=url)) as client:
        image = types.Part.from_bytes(data=JPEG, mime_type="image/jpeg")
        usage = client.models.generate_content(model=MODEL, contents=make_question(image)).usage_metadata
    return (usage and usage.thoughts_token_count) or 0


def test_rounds_vary_and_a_new_start_repeats_them() -> None:
    """A repeated request varies; the same seed gives the same rounds to any client, another seed others."""
    first = count_thoughts(ask_directly, ask_directly, ask_directly)
    assert len(set(first)) > 1
    assert count_thoughts(ask_directly, ask_with_sdk, ask_with_sdk) == first
    assert count_thoughts(ask_directly, ask_directly, ask_directly, seed=2) != first


def test_known_images_are_counted_from_the_folder(tmp_path: Path) -> None:
    """The true number is found in task.toml by the image's digest."""
    (tmp_path / "a.jpg").write_bytes(JPEG)
    for people in (3, 8):
        write_task(tmp_path, truth={"a.jpg": people}, sha256={"a.jpg": hashlib.sha256(JPEG).hexdigest()})
        with run_simulator(time_scale=0, folders=[tmp_path]) as url:
            response = httpx2.post(url + make_path(), json=make_body())
        assert response.json()["candidates"][0]["content"]["parts"] == [{"text": str(people)}]


def test_a_body_of_15_megabytes_is_taken_and_one_of_25_is_not(url: str) -> None:
    """Requests are limited to 20 MiB, as the API's are."""
    response = httpx2.post(url + make_path(), json=make_body(JPEG + bytes(11_250_000)), timeout=60)
    assert response.status_code == 200
    assert read_server_seconds(response) >= 15 * 0.75 * TIME_SCALE
    refused = httpx2.post(url + make_path(), json=make_body(JPEG + bytes(18_750_000)), timeout=60)
    assert refused.status_code == 400
    assert "exceeds the limit: 20971520 bytes" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "where", "content", "status", "name"),
    [
        ("POST", make_path(), b"{", 400, "INVALID_ARGUMENT"),
        ("POST", make_path("no-such-model"), b"{}", 404, "NOT_FOUND"),
        ("GET", "/v1/models/no-such-model", b"", 404, "NOT_FOUND"),
        ("POST", make_path(method="noSuchMethod"), b"{}", 404, "NOT_FOUND"),
        ("PUT", "/v1/models", b"{}", 405, "UNIMPLEMENTED"),
        ("GET", "/v1/no/such/path", b"", 404, "NOT_FOUND"),
    ],
)
def test_refusals_have_the_shape_of_the_api(
    url: str, method: str, where: str, content: bytes, status: int, name: str
) -> None:
    """An error has the code, message and status that clients read."""
    response = httpx2.request(method, url + where, content=content)
    assert response.status_code == status
    error = response.json()["error"]
    assert (error["code"], error["status"]) == (status, name)
    assert error["message"]
    assert "server-timing" in response.headers


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_a_signal_although_requests_wait(number: signal.Signals) -> None:
    """It ends with code 0 and nothing on standard error, although a request would wait for hours."""
    with start_simulator("--time-scale=1000") as process:
        url = wait_for_address(process)
        host, port = url.removeprefix("http://").split(":")
        content = json.dumps(make_body()).encode()
        head = f"POST {make_path()} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(content)}\r\n\r\n"
        with socket.create_connection((host, int(port))) as waiting:
            waiting.sendall(head.encode() + content)
            httpx2.get(f"{url}/v1/models")  # served after the connection above was accepted
            process.send_signal(number)
            _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (0, "")


def test_it_ends_with_the_process_that_runs_it() -> None:
    """It ends even if the parent process is killed."""
    code = (
        "from fixtures.simulator.serving.process import run_simulator\n"
        "with run_simulator() as url:\n    print(url, flush=True)\n    input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert httpx2.get(f"{url}/v1/models").status_code == 200
        parent.kill()
    assert is_gone(url)


def test_it_ends_with_the_block() -> None:
    """After `run_simulator`, also after an exception, no server listens."""
    urls = []

    def fail_inside() -> None:
        with run_simulator() as url:
            assert httpx2.get(f"{url}/v1/models").status_code == 200
            urls.append(url)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert is_gone(urls[0])


def test_by_hand_it_outlives_its_standard_input() -> None:
    """Started by hand, it does not end when its standard input ends."""
    with start_simulator(stdin=subprocess.DEVNULL) as process:
        url = wait_for_address(process)
        assert httpx2.get(f"{url}/v1/models").status_code == 200
        assert process.poll() is None


def test_bad_input_is_told_in_a_sentence(tmp_path: Path) -> None:
    """The last line on standard error is one sentence, the code is 1 or 2, and there is no traceback."""
    (tmp_path / "task.toml").write_text("x = [")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        cases = {
            (f"--port={port}",): f"cannot listen on port {port}",
            ("--port=99999",): "cannot listen on port 99999",
            ("--images", tmp_path / "missing"): "missing: there is no such folder",
            ("--images", tmp_path): "task.toml cannot be read",
            ("--time-scale=-1",): "'-1' is not a number of at least 0",
            ("--time-scale=nan",): "'nan' is not a number of at least 0",
            ("--seed=x",): "invalid int value",
        }
        for options, sentence in cases.items():
            with start_simulator(*options) as process:
                stdout, stderr = process.communicate(timeout=30)
            assert process.returncode in (1, 2)
            assert stdout == ""
            assert sentence in stderr.splitlines()[-1]
            assert "Traceback" not in stderr


def test_run_simulator_tells_why_it_did_not_start(tmp_path: Path) -> None:
    """The error is one line with the simulator's own message."""
    with (
        pytest.raises(RunError, match=r"did not start: simulator: .*missing: there is no such folder") as failed,
        run_simulator(folders=[tmp_path / "missing"]),
    ):
        pass
    assert "\n" not in str(failed.value)
