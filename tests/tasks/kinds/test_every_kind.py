"""For random texts, each kind reads a value that is plainly there or none; simulated answers are valid answers."""

import json
import re
import tempfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

import pytest
from hypothesis import configuration, example, given, settings
from hypothesis import strategies as st

from fixtures.exchange.answer import Answer
from fixtures.tasks.kind import Kind
from fixtures.tasks.kinds.count import MOST, Count
from fixtures.tasks.kinds.fields import Fields
from fixtures.tasks.kinds.label import Label
from fixtures.tasks.kinds.number import Number
from fixtures.tasks.kinds.text import Text
from fixtures.tasks.question import list_kinds
from fixtures.tasks.responses import TEXT_KEPT, read, read_all, read_chunks
from tests.helpers.responses import said

NAMES = ["a.jpg", "b.jpg", "c.jpg"]
CHOICES = ("shoe", "Red shirt", "N.A.")
FIELDS = {"merchant": "text", "total": "number", "items": "count"}
KINDS: dict[str, Kind] = {
    "count": Count("people"),
    "count-without-unit": Count(),
    "number": Number(),
    "number-with-unit": Number("dollars", 0.005),
    "label": Label(CHOICES),
    "text": Text(),
    "fields": Fields(FIELDS, 0.005),
}
each_kind = pytest.mark.parametrize("name", KINDS)

# Even without a database, hypothesis writes files to a folder below the current one.
configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis")
fuzzed = settings(derandomize=True, deadline=None, database=None, max_examples=400)

# Generated answers: prose, amounts, digits of other alphabets, numbers of any size, JSON with and without Markdown.
odd = st.sampled_from(
    (
        *("NaN", "-Infinity", "1e400", "1e3", "1" + "0" * 400, "-0", "007", "null", "true", "", "12 or 13", "12 %"),
        *("\u0661\u0662", "\u0967\u0968", "\uff11\uff12", "1\u00bd", "3\u4e07", "about 12", "35 people", "5 buses"),
        *("a shoe", "shoe or red shirt", "shoes", "shoe\nbag", "N.A", "-", "1,234", "$1.234", "1.234", "12 34"),
    )
)
labels = st.sampled_from(["shoe", "**Shoe**", "RED  SHIRT", "n.a.", '"shoe"', "Red shirt."])
amounts = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "", "-", "\u2212", "- ", "$", "\u20ac ", "EUR ", "-$"]),
        st.integers(0, 1999).map(str) | st.sampled_from(["1,234", "1.234", "1.234.567", "1,23"]),
        st.sampled_from(["", "", ".5", ",50", ".50", ",345", ".678"]),
        st.sampled_from(["", "", "", " \u20ac", "%", " dollars", " people", "."]),
    ),
)
entries = odd | labels | amounts
characters = st.text("0159,.-+%eE$\u20ac[]{}\"'`*_: \n\u2212\u0663\u0967\uff15\u00bd", max_size=20) | st.text(
    max_size=20
)
strings = entries.map(lambda entry: json.dumps(entry, ensure_ascii=False))
values = strings | st.integers(-1, 2000).map(str) | st.sampled_from(["12.50", "1.234", "0.5"]) | entries
fitting = {"text": strings, "number": amounts.map(json.dumps), "count": st.integers(0, 9).map(str)}
pairs = st.sampled_from([*FIELDS.items()]).flatmap(
    lambda field: st.tuples(st.just(field[0]), fitting[field[1]] | fitting[field[1]] | values)
) | st.tuples(st.just("other"), values)
objects = (st.lists(pairs, min_size=1, max_size=3, unique_by=lambda pair: pair[0]) | st.lists(pairs, max_size=3)).map(
    lambda found: f"{{{', '.join(f'{json.dumps(name)}: {value}' for name, value in found)}}}"
)
nested = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
).map(json.dumps)
ENTRIES = (values, labels.map(json.dumps), amounts.map(json.dumps), objects, nested)
BEFORE = ("", "", "", "", "```json\n", "Here you go: ", "For the 3 images: ", "1 image: ")
AFTER = ("", "", "", "", "\n```", ".", " 7")


@st.composite
def texts(draw: st.DrawFn, images: int = 1) -> str:
    """Return a text that a model may answer about this number of images."""
    size = draw(st.sampled_from((images, images, images, 0, 1, 2, 3)))
    a_list = st.sampled_from(ENTRIES).flatmap(lambda entry: st.lists(entry, min_size=size, max_size=size))
    alone = characters | entries | objects if images == 1 else characters
    text = draw(a_list.map(lambda found: f"[{', '.join(found)}]") | alone)
    return draw(st.sampled_from(BEFORE)) + text + draw(st.sampled_from(AFTER))


