"""Threads: the synchronous client in a pool of threads."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from google import genai

from benchmarks.strategies.asking import ask
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task


def threads(client: genai.Client, images: Sequence[Image], task: Task, *, concurrency: int = 8) -> list[Answer]:
    """Ask about `concurrency` images at a time, each in a thread of a pool."""
    pool, stopped = ThreadPoolExecutor(concurrency), threading.Event()
    try:
        return list(pool.map(lambda image: ask(client, image, task, stopped), images))
    finally:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)  # after Ctrl-C, requests under way are not waited for
