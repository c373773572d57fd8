"""Samples of requests about a number of images: drawn from the simulator, or recorded."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import cycle, islice
from statistics import fmean
from typing import Any

from fixtures.base.encoding import BASE64_GROWTH
from fixtures.exchange import usage
from fixtures.images.folder import iterate_images
from fixtures.images.task_file import find_folder
from fixtures.run.record.record import Client
from fixtures.simulator.build import SEED, find_profile
from fixtures.simulator.decisions.model import make_answer
from fixtures.simulator.decisions.questions import ModelRequest
from fixtures.simulator.known_sets import KnownSet
from fixtures.simulator.latencies import Observation
from fixtures.simulator.projection import RecordedLatencies, make_observation
from fixtures.tasks.question import Question, load_question

IMAGES = 10_000
"""The number of images in all simulated requests of a size; with fewer, the slowest requests would be missed."""
LEAST_REQUESTS = 200
"""The least number of simulated requests of a size."""
MOST_JUDGED = 1_000_000
"""The output tokens of a size from which on simulated answers are not judged: long texts take a millisecond each."""


@dataclass(frozen=True)
class Subject:
    """The image set that requests are about, without its images' bytes: a folder to be planned for may be large."""

    name: str
    """The name of the folder."""
    question: Question
    """What is asked about its images."""
    sizes: Mapping[str, int]
    """The size of each different image in bytes, by its digest."""
    truths: Mapping[str, Any]
    """The true answers by digest, of those images for which they are known."""
    count: int
    """The number of its images."""

    @property
    def image_bytes(self) -> float:
        """The mean size of an image in bytes."""
        return fmean(self.sizes.values())


def read_subject(image_set: str, custom: str = "") -> Subject:
    """Return what is asked about an image set, given by its name or path, and of which sizes its images are.

    `custom` is as in `load_question`. Raise `RunError` where the folder or anything in it is wrong.
    """
    question = load_question(image_set, custom)
    sizes, truths, count = {}, {}, 0
    for image in iterate_images(image_set):
        sizes[image.sha256] = len(image.data)
        count += 1
        if image.truth is not None:
            truths[image.sha256] = image.truth
    return Subject(find_folder(image_set).resolve().name, question, sizes, truths, count)


def fit_client(client: Client, subject: Subject) -> Client:
    """Return a measured client with the size of a set's images, by which a request inlines more or fewer of them."""
    return client.model_copy(update={"image_bytes": subject.image_bytes})


@dataclass(frozen=True)
class Sample:
    """Requests about the same number of images."""

    images: int
    """The number of images in a request."""
    requests: Sequence[Observation]
    is_extrapolated: bool = False
    """Whether no request about as many images was recorded."""
    _prices: dict[tuple[str, bool], float | None] = field(default_factory=dict, repr=False, compare=False)
    """What has been priced: genai-prices takes half a second for 10,000 requests."""

    @cached_property
    def seconds(self) -> list[float]:
        """The seconds of each request."""
        return [request.seconds for request in self.requests]

    @cached_property
    def mean_seconds(self) -> float:
        """The mean of the seconds of a request."""
        return fmean(self.seconds)

    @property
    def input_tokens(self) -> float:
        """The mean of the input tokens of a request."""
        return fmean(request.prompt_tokens for request in self.requests)

    @property
    def right(self) -> float | None:
        """How right the answers are, from 0 to 1, a mean over the images judged; None where none was."""
        return self._average([(request.right, len(request.judged)) for request in self.requests])

    @property
    def error(self) -> float | None:
        """By how many units the answers are off, a mean over the images judged; None where it is not known."""
        return self._average([(request.error, len(request.judged)) for request in self.requests])

    @staticmethod
    def _average(figures: Sequence[tuple[float | None, int]]) -> float | None:
        known = [(figure, weight) for figure, weight in figures if figure is not None and weight]
        return fmean(*zip(*known, strict=True)) if known else None

    @cached_property
    def judged(self) -> int:
        """The number of different images by which `right` is known, however often each was asked about."""
        return len({digest for request in self.requests for digest in request.judged})

    def price_request(self, name: str, *, batch: bool = False) -> float | None:
        """Return the mean cost of a request in US dollars at today's prices of a model; None where they are unknown."""
        if (name, batch) not in self._prices:
            self._prices[name, batch] = self._price_request(name, batch=batch)
        return self._prices[name, batch]

    def _price_request(self, name: str, *, batch: bool) -> float | None:
        tokens = [
            usage.Tokens(
                input=request.prompt_tokens,
                image=request.image_tokens,
                output=request.output_tokens,
                thoughts=request.thoughts_tokens,
                batch=batch,
            )
            for request in self.requests
        ]
        cost = usage.price_tokens(name, tokens, datetime.now(UTC))
        return None if cost is None else cost / len(tokens)


def take_recorded(recorded: RecordedLatencies, images: int) -> Sample:
    """Return the recorded requests about so many images; where there are none, extrapolate those about others."""
    latencies = recorded.latencies
    return Sample(images, latencies.list_observations(images), is_extrapolated=not latencies.covers(images))


def simulate_requests(name: str, subject: Subject, images: int) -> Sample:
    """Return simulated requests about so many images of a set each; raise `RunError` for an unknown model."""
    profile, question = find_profile(name), subject.question
    known, unknown = KnownSet(question.kind, truths=subject.truths), KnownSet(question.kind)
    source, found, written = cycle(subject.sizes.items()), list[Observation](), 0
    prompt = question.make_prompt(images) if images > 1 else question.prompt
    for number in range(max(LEAST_REQUESTS, IMAGES // images)):
        asked = list(islice(source, images))
        size = int(sum(size for _, size in asked) * BASE64_GROWTH) + len(prompt)
        digest = hashlib.sha256(f"{images}/{number}".encode()).hexdigest()
        about = tuple(sha256 for sha256, _ in asked)
        request = ModelRequest(name, digest, size, about, prompt, images > 1)
        judged = written < MOST_JUDGED
        reply = make_answer(profile, request, known, SEED, 0, errs=judged)
        found.append(make_observation([reply.body], reply.seconds, images, about, known if judged else unknown))
        written += found[-1].output_tokens
    return Sample(images, found)
