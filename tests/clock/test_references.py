"""The functions of `time` are replaced in every module that holds a reference to them, and restored afterwards."""

import importlib
import queue
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import _pytest.timing
import pytest

from fixtures.clock.references import ORIGINALS, replace_references
from fixtures.clock.threads import count_threads
from tests.conftest import virtual_clock

MODULE = "from time import monotonic, perf_counter_ns as counted, sleep\nimport time\n"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the name of a module that can be imported and holds references of its own."""
    (tmp_path / "holds_references.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield "holds_references"
    sys.modules.pop("holds_references", None)


def read_references(module: ModuleType) -> list[object]:
    """Return the module's three references."""
    return [vars(module)[name] for name in ("monotonic", "counted", "sleep")]


def test_references_of_loaded_modules_are_replaced_and_put_back(module: str) -> None:
    """References from `from time import …` are replaced too, whatever their names."""
    loaded = importlib.import_module(module)
    before = read_references(loaded)
    replacements = {name: lambda *_: 42 for name in ORIGINALS}
    with replace_references(replacements):
        assert read_references(loaded) == [replacements[name] for name in ("monotonic", "perf_counter_ns", "sleep")]
        assert vars(time)["sleep"] is replacements["sleep"]
        # These modules hold `monotonic` under private names, for their time-outs.
        assert (vars(threading)["_time"], vars(queue)["time"]) == (replacements["monotonic"],) * 2
    assert read_references(loaded) == before
    assert time.sleep is ORIGINALS["sleep"]


def test_pytest_times_its_tests_in_real_seconds() -> None:
    """The duration that pytest reports is real, even if a test spans an hour on the clock."""
    with replace_references({name: lambda *_: 42 for name in ORIGINALS}):
        assert _pytest.timing.perf_counter is ORIGINALS["perf_counter"]


def test_a_module_that_is_imported_meanwhile_gets_the_originals(module: str) -> None:
    """A module that imported the replacements gets the original functions afterwards."""
    with replace_references({name: lambda *_: 42 for name in ORIGINALS}):
        loaded = importlib.import_module(module)
        assert loaded.monotonic() == 42
    assert read_references(loaded) == [ORIGINALS[name] for name in ("monotonic", "perf_counter_ns", "sleep")]


def test_a_loop_that_polls_such_a_reference_takes_its_seconds(module: str) -> None:
    """A rate limiter with `from time import monotonic, sleep` waits 54 s on the clock, and not hours."""
    loaded = importlib.import_module(module)
    clock = virtual_clock()
    with count_threads(clock):
        end = loaded.monotonic() + 54
        while loaded.monotonic() < end:
            loaded.sleep(0.5)
    assert clock.now() == pytest.approx(54, abs=0.5)
