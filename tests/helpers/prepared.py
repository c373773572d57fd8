"""Work that is the same in every run of the suite, done once in the process that is forked for the runs."""

import contextlib
import io
import threading

import pytest

from fixtures.clock.clock import Clock
from fixtures.images.image import Image
from fixtures.transport.client import open_session
from fixtures.transport.responders import CannedResponder
from fixtures.transport.wire import Wire

PLUGINS = ("hypothesispytest", "xdist", "xdist.looponfail")
"""Plugins that only the tests' environment has; hypothesis alone takes a second per run."""


def prepare() -> None:
    """Build the SDK's models, as its first request does, and collect the benchmarks without running any."""
    with open_session(Wire(Clock(), CannedResponder())) as session:
        session.warm_up(Image("a.jpg", b"", "image/jpeg", 1, 1), "some-model")
    left_out = [argument for plugin in PLUGINS for argument in ("-p", f"no:{plugin}")]
    with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.redirect_stderr(output):
        # pytest imports the suite and rewrites its assertions; later runs use the imported modules. Errors are ignored
        # here, because each run reports them.
        pytest.main(["benchmarks", "--collect-only", "-q", "-p", "no:cacheprovider", *left_out])
    assert threading.active_count() == 1, "a process with threads is not forked"
