"""The private parts of Python that the clock uses exist, and the clock needs the standard library alone."""

import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from fixtures.clock.stdlib import replace_attribute, wait_for_notice
from tests.helpers.forks import ROOT

MOVED = "{part} is not what it was in Python 3.11 to 3.13: mend fixtures/clock/stdlib.py for Python {version}"


def check_condition(lock: Any) -> bool:
    """Return whether a condition releases and takes its lock as `Condition.wait` expects."""
    condition: Any = threading.Condition(lock)
    if condition._is_owned():  # noqa: SLF001
        return False
    with condition:
        owned = [condition._is_owned()]  # noqa: SLF001
        state = condition._release_save()  # noqa: SLF001
        owned.append(condition._is_owned())  # noqa: SLF001
        condition._acquire_restore(state)  # noqa: SLF001
        owned.append(condition._is_owned())  # noqa: SLF001
    return owned == [True, False, True]


def check_waiters() -> bool:
    """Return whether a condition lists its waiters, and releases and removes those that it notifies."""
    condition: Any = threading.Condition()
    released = []

    class Waiter:
        def release(self) -> None:
            released.append(self)

    first, second = Waiter(), Waiter()
    with condition:
        condition._waiters.append(first)  # noqa: SLF001
        condition._waiters.append(second)  # noqa: SLF001
        condition._waiters.remove(first)  # noqa: SLF001
        condition.notify()
    return released == [second] and second not in condition._waiters  # noqa: SLF001


def check_simple_queue() -> bool:
    """Return whether Python has a queue written in Python that waits on a semaphore."""
    simple: Any = queue._PySimpleQueue  # type: ignore[attr-defined]  # noqa: SLF001
    waits_on = vars(simple())["_count"]
    return isinstance(simple.get, FunctionType) and isinstance(waits_on, threading.Semaphore)


PARTS: dict[str, Callable[[], bool]] = {
    "queue._PySimpleQueue": check_simple_queue,
    "threading.Condition._waiters": check_waiters,
    "threading.Condition._is_owned, _release_save and _acquire_restore of an RLock": lambda: check_condition(None),
    "threading.Condition._is_owned, _release_save and _acquire_restore of a Lock": lambda: check_condition(
        threading.Lock()
    ),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_private_part_of_python_is_where_it_was(part: str) -> None:
    """If a version of Python has changed a private part, the failure names that part."""
    told = MOVED.format(part=part, version=sys.version.split()[0])
    try:
        is_as_before = PARTS[part]()
    except (AttributeError, KeyError, TypeError) as error:
        pytest.fail(f"{told} ({error!r})")
    assert is_as_before, told


def test_events_semaphores_and_queues_wait_on_conditions() -> None:
    """All of them use `Condition.wait`, so replacing it covers them."""
    assert isinstance(vars(threading.Event())["_cond"], threading.Condition)
    assert isinstance(vars(threading.Semaphore())["_cond"], threading.Condition)
    assert isinstance(queue.Queue[int]().not_empty, threading.Condition)


def test_a_condition_that_is_not_held_cannot_be_waited_on() -> None:
    """The error has the same message as Python's own."""
    with pytest.raises(RuntimeError) as expected:
        threading.Condition().wait()
    with pytest.raises(RuntimeError, match=f"^{expected.value}$"):
        wait_for_notice(threading.Condition(), threading.Lock(), lambda: True)


def test_a_waiter_that_gave_up_is_forgotten() -> None:
    """A waiter that timed out or was interrupted is removed, so that it is not notified later."""
    condition: Any = threading.Condition()
    with condition:
        assert not wait_for_notice(condition, threading.Lock(), lambda: False)
        with pytest.raises(KeyboardInterrupt):
            wait_for_notice(condition, threading.Lock(), interrupt)
    assert not condition._waiters  # noqa: SLF001


def interrupt() -> bool:
    """Raise the exception of Ctrl-C."""
    raise KeyboardInterrupt


def test_a_waiter_that_was_notified_as_it_gave_up_is_forgotten_once() -> None:
    """A waiter that times out after it was removed from the list raises no error."""
    condition: Any = threading.Condition()
    with condition:
        assert not wait_for_notice(condition, threading.Lock(), lambda: bool(condition._waiters.clear()))  # noqa: SLF001


def test_an_attribute_is_put_back_as_it_was() -> None:
    """A static method is restored as one, and an inherited attribute is refused."""

    class Target:
        @staticmethod
        def method() -> str:
            return "original"

    before = vars(Target)["method"]
    with replace_attribute(Target, "method", lambda _: "other"):
        assert Target().method() == "other"
    assert vars(Target)["method"] is before
    with pytest.raises(KeyError), replace_attribute(Target, "__eq__", None):
        pass


def test_an_attribute_is_put_back_after_an_error_too() -> None:
    """The original is restored after an error."""
    before = time.sleep
    with pytest.raises(ZeroDivisionError), replace_attribute(time, "sleep", None):
        raise ZeroDivisionError
    assert time.sleep is before


def test_the_clock_needs_the_standard_library_alone(tmp_path: Path) -> None:
    """Every module of the clock can be imported without site-packages and the other rooms."""
    shutil.copytree(ROOT / "fixtures" / "clock", tmp_path / "fixtures" / "clock")
    code = """if True:
        import importlib, pkgutil, sys
        sys.path.insert(0, sys.argv[1])
        import fixtures.clock
        for module in pkgutil.iter_modules(fixtures.clock.__path__):
            print(importlib.import_module(f"fixtures.clock.{module.name}").__name__)
    """
    command = [sys.executable, "-I", "-S", "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert {"fixtures.clock.clock", "fixtures.clock.stdlib", "fixtures.clock.threads"} <= {*done.stdout.split()}
