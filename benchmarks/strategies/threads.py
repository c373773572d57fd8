"""Threads: the synchronous client in a pool of threads, as most scripts do it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from google import genai

from benchmarks.asking import ask
from benchmarks.counting import Counting
from fixtures.answers import Answer
from fixtures.images import Image


def threads(client: genai.Client, images: Sequence[Image], task: Counting, *, window: int = 8) -> list[Answer]:
    """Ask about `window` images at a time, each in a thread."""
    pool = ThreadPoolExecutor(window)
    try:
        return list(pool.map(lambda image: ask(client, image, task), images))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # after Ctrl-C nobody waits for what is under way
