"""Runs Python as a user does, in a process of its own, without a second of imports each time.

A process that has imported the libraries and collected the benchmarks, without running any, is forked for each command.
The forked process has its own memory, working folder, environment and streams. It ends as any process does, except that
it skips the interpreter's last cleanup, which would copy all of the shared memory.
"""

import atexit
import contextlib
import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[2]
LIBRARIES = (
    *("google.genai", "google.genai.live", "httpx2", "anyio._backends._asyncio", "vcr", "pydantic", "yaml", "tenacity"),
    *("PIL.Image", "numpy", "scipy.stats", "matplotlib.figure", "matplotlib.backends.backend_agg", "jinja2"),
    *("genai_prices.data", "tqdm", "filelock", "uvicorn", "starlette.applications", "pytest_benchmark.plugin"),
)
SUITE = ("fixtures.run.measure", "fixtures.run.estimate", "benchmarks.strategies")
"""Modules of the suite that need no rewriting of their assertions, with all that they import."""
PREPARED = "tests.helpers.prepared"
"""The module that does the other work that is the same in every run."""
_LOCK = threading.Lock()


def run_python(
    arguments: Sequence[str | Path],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    timeout: float = 240.0,
) -> subprocess.CompletedProcess[str]:
    """Run `python ARGUMENTS`, which start with `-m MODULE` or `-c CODE`; return its exit code and output.

    Raise `subprocess.TimeoutExpired` after `timeout` seconds.
    """
    strings = [str(argument) for argument in arguments]
    with tempfile.TemporaryDirectory() as folder:
        outputs = [Path(folder) / name for name in ("stdout", "stderr")]
        request = {
            "arguments": strings,
            "cwd": str(cwd),
            "env": dict(os.environ if env is None else env),
            "outputs": [str(path) for path in outputs],
            "timeout": timeout,
        }
        with _LOCK:
            server = _start_server()
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(json.dumps(request) + "\n")
            server.stdin.flush()
            answer = server.stdout.readline()
        code = json.loads(answer)
        stdout, stderr = (path.read_text(encoding="utf-8", errors="replace") for path in outputs)
    if code is None:
        raise subprocess.TimeoutExpired(strings, timeout, stdout, stderr)
    return subprocess.CompletedProcess(strings, code, stdout, stderr)


@cache
def _start_server() -> subprocess.Popen[str]:
    """Start the process to fork from; it ends with this one, because its standard input is closed then."""
    return subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # No threads, because a process with threads cannot be forked safely; forked processes may write bytecode.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": ""},
        start_new_session=True,
    )


def _serve() -> None:
    """Fork for each request on standard input, and print its exit code as JSON, or null after a time-out."""
    end = _End()
    atexit.register(end.leave)  # before the functions that the libraries register, which are therefore called earlier
    for name in (*LIBRARIES, *SUITE):
        import_module(name)
    import_module(PREPARED).prepare()
    gc.freeze()  # the collector skips the shared objects, so that their memory is not copied
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if not child:
            _become(request, end)
        sys.stdout.write(json.dumps(_wait(child, request["timeout"])) + "\n")
        sys.stdout.flush()


def _wait(child: int, timeout: float) -> int | None:
    """Return a child's exit code as `subprocess` does; None if it was killed, with its children, after the time-out."""
    expired = threading.Event()

    def kill() -> None:
        expired.set()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)

    timer = threading.Timer(timeout, kill)
    timer.start()
    status = os.waitpid(child, 0)[1]
    timer.cancel()
    timer.join()
    return None if expired.is_set() else os.waitstatus_to_exitcode(status)


@dataclass
class _End:
    """The last step of a process, after its threads have ended and its exit functions were called."""

    code: int = 0
    """The exit code."""

    def leave(self) -> NoReturn:
        """Collect garbage, so that finalizers can warn, and end without the interpreter's cleanup."""
        gc.collect()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(self.code)


def _become(request: Mapping[str, Any], end: _End) -> NoReturn:
    """Run the requested command in this process."""
    os.setsid()
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    for stream, path in zip((1, 2), request["outputs"], strict=True):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(descriptor, stream)
        os.close(descriptor)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    kind, target, *arguments = request["arguments"]
    sys.argv = [target, *arguments]
    sys.path[0] = "" if kind == "-c" else request["cwd"]
    end.code = 1  # the exit code after an exception, which the interpreter prints
    try:
        if kind == "-c":
            sys.argv[0] = "-c"
            exec(compile(target, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - `-c CODE` of the test
        else:
            runpy.run_module(target, run_name="__main__", alter_sys=True)
        sys.exit(0)
    except SystemExit as error:
        end.code = error.code if isinstance(error.code, int) else int(error.code is not None)
        raise


if __name__ == "__main__":
    _serve()
