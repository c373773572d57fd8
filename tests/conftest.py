"""Asynchronous tests run on the loop of a purely virtual clock, so that they can assert exact seconds."""

from collections.abc import Callable, Mapping

from hypothesis import settings

from fixtures.clock.clock import Clock, ClockLoop

# No deadline, because an example may take long on a busy machine.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")


def virtual_clock() -> Clock:
    """Return a clock that only waiting moves."""
    return Clock(lambda: 0.0)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], ClockLoop]]:
    """Run each asynchronous test on a clock of its own."""
    return {"virtual": lambda: ClockLoop(virtual_clock())}
