"""The script that compares ways to send requests prints them side by side, and reports what is not installed."""

import asyncio
from importlib.metadata import version
from importlib.util import find_spec as find_real_spec

import pytest

from benchmarks.costs import client_work
from benchmarks.costs.client_work import AIOHTTP, HTTPX2, WITHOUT_AIOHTTP, take_turns
from benchmarks.scaling.client import Ask
from benchmarks.scaling.instant_server import run_instant_server


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure each way once, with four requests, one and two at a time."""
    for name, value in {"REQUESTS": 4, "REPETITIONS": 1, "TURNS": 1, "AT_A_TIME": (1, 2)}.items():
        monkeypatch.setattr(client_work, name, value)


def test_without_aiohttp_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other comparison, which does not need aiohttp, is printed first, and the exit code is not 0."""
    monkeypatch.setattr("sys.argv", ["client_work"])
    monkeypatch.setattr(client_work, "find_spec", lambda name: None if name == AIOHTTP else find_real_spec(name))
    with pytest.raises(SystemExit) as exited:
        client_work.main()
    assert exited.value.code == WITHOUT_AIOHTTP
    assert "pip install --group aiohttp " in WITHOUT_AIOHTTP
    heading, columns, *ways, bound = capsys.readouterr().out.splitlines()
    assert heading.startswith("4 requests, 16 in flight, median of 1 repetitions (Python ")
    assert columns.split() == ["CPU", "ms", "per", "image", "/", "(c)"]
    assert [line[:3] for line in ways] == ["(a)", "(b)", "(c)", "(d)"]
    assert all(float(line.split()[-2]) > 0 for line in ways)
    assert bound.startswith("(a) is ")


def test_both_http_clients_are_printed_side_by_side(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is a line for each number of requests at a time, below a line with the versions."""
    monkeypatch.setattr(client_work, "version", lambda name: "3.14" if name == AIOHTTP else version(name))
    with run_instant_server() as server:
        client_work.print_http_clients(server)
    _, columns, *lines = capsys.readouterr().out.splitlines()
    assert f"httpx2 {version(HTTPX2)}" in columns
    assert "aiohttp 3.14  aiohttp / httpx2" in columns
    for line, concurrency in zip(lines, (1, 2), strict=True):
        at_a_time, httpx2, aiohttp, ratio = map(float, line.split())
        assert at_a_time == concurrency
        assert ratio == pytest.approx(aiohttp / httpx2, abs=0.01)


def test_the_ways_take_turns_and_the_first_does_not_count() -> None:
    """Each way is measured once per turn; the first turn is a warm-up, and the result is the median of the others."""
    turns: list[str] = []

    async def one(_: object) -> None: ...

    async def other(_: object) -> None: ...

    async def measure(ask: Ask) -> float:
        turns.append("one" if ask is one else "other")
        return {1: 100.0, 2: 1.0, 3: 9.0, 4: 2.0}[turns.count(turns[-1])]

    assert asyncio.run(take_turns({"one": one, "other": other}, 3, measure)) == {"one": 2.0, "other": 2.0}
    assert turns == ["one", "other"] * 4
