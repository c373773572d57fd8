"""Samples of requests about a number of images: drawn from the simulator, or recorded."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from http import HTTPStatus
from itertools import cycle, islice
from statistics import fmean
from typing import Any

from fixtures.base.encoding import BASE64_GROWTH
from fixtures.base.errors import RunError
from fixtures.exchange.retries import choose_policy
from fixtures.exchange.usage import Tokens, add_known, price_tokens
from fixtures.images.folder import iterate_images
from fixtures.images.task_file import find_folder
from fixtures.models.model_settings import NO_SETTINGS, ModelSettings
from fixtures.run.record.record import Client
from fixtures.simulator.build import SEED, find_profile
from fixtures.simulator.decisions.model import check_settings, make_answer, make_key
from fixtures.simulator.decisions.questions import ModelRequest
from fixtures.simulator.decisions.replies import ApiReply, Refusal
from fixtures.simulator.decisions.tiers import serve
from fixtures.simulator.known_sets import KnownSet
from fixtures.simulator.latencies import Observation
from fixtures.simulator.projection import RecordedLatencies, make_observation
from fixtures.tasks.question import Question, load_question

IMAGES = 10_000
"""The number of images in all simulated requests of a size; with fewer, the slowest requests would be missing."""
LEAST_REQUESTS = 200
"""The least number of simulated requests of a size."""
MOST_IMAGES = 100_000
"""The most images in all simulated requests of a size; large requests are therefore fewer than `LEAST_REQUESTS`."""
MOST_JUDGED = 1_000_000
"""The number of output tokens of a size after which answers are not judged: each long text takes a millisecond."""


@dataclass(frozen=True)
class Subject:
    """The image set that requests are about, without the bytes of its images, because folders may be large."""

    name: str
    """The name of the folder."""
    question: Question
    """The question about its images."""
    sizes: Mapping[str, int]
    """The size of each different image in bytes, by its digest."""
    truths: Mapping[str, Any]
    """The known true answers by digest."""
    count: int
    """The number of its images."""

    @property
    def image_bytes(self) -> float:
        """The mean size of an image in bytes."""
        return fmean(self.sizes.values())


def read_subject(image_set: str, custom: str = "") -> Subject:
    """Return the question and the image sizes of an image set, given by its name or path.

    `custom` is as in `load_question`. Raise `RunError` if the folder or its contents are invalid.
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
    """Return a measured client with the mean size of a set's images, which limits the number of inline images."""
    return client.model_copy(update={"image_bytes": subject.image_bytes})


@dataclass(frozen=True)
class Sample:
    """Requests about the same number of images."""

    images: int
    """The number of images in a request."""
    requests: Sequence[Observation]
    is_extrapolated: bool = False
    """Whether no request with this number of images was recorded."""
    _prices: dict[tuple[str, bool], float | None] = field(default_factory=dict, repr=False, compare=False)
    """The prices so far: genai-prices takes half a second for 10,000 requests."""

    @cached_property
    def seconds(self) -> list[float]:
        """The seconds of each request, including refused attempts."""
        return [request.waited + request.seconds for request in self.requests]

    @cached_property
    def mean_seconds(self) -> float:
        """The mean seconds per request."""
        return fmean(self.seconds)

    @cached_property
    def attempts(self) -> float:
        """The mean number of attempts per request."""
        return fmean(request.attempts for request in self.requests)

    def find_lost(self, timeout: float) -> float:
        """Return the share of requests whose answer takes longer than `timeout` seconds."""
        return sum(request.seconds > timeout for request in self.requests) / len(self.requests)

    @property
    def input_tokens(self) -> float:
        """The mean number of input tokens per request."""
        return fmean(request.prompt_tokens for request in self.requests)

    @property
    def right(self) -> float | None:
        """The mean share of right answers (0 to 1) over the judged images; None without judged images."""
        return self._average([(request.right, len(request.judged)) for request in self.requests])

    @property
    def error(self) -> float | None:
        """The mean absolute error over the judged images, in units of the answers; None if unknown."""
        return self._average([(request.error, len(request.judged)) for request in self.requests])

    @staticmethod
    def _average(figures: Sequence[tuple[float | None, int]]) -> float | None:
        known = [(figure, weight) for figure, weight in figures if figure is not None and weight]
        return fmean(*zip(*known, strict=True)) if known else None

    @cached_property
    def judged(self) -> int:
        """The number of different images behind `right`; repeated questions about an image count once."""
        return len({digest for request in self.requests for digest in request.judged})

    def price_request(self, name: str, *, batch: bool = False) -> float | None:
        """Return the mean cost of a request in US dollars at today's prices of a model; None if they are unknown."""
        if (name, batch) not in self._prices:
            self._prices[name, batch] = self._price_request(name, batch=batch)
        return self._prices[name, batch]

    def _price_request(self, name: str, *, batch: bool) -> float | None:
        written: dict[tuple[int, str], list[int]] = {}
        for request in self.requests:
            written.setdefault((request.prompt_tokens, request.tier), []).append(request.written_tokens)
        costs = [
            _price_alike(name, Tokens(input=read, batch=batch, tier=tier), each)
            for (read, tier), each in written.items()
        ]
        cost = add_known(*costs)
        return None if cost is None else cost / len(self.requests)


