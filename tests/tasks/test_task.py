"""A task makes the requests of a question: the prompts, word for word, and the response schema as it is sent."""

import json
from typing import Any

import httpx2
import pytest

from benchmarks.strategies import STRATEGIES
from fixtures.tasks.kind import Kind
from fixtures.tasks.kinds.count import Count
from fixtures.tasks.kinds.fields import Fields
from fixtures.tasks.kinds.label import Label
from fixtures.tasks.kinds.number import Number
from fixtures.tasks.kinds.text import Text
from fixtures.tasks.question import Question, load_question
from fixtures.tasks.task import Task
from fixtures.transport.client import open_session
from fixtures.transport.responders import NetworkResponder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.simulated import image
from tests.helpers.tasks import count_people

IMAGES = [image(name, 1) for name in ("a.jpg", "b.jpg")]
AS_LIST = "Return the result strictly as a JSON list of {}. Do not include markdown formatting or backticks."
AS_OBJECT = (
    "Return only a JSON object like {}, with null for what is not in the image. "
    "Do not include markdown formatting or backticks."
)
RECEIPT = Fields({"merchant": "text", "total": "number", "items": "count"})
EXAMPLE = '{"merchant": "...", "total": 12.5, "items": 3}'


def ask(kind: Kind) -> Task:
    """Return a task with a custom question that has its own words for several images."""
    return Task(Question("What is it?", "There are {n} images. What is in each of the {n}?", kind, "own"), "m")


@pytest.mark.parametrize("image_set", ["four", "sixteen"])
def test_the_prompts_about_people_are_the_published_ones(image_set: str) -> None:
    """The prompts equal the published ones character by character; recordings are matched by them."""
    task = Task(load_question(image_set), "some-model")
    assert task.prompt == "Count the number of people in this image. Return just the integer number."
    assert task.make_prompt(4) == (
        "I have provided 4 images above labeled Image 1 to Image 4. Count the number of people in each image "
        "respectively. Return the result strictly as a JSON list of integers, e.g., [10, 5, 3, 20]. "
        "Do not include markdown formatting or backticks."
    )


def test_the_prompts_about_receipts_ask_for_an_object_of_their_fields() -> None:
    """The question is from the task file, and the kind adds the instructions for the answer."""
    task = Task(load_question("receipts"), "some-model")
    asked = "Read this receipt: the name of the merchant, the total that was finally paid, and the date as YYYY-MM-DD."
    example = '{"merchant": "...", "total": 12.5, "date": "..."}'
    assert task.prompt == f"{asked} {AS_OBJECT.format(example)}"
    assert task.make_prompt(12) == (
        f"I have provided 12 images above labeled Image 1 to Image 12. For each image respectively: {asked} "
        + AS_LIST.format(f"objects like {example}, with null for what is not in an image")
    )


@pytest.mark.parametrize(
    ("kind", "one", "several"),
    [
        (Count("cars"), "What is it?", "integers, e.g., [10, 5, 3, 20]"),
        (Number("dollars"), "What is it?", "numbers, e.g., [10.5, 5, 3.25]"),
        (Text(), "What is it?", 'strings, e.g., ["first text", "second text"]'),
        (
            Label(("shoe", "shirt", "bag")),
            'What is it? Answer with exactly one of these: "shoe", "shirt", "bag".',
            'strings, each exactly one of these: "shoe", "shirt", "bag"; e.g., ["shoe", "shirt"]',
        ),
        (
            RECEIPT,
            f"What is it? {AS_OBJECT.format(EXAMPLE)}",
            f"objects like {EXAMPLE}, with null for what is not in an image",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Kind) else "",
)
def test_a_kind_adds_the_answer_instructions(kind: Kind, one: str, several: str) -> None:
    """They are added to both prompts, and each `{n}` of the question becomes the number of images."""
    task = ask(kind)
    assert task.prompt == one
    assert task.make_prompt(3) == f"There are 3 images. What is in each of the 3? {AS_LIST.format(several)}"


def test_a_schema_replaces_the_words_that_ask_for_a_list() -> None:
    """The prompt with those words begins with the question without them."""
    task = count_people("some-model")
    assert task.make_prompt(2).startswith(task.make_question(2))
    assert "JSON" not in task.make_question(2)
    config = task.make_config(structured=True)
    assert config is not None
    assert config.response_schema == list[int]


class Network(httpx2.AsyncBaseTransport):
    """A network that keeps the bodies of requests and answers each with the same text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.bodies: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Keep the request's body and answer it."""
        self.bodies.append(json.loads(request.content))
        return httpx2.Response(200, json={"candidates": [{"content": {"parts": [{"text": self.text}]}}]})


@pytest.mark.parametrize(
    ("kind", "items", "value"),
    [
        (Count(), {"type": "INTEGER"}, 3),
        (Number(), {"type": "NUMBER"}, 12.5),
        (Text(), {"type": "STRING"}, "a shoe"),
        (Label(("shoe", "bag")), {"type": "STRING", "enum": ["shoe", "bag"]}, "bag"),
        (
            RECEIPT,
            {
                "type": "OBJECT",
                "properties": {
                    "merchant": {"type": "STRING", "nullable": True},
                    "total": {"type": "NUMBER", "nullable": True},
                    "items": {"type": "INTEGER", "nullable": True},
                },
                "required": ["merchant", "total", "items"],
                "property_ordering": ["merchant", "total", "items"],
            },
            {"merchant": "M", "total": 12.5, "items": None},
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Kind) else "",
)
def test_the_schema_of_a_kind_is_sent(kind: Kind, items: dict[str, Any], value: object) -> None:
    """The SDK sends the schema as the API documents it, and an answer that fits it is read."""
    network = Network(json.dumps([value, value]))
    wire = Wire(virtual_clock(), NetworkResponder())
    wire.start_round(0)
    with open_session(wire, network=(httpx2.HTTPTransport(), network)) as session:
        answers = session.run(STRATEGIES["structured"], IMAGES, ask(kind))
    (body,) = network.bodies
    # The SDK gives a list of a type this title, and the bundled recordings have it.
    title = {"title": "Placeholder"} if isinstance(kind.schema, type) else {}
    assert body["generationConfig"] == {
        "responseMimeType": "application/json",
        "responseSchema": {"type": "ARRAY", "items": items, **title},
    }
    assert body["contents"][0]["parts"][-1] == {"text": "There are 2 images. What is in each of the 2?"}
    assert [answer.value for answer in answers] == [value, value]
