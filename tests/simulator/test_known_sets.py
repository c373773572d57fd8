"""The simulator finds the image set of a request by image digests, else by its prompt, else it counts people."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google.genai import types

from fixtures.base.errors import RunError
from fixtures.images.folder import load_images
from fixtures.images.image import Image, ImageSet
from fixtures.images.shrinking import shrink_images
from fixtures.simulator.build import build_api
from fixtures.simulator.decisions.api import Api, ApiRequest
from fixtures.simulator.decisions.model import find_truth
from fixtures.simulator.decisions.replies import ApiReply
from fixtures.simulator.known_sets import UNKNOWN_SET, KnownSet, KnownSets, make_known_sets, read_known_sets
from fixtures.simulator.serving.process import run_simulator
from fixtures.tasks.kind import Kind
from fixtures.tasks.kinds.count import Count
from fixtures.tasks.kinds.fields import Fields
from fixtures.tasks.kinds.label import Label
from fixtures.tasks.kinds.number import Number
from fixtures.tasks.kinds.text import Text
from fixtures.tasks.question import Question, load_question
from fixtures.tasks.responses import read, read_all
from tests.helpers.exchanges import make_question
from tests.helpers.responses import response
from tests.helpers.simulated import image
from tests.helpers.suite import make_images
from tests.helpers.tasks import write_task

MODEL = "gemini-3.5-flash"
BUNDLED = read_known_sets()
FOUR, RECEIPTS, SIXTEEN = (load_images(name) for name in ("four", "receipts", "sixteen"))
STRANGE = image("strange.jpg", 5)
OWN_KIND = """
from fixtures.tasks.kinds.label import Label

COLOURS = Label(("red", "green"))
"""


def ask(question: str, for_many: str = "") -> Question:
    """Return a question with a text answer."""
    return Question(question, for_many or f"There are {{n}} images. For each: {question}", Text(), question)


def know(question: Question, *images: Image) -> KnownSet:
    """Return a known set of these images."""
    own = ImageSet("own", images)
    return KnownSet(question.kind, question, own.truths, {each.sha256 for each in images})


def answer(api: Api, text: str, *images: Image) -> types.GenerateContentResponse:
    """Return a simulated answer as the SDK parses it."""
    body = json.dumps(make_question(text, *images)).encode()
    request = ApiRequest("POST", "http://simulator", f"/v1beta/models/{MODEL}:generateContent", {}, {}, body)
    reply = api.read(request)(0.0).reply
    assert isinstance(reply, ApiReply)
    return response(reply.body)


def test_a_bundled_set_is_found_by_any_of_its_images() -> None:
    """One known image suffices, whatever the prompt is."""
    assert BUNDLED.find([FOUR.images[0].sha256], "Hi").truths == FOUR.truths
    assert BUNDLED.find([SIXTEEN.images[-1].sha256], "Hi").truths == SIXTEEN.truths
    receipt = BUNDLED.find([STRANGE.sha256, RECEIPTS.images[3].sha256], "Hi")
    assert receipt.truths == RECEIPTS.truths
    assert isinstance(receipt.kind, Fields)


@pytest.mark.parametrize("count", [1, 4, 12])
def test_strange_images_are_found_by_the_words_of_the_question(count: int) -> None:
    """Unknown images are found by the prompt about one image or several, with and without the request for a list."""
    question = load_question("receipts")
    asked = [question.prompt] if count == 1 else [question.make_prompt(count), question.make_question(count)]
    for text in asked:
        found = BUNDLED.find([STRANGE.sha256] * count, f"Image 1: {text}")
        assert found.kind == question.kind
        assert found.truths == RECEIPTS.truths


def test_where_neither_is_known_people_are_counted() -> None:
    """Without a known image or question, the set is `UNKNOWN_SET`, which counts people."""
    assert BUNDLED.find([STRANGE.sha256], "How many dogs are there?") is UNKNOWN_SET
    assert BUNDLED.find([], "") is UNKNOWN_SET
    assert UNKNOWN_SET.kind == Count("people")
    assert not UNKNOWN_SET.asks("")


def test_a_short_question_is_not_found_in_the_words_that_all_questions_share() -> None:
    """Words common to all prompts do not identify a set, and the longer of two matching questions is chosen."""
    short = KnownSets([know(ask("What?", "I have provided {n} images above labeled Image 1 to Image {n}. What?"))])
    text = "I have provided 3 images above labeled Image 1 to Image 3. Whose?"
    assert short.find([STRANGE.sha256], text) is UNKNOWN_SET
    assert short.find([STRANGE.sha256], text.replace("Whose?", "What?")) is not UNKNOWN_SET
    sets = {
        text: know(ask(text), image(f"{number}.jpg", number))
        for number, text in enumerate(("Read this.", "Read this. And the date."))
    }
    for text, expected in sets.items():
        assert KnownSets(sets.values()).find([STRANGE.sha256], f"There are 2 images. For each: {text}") is expected


def test_a_question_may_end_with_the_number_of_images() -> None:
    """A question may contain the number of images several times, also at its end."""
    own = KnownSets([know(ask("Who?", "For each of {n} (all {n}), tell who it is, of {n}"))])
    assert own.find([STRANGE.sha256], "For each of 12 (all 12), tell who it is, of 12") is not UNKNOWN_SET
    assert own.find([STRANGE.sha256], "For each of them, tell who it is") is UNKNOWN_SET


def test_what_is_made_up_follows_from_the_image_alone() -> None:
    """A made-up truth depends on the image's digest alone; a known truth takes precedence."""
    found = know(load_question("receipts"), STRANGE)
    assert find_truth(found, STRANGE.sha256) == 5
    strangers = [image(f"{number}.jpg", 0).sha256 for number in range(20)]
    made = [find_truth(found, digest) for digest in strangers]
    assert made == [find_truth(found, digest) for digest in strangers]
    assert len({json.dumps(truth) for truth in made}) == 20
    assert made[0] == {"merchant": "delta copper copper", "total": 129.24, "date": "island amber copper"}