def list_readings(run: str) -> set[Decimal]:
    """Return each number that digits, points and commas can mean, with either of the two as the decimal sign."""
    found = set()
    for thousands, decimals in (",.", ".,"):
        grouped = rf"[1-9][0-9]{{0,2}}(?:\{thousands}[0-9]{{3}})+"
        if re.fullmatch(rf"(?:{grouped}|0|[1-9][0-9]*)(?:\{decimals}[0-9]+)?", run):
            found.add(Decimal(run.replace(thousands, "").replace(decimals, ".")))
    return found


def is_count(value: Any, said: str) -> bool:
    """Return whether the count is the only number written in the text, in ASCII digits."""
    runs = {run.replace(",", "") for run in re.findall(r"[0-9](?:[0-9,]*[0-9])?", said)}
    return type(value) is int and runs == {str(value)} and not re.search(r"[-\u2212][0-9]|[0-9][.,]?[0-9]*[%e]", said)


def is_number(value: Any, said: str) -> bool:
    """Return whether the number is the only one written in the text and the only possible reading of it."""
    runs = re.findall(r"[0-9](?:[0-9.,]*[0-9])?", said)
    if type(value) is not float or len(runs) != 1:
        return False
    readings = list_readings(runs[0])
    if len(readings) > 1 and re.fullmatch(r"[0-9]+\.[0-9]+", runs[0]) and not re.search(r"[$\u20ac\u00a5]|EUR", said):
        readings = {Decimal(runs[0])}  # a decimal point without a currency
    sign = -1 if re.search(r"[-\u2212](EUR|[$\u20ac\u00a5])? ?[0-9]", said) else 1
    return {float(sign * reading) for reading in readings} == {value}


def is_label(value: Any, said: str) -> bool:
    """Return whether the label is the whole text, apart from case, white space and marks."""
    letters = re.sub(r"[\W_]+", " ", said).strip().casefold()
    return value in CHOICES and letters == re.sub(r"[\W_]+", " ", value).strip().casefold()


def is_text(value: Any, said: str) -> bool:
    """Return whether the value is the text without white space around it."""
    return bool(value == said.strip())


def is_object(value: Any, said: str) -> bool:
    """Return whether each field equals that of the object in the text, and is None where it is null or missing."""
    entry = read_json(said[said.index("{") : said.rindex("}") + 1])
    return list(value) == list(FIELDS) and all(
        entry.get(name) is None if value[name] is None else ORACLES[kind](value[name], entry[name])
        for name, kind in FIELDS.items()
    )


def read_json(text: str) -> Any:
    """Return a JSON value with its numbers as strings; a duplicate name raises `AssertionError`."""

    def make(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), "one of several values was guessed"
        return dict(pairs)

    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=make)


ORACLES: Mapping[str, Callable[[Any, str], bool]] = {
    "count": is_count,
    "number": is_number,
    "label": is_label,
    "text": is_text,
    "fields": is_object,
}
"""By kind: a function that returns whether a value read from a text is plainly there."""


def find_entries(text: str) -> list[str]:
    """Return the entries of the list in a text, each as the text about one image."""
    entries = read_json(text[text.index("[") : text.rindex("]") + 1])
    return [entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False) for entry in entries]


def unwrap(text: str) -> str:
    """Return a text without a Markdown fence and without the words "1 image" before a list."""
    bare = re.sub(r"\A```[A-Za-z]*|```\Z", "", text.strip()).strip()
    return re.sub(r"\b1 images?\b", "", bare)


def is_plainly_there(kind: str, value: Any, text: str) -> bool:
    """Return whether the value about one image is in the text, alone or as the only entry of a list."""
    if kind != "text" and re.search(r"\A[^\[{]*\[.*\][^\]}]*\Z", unwrap(text), re.DOTALL):
        (entry,) = find_entries(text)
        return ORACLES[kind](value, entry)
    return ORACLES[kind](value, text if kind == "text" else unwrap(text))


def complete(value: Any) -> Any:
    """Return a value as a truth, without its missing fields."""
    return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value


def assert_answer(kind: Kind, answer: Answer, text: str) -> None:
    """Check that an answer has either a value that can be stored, scored and shown, or a reason."""
    assert (answer.value is None) != (answer.reason is None)
    assert (answer.reason is None) == (answer.detail == "")
    assert len(answer.detail) <= 120
    assert answer.text == text[:TEXT_KEPT]
    if answer.value is None:
        return
    stored = json.dumps(answer.value, ensure_ascii=False)
    assert json.loads(stored.encode()) == answer.value
    truth = complete(answer.value)
    kind.check_truth(truth)
    assert kind.score(answer.value, truth) == 1.0
    assert kind.compare(answer.value, answer.value) == 1.0
    assert kind.measure_error(answer.value, truth) in (0, None)
    assert kind.format_answer(answer.value).isprintable()
    assert kind.format_against(answer.value, truth).isprintable()