def _price_alike(name: str, alike: Tokens, written: Sequence[int]) -> float | None:
    """Return the cost of requests with equal input tokens: the price is linear in the output tokens.

    Pricing each of 10,000 requests takes half a second.
    """
    today = datetime.now(UTC)
    reading = price_tokens(name, [alike], today)
    whole = price_tokens(name, [replace(alike, output=sum(written))], today)
    return None if reading is None or whole is None else whole + (len(written) - 1) * reading


@dataclass(frozen=True)
class Samples:
    """The source of samples: the simulator or recordings."""

    _draw: Callable[[int, ModelSettings], Sample]
    sizes: Sequence[int] | None = None
    """The numbers of images per request with samples, sorted; None for any number."""

    def covers(self, images: int) -> bool:
        """Return whether the sample of requests about `images` images is not extrapolated."""
        return self.sizes is None or images in self.sizes

    def draw(self, images: int, settings: ModelSettings = NO_SETTINGS) -> Sample:
        """Return the sample of requests about `images` images with these settings; every call gives the same sample."""
        return self._draw(images, settings)


def list_recorded(recorded: RecordedLatencies) -> Samples:
    """Return samples of the recorded requests; other numbers of images are extrapolated."""
    latencies = recorded.latencies

    @cache
    def draw(images: int, _: ModelSettings) -> Sample:
        return Sample(images, latencies.list_observations(images), is_extrapolated=not latencies.covers(images))

    return Samples(draw, sorted({request.images for request in latencies.observations}))


def list_simulated(name: str, subject: Subject) -> Samples:
    """Return simulated requests to a model about the images of a set; raise `RunError` for an unknown model."""
    find_profile(name)
    return Samples(cache(partial(simulate_requests, name, subject)))


def simulate_requests(name: str, subject: Subject, images: int, settings: ModelSettings = NO_SETTINGS) -> Sample:
    """Return simulated requests, each about `images` images of a set.

    Raise `RunError` for an unknown model, or for settings that the simulated model does not accept.
    """
    profile, question = find_profile(name), subject.question
    known, unknown = KnownSet(question.kind, truths=subject.truths), KnownSet(question.kind)
    source, found, written = cycle(subject.sizes.items()), list[Observation](), 0
    prompt = question.make_prompt(images) if images > 1 else question.prompt
    for number in range(max(1, min(max(LEAST_REQUESTS, IMAGES // images), MOST_IMAGES // images))):
        asked = list(islice(source, images))
        size = int(sum(size for _, size in asked) * BASE64_GROWTH) + len(prompt)
        digest = hashlib.sha256(f"{images}/{number}".encode()).hexdigest()
        about = tuple(sha256 for sha256, _ in asked)
        request = ModelRequest(name, digest, size, about, prompt, images > 1, settings)
        try:
            check_settings(profile, request)
        except Refusal as refusal:
            raise RunError(f"{settings.options}: {refusal} Choose another value, or leave the option out.") from None
        judged = written < MOST_JUDGED and number * images < IMAGES
        reply = make_answer(profile, request, known, SEED, 0, errs=judged)
        served, attempts, waited = _serve(reply, request)
        observation = make_observation([served.body], served.seconds, images, about, known if judged else unknown)
        tier = str(served.body["usageMetadata"].get("serviceTier", ""))
        found.append(replace(observation, tier=tier, attempts=attempts, waited=waited))
        written += found[-1].output_tokens
    return Sample(images, found)


def _serve(reply: ApiReply, request: ModelRequest) -> tuple[ApiReply, int, float]:
    """Return the reply at the service tier, the number of attempts, and the seconds of refused attempts.

    A refused request is retried according to the retry policy until it is served.
    """
    tier = request.settings.service_tier
    policy, key = choose_policy(tier), make_key(SEED, request, 0)
    attempt, waited = 1, 0.0
    while (served := serve(reply, tier, f"{key}/{attempt}")).status != HTTPStatus.OK:
        waited += served.seconds + policy.wait(None, request.digest, attempt)
        attempt += 1
    return served, attempt, waited
