"""The strategies, in the order in which they run and are shown: a new one is a module and a line here."""

from collections.abc import Awaitable, Callable, Sequence

from google import genai

from benchmarks.counting import Counting
from benchmarks.strategies.concurrent import concurrent
from benchmarks.strategies.sequential import sequential
from benchmarks.strategies.single_prompt import single_prompt
from fixtures.answers import Answer
from fixtures.images import Image

Strategy = Callable[[genai.Client, Sequence[Image], Counting], list[Answer] | Awaitable[list[Answer]]]

STRATEGIES: dict[str, Strategy] = {
    "sequential": sequential,
    "concurrent": concurrent,
    "single_prompt": single_prompt,
}