def test_every_kind_is_tested_here() -> None:
    """`KINDS` has each kind in `fixtures/tasks/kinds`."""
    assert {name.partition("-")[0] for name in KINDS} == set(list_kinds())


@fuzzed
@given(text=texts())
@example(text="[1, 2, 3]")
@example(text='{"merchant": "a", "total": 1, "total": 2}')
@example(text='{"merchant": "\\ud800", "total": 1}')
@example(text="[" * 100_000)
@example(text="")
def test_an_answer_about_one_image_is_plainly_there_or_has_a_reason(text: str) -> None:
    """Nothing is raised, and a stream of the same text gives the same answer."""
    whole, chunks = [said(text)], [said(text[:3], None), said(text[3:])]
    for name, kind in KINDS.items():
        answer = read(kind, "a.jpg", whole)
        assert read_chunks(kind, "a.jpg", chunks) == answer
        assert_answer(kind, answer, text)
        if answer.value is not None:
            assert is_plainly_there(name.partition("-")[0], answer.value, text), (name, answer)


@fuzzed
@given(case=st.sampled_from([0, 1, 2, 3]).flatmap(lambda images: st.tuples(st.just(images), texts(images))))
@example(case=(3, "[1, 2, 3]"))
@example(case=(3, '["shoe", "N.A.", "n.a"]'))
@example(case=(2, '[{"merchant": "a"}, {"total": 1}]'))
def test_each_of_several_images_has_its_own_entry_or_a_reason(case: tuple[int, str]) -> None:
    """No image gets the entry of another one."""
    images, text = case
    response = said(text)
    for name, kind in KINDS.items():
        answers = read_all(kind, NAMES[:images], response)
        assert [answer.image for answer in answers] == NAMES[:images]
        for index, answer in enumerate(answers):
            assert_answer(kind, answer, text)
            if answer.value is not None and images > 1:
                oracle = ORACLES[name.partition("-")[0]]
                assert oracle(answer.value, find_entries(text)[index]), (name, answer)


TRUTHS: dict[str, st.SearchStrategy[Any]] = {
    "count": st.integers(0, MOST),
    "number": st.integers(-(10**14), 10**14) | st.floats(-1e14, 1e14),
    "label": st.sampled_from(CHOICES) | st.sampled_from([choice.upper() for choice in CHOICES]),
    "text": st.text(min_size=1, max_size=40).filter(str.strip),
}
TRUTHS["fields"] = st.fixed_dictionaries({}, optional={field: TRUTHS[kind] for field, kind in FIELDS.items()}).filter(
    bool
)


@each_kind
@settings(fuzzed, max_examples=60)
@given(data=st.data(), images=st.integers(1, 3000), seed=st.integers(0, 99))
def test_a_simulated_answer_is_a_valid_answer(name: str, data: st.DataObject, images: int, seed: int) -> None:
    """It can be stored and scored, and is the same for the same random numbers."""
    kind, truth = KINDS[name], data.draw(TRUTHS[name.partition("-")[0]])
    kind.check_truth(truth)
    answer = kind.spoil(truth, images, Random(seed))
    assert kind.spoil(truth, images, Random(seed)) == answer
    assert json.loads(json.dumps(answer)) == answer
    assert 0 <= kind.score(answer, truth) <= 1
    assert kind.weigh(truth) >= 0
    if max(truth if isinstance(truth, int) else 0, 0) < MOST / 2:
        kind.check_truth(complete(answer))


@each_kind
def test_a_made_up_truth_is_valid_and_reproducible(name: str) -> None:
    """It is the same for the same random numbers, and differs between seeds."""
    kind = KINDS[name]
    made = [kind.make_up(Random(seed)) for seed in range(40)]
    assert made == [kind.make_up(Random(seed)) for seed in range(40)]
    for truth in made:
        kind.check_truth(truth)
    assert len({json.dumps(truth) for truth in made}) >= 3


CERTAIN = {
    "count": 100,
    "number": 23.45,
    "label": "shoe",
    "text": "Blue Door Books",
    "fields": {"merchant": "Blue Door Books", "total": 23.45, "items": 50},
}


@each_kind
def test_the_more_images_share_a_prompt_the_more_is_wrong(name: str) -> None:
    """Over 500 draws, the mean score is lower for 12 images in a prompt than for one, which is above 0.5."""
    kind = KINDS[name]
    truth = CERTAIN[name.partition("-")[0]]
    alone, shared = (
        fmean(kind.score(kind.spoil(truth, images, Random(f"{images}/{seed}")), truth) for seed in range(500))
        for images in (1, 12)
    )
    assert 0 < shared < alone - 0.01
    assert alone > 0.5