@pytest.mark.parametrize(
    ("kind", "truth"),
    [
        (Count("cars"), 7),
        (Number("dollars", 0.005), 1234.5),
        (Label(("shoe", "bag")), "bag"),
        (Text(), "Blue Door"),
        (Fields({"shop": "text", "total": "number", "tip": "number"}), {"shop": "Caf\u00e9", "total": 12.5}),
    ],
    ids=["count", "number", "label", "text", "fields"],
)
def test_every_kind_is_answered_so_that_it_can_be_read(kind: Kind, truth: Any) -> None:
    """An answer about one image is text, and about several a list; most of them are right."""
    images = [Image(name, b"\xff\xd8\xff" + name.encode(), "image/jpeg", 1, 1, truth) for name in ("a", "b", "c")]
    question = Question("What?", "What is in the {n}?", kind, "own")
    right = []
    for seed in range(12):
        api = build_api(KnownSets([know(question, *images)]), seed=seed)
        one = read(kind, "a", [answer(api, question.prompt, images[0])])
        several = read_all(kind, ["a", "b", "c"], answer(api, question.make_prompt(3), *images))
        assert [each.error for each in (one, *several)] == [""] * 4
        right += [kind.score(each.value, truth) for each in (one, *several)]
    assert sum(right) > 0.6 * len(right)


def test_a_set_in_memory_is_known_as_a_folder_is() -> None:
    """A set that is given in memory is found as the same set read from its folder."""
    digest = RECEIPTS.images[0].sha256
    assert make_known_sets(load_question("receipts"), RECEIPTS).find([digest], "") == BUNDLED.find([digest], "")


def test_a_folder_is_read_with_its_digests_truths_and_question(tmp_path: Path) -> None:
    """An image whose digest is in the task file is not read; the others are."""
    folder = make_images(tmp_path / "mine", {"a.jpg": 1, "b.jpg": 2})
    write_task(folder, 'question = "Who?"', 'answer = "text"', truth={"b.jpg": '"Bea"'}, sha256={"b.jpg": "0" * 64})
    (folder / "b.jpg").write_bytes(b"")
    a = load_images("four").images[0]
    (folder / "a.jpg").write_bytes(a.data)
    sets = read_known_sets((folder,))
    assert sets.find(["0" * 64], "").truths == {"0" * 64: "Bea"}
    assert sets.find([a.sha256], "").kind == Text()
    assert sets.find([STRANGE.sha256], "Who?").kind == Text()
    assert sets.find([STRANGE.sha256], load_question("four").prompt) is UNKNOWN_SET, "no bundled set beside it"


def test_images_are_known_at_every_side_at_which_they_are_sent(tmp_path: Path) -> None:
    """A shrunken image has the truth of its original; images of a `max_side` that was not given are unknown."""
    truths = {"a.jpg": 3, "b.jpg": 5}
    folder = make_images(tmp_path / "mine", truths)
    images = load_images(str(folder))
    known = read_known_sets((folder,), max_sides=(20, 32, 1000))
    for max_side in (20, 32, 1000):
        for each in shrink_images(images, max_side).images:
            assert known.find([each.sha256], "").truths[each.sha256] == truths[each.name]
    found = known.find([images.images[0].sha256], "")
    assert len(found.digests) == 2 * 3
    assert shrink_images(images, 40).images[0].sha256 not in found.digests
    assert len(read_known_sets((folder,)).find([images.images[0].sha256], "").digests) == 2


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("nowhere", "there is no such folder; name one that holds an image set"), ("dangling", "cannot be read")],
)
def test_a_folder_that_cannot_be_read_is_said(tmp_path: Path, name: str, sentence: str) -> None:
    """The error is one sentence with the folder's path."""
    (tmp_path / "dangling").mkdir()
    (tmp_path / "dangling" / "a.jpg").symlink_to("nowhere.jpg")
    with pytest.raises(RunError, match=f"{name}.*{sentence}"):
        read_known_sets((tmp_path / name,))


def test_the_process_takes_a_folder_and_a_kind_of_its_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process can import the user's kind, and recognizes images that were shrunk before they were sent."""
    (tmp_path / "colours.py").write_text(OWN_KIND)
    monkeypatch.syspath_prepend(tmp_path)
    folder = make_images(tmp_path / "mine", {"a.jpg": 1})
    write_task(folder, 'question = "Which colour?"', truth={"a.jpg": '"green"'})
    (known_image,) = load_images(str(folder)).images
    (smaller,) = shrink_images(load_images(str(folder)), 20).images
    with run_simulator(time_scale=0, folders=[folder], task="colours:COLOURS", max_sides=[20, 30]) as url:
        path = f"{url}/v1beta/models/{MODEL}:generateContent"
        asked = (("Hi", known_image), ("Hi", smaller), ("Which colour?", STRANGE), ("How many?", STRANGE))
        bodies = [httpx2.post(path, json=make_question(*each)).json() for each in asked]
    known, small, of_the_kind, strange = (body["candidates"][0]["content"]["parts"][0]["text"] for body in bodies)
    assert known == small == "green"
    assert of_the_kind in ("red", "green")
    assert strange.isdecimal()
    with (
        pytest.raises(RunError, match=r"did not start: simulator: --task colours:NOPE cannot be imported"),
        run_simulator(folders=[folder], task="colours:NOPE"),
    ):
        pass
