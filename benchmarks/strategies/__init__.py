"""The strategies, in the order in which they run and are shown; a new one is a module and a line in `STRATEGIES`."""

import inspect
from collections.abc import Awaitable, Callable

from benchmarks.strategies.adaptive import adaptive
from benchmarks.strategies.batch import batch
from benchmarks.strategies.batch_files import batch_files
from benchmarks.strategies.bounded import bounded
from benchmarks.strategies.chunked import chunked
from benchmarks.strategies.concurrent import concurrent
from benchmarks.strategies.files import files
from benchmarks.strategies.hedged import hedged
from benchmarks.strategies.sequential import sequential
from benchmarks.strategies.single_prompt import single_prompt
from benchmarks.strategies.streamed import streamed
from benchmarks.strategies.structured import structured
from benchmarks.strategies.threads import threads
from fixtures.exchange.answer import Answer
from fixtures.run.rounds.runner import BoundStrategy
from fixtures.tasks.task import Task

Strategy = Callable[..., list[Answer] | Awaitable[list[Answer]]]
"""Called with `(client, images, task)`, and with the settings that are its parameters, such as `concurrency`."""

STRATEGIES: dict[str, Strategy] = {
    "sequential": sequential,
    "concurrent": concurrent,
    "single_prompt": single_prompt,
    "bounded": bounded,
    "adaptive": adaptive,
    "hedged": hedged,
    "threads": threads,
    "chunked": chunked,
    "structured": structured,
    "streamed": streamed,
    "files": files,
    "batch": batch,
    "batch_files": batch_files,
}


def bind_strategy(task: Task, strategy: str, **settings: int) -> BoundStrategy:
    """Return a strategy bound to its task and to the settings that are its parameters."""
    function = STRATEGIES[strategy]
    parameters = inspect.signature(function).parameters
    taken = {name: value for name, value in settings.items() if name in parameters}
    if "batch_deadline" in parameters and "batch_deadline" not in taken:
        taken.pop("concurrency", None)  # used only after a deadline, when images are asked about one by one
    return BoundStrategy(lambda client, images: function(client, images, task, **taken), taken)
