"""What the model answers is read into a number, or into the reason why there is none; nothing is raised or guessed."""

import json
import logging
import re
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest
from google.genai import types
from hypothesis import configuration, example, given, settings
from hypothesis import strategies as st

from fixtures.exchange.answer import Answer, Reason
from fixtures.tasks.reading import MOST, TEXT_KEPT, read, read_all, read_chunks

NAMES = ["a.jpg", "b.jpg", "c.jpg"]
HUGE = "1" + "0" * 400
USAGE = {"promptTokenCount": 663, "totalTokenCount": 663}
SIGNATURE = "Cu8BAb4+9vtxm0V1cisll85rwnRYGQAq"

# Even without a database, hypothesis stores what it finds out, in the folder that it is run from.
configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis")
fuzzed = settings(derandomize=True, deadline=None, database=None, max_examples=400)


def response(body: dict[str, Any]) -> types.GenerateContentResponse:
    """Return what the SDK makes of a body from the wire."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the SDK warns about finish reasons that it does not know
        return types.GenerateContentResponse.model_validate(body)


def body(*parts: dict[str, Any], finish: str | None = "STOP") -> dict[str, Any]:
    """Return a body with one candidate."""
    candidate = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "usageMetadata": USAGE}


def said(text: str, finish: str | None = "STOP") -> types.GenerateContentResponse:
    """Return an answer of one text."""
    return response(body({"text": text}, finish=finish))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("35", 35, id="bare"),
        pytest.param("0", 0, id="zero"),
        pytest.param(" 35\n", 35, id="white-space"),
        pytest.param("**35**", 35, id="bold"),
        pytest.param("35.", 35, id="full-stop"),
        pytest.param("**35**.", 35, id="bold-and-full-stop"),
        pytest.param("about 35 people", 35, id="about"),
        pytest.param("There are 35 people in this image.", 35, id="sentence"),
        pytest.param("There are 35 people. The answer is 35.", 35, id="said-twice"),
        pytest.param("I count 35 in total, roughly.", 35, id="in-total"),
        pytest.param("The answer is: 35", 35, id="last-word"),
        pytest.param("35 visible people", 35, id="with-an-adjective"),
        pytest.param("**35** people", 35, id="bold-people"),
        pytest.param("I count 1,234 people.", 1234, id="thousands"),
        pytest.param("1,000,000,000", MOST, id="the-most"),
        pytest.param("```\n35\n```", 35, id="fence"),
        pytest.param("```json\n[35]\n```", 35, id="fenced-list"),
        pytest.param("Sure:\n```json\n35\n```", 35, id="fence-after-prose"),
        pytest.param('"35"', 35, id="json-string"),
        pytest.param("[35]", 35, id="list"),
        pytest.param('["35"]', 35, id="list-of-string"),
        pytest.param("Here you go: [35]", 35, id="list-in-prose"),
    ],
)
def test_one_number_is_read_however_it_is_dressed(text: str, number: int) -> None:
    """The only number of the text is the answer, and the text is kept."""
    assert read("a.jpg", said(text)) == Answer("a.jpg", number, text=text)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        pytest.param("", "no text", id="empty"),
        pytest.param(" \n", "no text", id="white-space"),
        pytest.param("a dozen", "no number: 'a dozen'", id="number-word"),
        pytest.param("30 to 40", "more than one number: '30 to 40'", id="range"),
        pytest.param("30-40", "not a plain integer: '30-40'", id="range-in-one-word"),
        pytest.param("Image 1: 35", "more than one number: 'Image 1: 35'", id="label"),
        pytest.param("Image [1]: 35", "neither a number nor prose: 'Image [1]: 35'", id="label-in-brackets"),
        pytest.param("1 234 people", "more than one number: '1 234 people'", id="spaced-thousands"),
        pytest.param("100 100", "more than one number: '100 100'", id="spaced-thousands-alike"),
        pytest.param("12,34", "not a plain integer: '12,34'", id="odd-thousands"),
        pytest.param("0,123", "not a plain integer: '0,123'", id="decimal-comma"),
        pytest.param("007", "not a plain integer: '007'", id="leading-zeros"),
        pytest.param("35.5", "not a plain integer: '35.5'", id="float"),
        pytest.param("35.0", "not a plain integer: '35.0'", id="whole-float"),
        pytest.param("[35.0]", "not a plain integer: '35.0'", id="whole-float-in-list"),
        pytest.param(".5", "not a plain integer: '.5'", id="float-without-zero"),
        pytest.param("-3", "not a plain integer: '-3'", id="negative"),
        pytest.param("- 3", "not a plain integer: '- 3'", id="spaced-negative"),
        pytest.param("\u22123", "not a plain integer: '\u22123'", id="unicode-minus"),
        pytest.param("[-0]", "not a plain integer: '-0'", id="negative-zero"),
        pytest.param("NaN", "no number: 'NaN'", id="nan"),
        pytest.param("[NaN]", "not a plain integer: 'NaN'", id="nan-in-list"),
        pytest.param("Infinity", "no number: 'Infinity'", id="infinity"),
        pytest.param("1000000001", "too large: '1000000001'", id="too-many"),
        pytest.param("1,000,000,001", "too large: '1000000001'", id="too-many-with-thousands"),
        pytest.param(HUGE, "too large: '1000", id="400-zeros"),
        pytest.param("9" * 5000, "too large: '9999", id="5000-digits"),
        pytest.param("1e400", "not a plain integer: '1e400'", id="exponent"),
        pytest.param("[1e2]", "not a plain integer: '1e2'", id="exponent-in-list"),
        pytest.param("12%", "not a plain integer: '12%'", id="percent"),
        pytest.param("12 percent", "not plainly a count of people: '12 percent'", id="percent-word"),
        pytest.param("about 2 dozen people", "not plainly a count of people: 'about 2 dozen people'", id="dozens"),
        *(
            pytest.param(text, f"not plainly a count of people: '{text}'", id=text)
            for text in (
                "Image 2 shows three people.",
                "There are no people, only 1 dog.",
                "I see 2 buses.",
                "five hundred and 12 people",
                "Twenty-five people in 3 rows",
                "I cannot count the people in image 1.",
                "Nobody in picture 1.",
                "The resolution is 1080 and too low.",
                "12 couples",
                "3 rows of people",
                "fewer than 10 people",
                "more than 35 people",
                "at least 35",
                "over 100",
                "1 or two people",
                "not 35",
                "I am 90 sure",
            )
        ),
        pytest.param("\u0663\u0665", "not a plain integer: '\u0663\u0665'", id="arabic-digits"),
        pytest.param("3\u00bd", "not a plain integer: '3\u00bd'", id="fraction"),
        pytest.param("35 \u00bd", "more than one number: '35 \u00bd'", id="spaced-fraction"),
        pytest.param("35\u4e07", "not a plain integer: '35\u4e07'", id="chinese-unit"),
        pytest.param('{"count": 35}', "neither a number nor prose: '{\"count\": 35}'", id="dict"),
        pytest.param("[[35]]", "not a plain integer: ['35']", id="nested-list"),
        pytest.param("[35", "neither a number nor prose: '[35'", id="truncated-list"),
        pytest.param("[true]", "not a plain integer: True", id="boolean"),
        pytest.param("[null]", "not a plain integer: None", id="null"),
        pytest.param("[" * 100_000 + "]" * 100_000, "neither a number nor prose: '[[[", id="deep-nesting"),
    ],
)
def test_what_is_not_one_plain_integer_is_unreadable_and_not_guessed(text: str, detail: str) -> None:
    """The detail says what is wrong, in few words."""
    answer = read("a.jpg", said(text))
    assert (answer.number, answer.reason, answer.text) == (None, Reason.UNREADABLE, text[:TEXT_KEPT])
    assert answer.detail.startswith(detail)
    assert answer.detail == detail or len(answer.detail) > 80
    assert len(answer.detail) <= 120


@pytest.mark.parametrize("text", ["[30, 40]", "[1,234]", "[35, 35]"])
def test_two_answers_for_one_image_are_the_wrong_number_of_answers(text: str) -> None:
    """A list has commas between its entries, and not between thousands."""
    assert read("a.jpg", said(text)) == Answer("a.jpg", None, Reason.WRONG_NUMBER, "2 answers for 1 image", text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[4, 38, 0]", id="bare"),
        pytest.param("\n[4,38,\n0] ", id="white-space"),
        pytest.param('["4", "38", " 0 "]', id="strings"),
        pytest.param("```json\n[4, 38, 0]\n```", id="fence-with-language"),
        pytest.param("```\n[4, 38, 0]```", id="fence"),
        pytest.param("Here you go: [4, 38, 0]", id="prose-before"),
        pytest.param("[4, 38, 0] are the counts.", id="prose-after"),
        pytest.param("Counts for the 3 images:\n```json\n[4, 38, 0]\n```\nGlad to help!", id="prose-around-fence"),
    ],
)
def test_a_list_gives_each_image_its_number(text: str) -> None:
    """The answers come in the names' order."""
    assert read_all(NAMES, said(text)) == [
        Answer(name, number, text=text) for name, number in zip(NAMES, (4, 38, 0), strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("[]", "0 answers for 3 images"),
        ("[7]", "1 answer for 3 images"),
        ("[4, 38]", "2 answers for 3 images"),
        ("Here you go: [1, 2, 3, 4]", "4 answers for 3 images"),
        ("[[4, 38, 0]]", "1 answer for 3 images"),
    ],
)
def test_a_list_of_the_wrong_length_answers_no_image(text: str, detail: str) -> None:
    """Nobody can know which image a number is about."""
    assert read_all(NAMES, said(text)) == [Answer(name, None, Reason.WRONG_NUMBER, detail, text) for name in NAMES]


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        pytest.param("null", "None", id="null"),
        pytest.param("true", "True", id="boolean"),
        pytest.param("NaN", "'NaN'", id="nan"),
        pytest.param("-Infinity", "'-Infinity'", id="infinity"),
        pytest.param("35.0", "'35.0'", id="float"),
        pytest.param("1e400", "'1e400'", id="exponent"),
        pytest.param("-3", "'-3'", id="negative"),
        pytest.param('""', "''", id="empty-string"),
        pytest.param('"about 35"', "'about 35'", id="prose"),
        pytest.param('"1,234"', "'1,234'", id="thousands"),
        pytest.param('"\\u0663"', "'\u0663'", id="arabic-digit"),
        pytest.param("[35]", "['35']", id="list"),
        pytest.param('{"n": 35}', "{'n': '35'}", id="dict"),
        pytest.param("[" * 300 + "]" * 300, "[[[[[[[...]]]]]]]", id="nesting"),
    ],
)
def test_a_bad_entry_costs_only_its_image(entry: str, shown: str) -> None:
    """The others are read, and the detail names the entry."""
    text = f"[4, {entry}, 35]"
    assert read_all(NAMES, said(text)) == [
        Answer("a.jpg", 4, text=text[:TEXT_KEPT]),
        Answer("b.jpg", None, Reason.UNREADABLE, f"not a plain integer: {shown}", text[:TEXT_KEPT]),
        Answer("c.jpg", 35, text=text[:TEXT_KEPT]),
    ]


@pytest.mark.parametrize("entry", ["9" * 5000, HUGE, json.dumps("many " * 100), json.dumps(["many " * 9] * 9)])
def test_a_long_bad_entry_is_cut(entry: str) -> None:
    """A table of answers has room for some 80 characters, and a number of any length is only text."""
    answers = read_all(NAMES, said(f"[4, {entry}, 35]"))
    assert [answer.number for answer in answers] == [4, None, 35]
    assert len(answers[1].detail.partition(": ")[2]) == 80


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("4", id="number"),
        pytest.param("9" * 5000, id="5000-digits"),
        pytest.param("NaN", id="nan"),
        pytest.param("true", id="boolean"),
        pytest.param("null", id="null"),
        pytest.param('{"counts": [4, 38, 0]}', id="dict"),
        pytest.param('Here you go: {"counts": [4, 38, 0]}', id="dict-in-prose"),
        pytest.param('"[4, 38, 0]"', id="string"),
        pytest.param("4, 38 and 0 people", id="prose"),
        pytest.param("[4, 38, 0", id="truncated"),
        pytest.param("[4, 38, 0,]", id="trailing-comma"),
        pytest.param("[4, 38, 0] or [4, 38, 1]", id="two-lists"),
        pytest.param("Here you go: [[4, 38, 0]]", id="nested-in-prose"),
        pytest.param("Images [1, 2, 3]: 4, 38 and 0", id="list-of-labels"),
        pytest.param("Image 3: [4, 38, 0]", id="list-with-label"),
        pytest.param("[" * 100_000, id="deep-nesting"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="closed-deep-nesting"),
    ],
)
def test_what_is_not_one_list_answers_no_image(text: str) -> None:
    """Every image has an answer that says so."""
    answers = read_all(NAMES, said(text))
    detail = answers[0].detail
    assert answers == [Answer(name, None, Reason.UNREADABLE, detail, text[:TEXT_KEPT]) for name in NAMES]
    assert detail.startswith("not a list: " if text else "no text")
    assert len(detail) <= 120


@pytest.mark.parametrize(
    "text", ["35", "**35**", "```\n35\n```", "```json\n35\n```", "[35]", '["35"]', "Here you go: [35]"]
)
def test_a_list_of_one_may_come_as_a_number(text: str) -> None:
    """The last of several prompts may be about one image."""
    assert read_all(["a.jpg"], said(text)) == [Answer("a.jpg", 35, text=text)]


@pytest.mark.parametrize("text", ["about 35 people", "-3", "{}", ""])
def test_a_list_of_one_is_not_taken_from_prose(text: str) -> None:
    """Where a list was asked for, prose is no answer."""
    (answer,) = read_all(["a.jpg"], said(text))
    assert (answer.number, answer.reason) == (None, Reason.UNREADABLE)


@pytest.mark.parametrize("text", ["35", "[]", "[35]", ""])
def test_no_names_have_no_answers(text: str) -> None:
    """There is one answer per name, always."""
    assert read_all([], said(text)) == []


BLOCKED = ["SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "ESCALATION", "MODEL_ARMOR"]
BLOCKED_IMAGES = ["IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"]
CUT_OFF = ["MAX_TOKENS", "CONTINUATION"]
KNOWN = {finish.name for finish in types.FinishReason}
ODD = [*sorted(KNOWN - {*BLOCKED, *BLOCKED_IMAGES, *CUT_OFF, "STOP"}), "FROM_THE_FUTURE"]


@pytest.mark.parametrize(
    ("finish", "reason", "detail"),
    [
        *((finish, Reason.BLOCKED, finish) for finish in BLOCKED + BLOCKED_IMAGES),
        *((finish, Reason.CUT_OFF, finish) for finish in CUT_OFF),
        *((finish, Reason.UNREADABLE, f"finish reason {finish}") for finish in ODD),
    ],
)
def test_an_answer_that_was_not_finished_is_not_read(finish: str, reason: Reason, detail: str) -> None:
    """What the model said so far may be the "1" of "150"; it is kept as text only."""
    assert read("a.jpg", said("1", finish)) == Answer("a.jpg", None, reason, detail, "1")
    assert read_all(NAMES, said("[1, 2, 3]", finish)) == [
        Answer(name, None, reason, detail, "[1, 2, 3]") for name in NAMES
    ]


@pytest.mark.parametrize("finish", ["STOP", "stop", None])
def test_a_finished_answer_is_read(finish: str | None) -> None:
    """A missing finish reason is none against the answer."""
    assert read("a.jpg", said("35", finish)).number == 35


@pytest.mark.parametrize("reason", [*(reason.name for reason in types.BlockedReason), "FROM_THE_FUTURE"])
@pytest.mark.parametrize("rest", [{}, {"candidates": []}, body({"text": "35"})], ids=["bare", "empty", "answered"])
def test_a_blocked_prompt_is_blocked(reason: str, rest: dict[str, Any]) -> None:
    """The block reason counts whatever else there is."""
    blocked = read("a.jpg", response({"promptFeedback": {"blockReason": reason}, **rest}))
    assert (blocked.number, blocked.reason, blocked.detail) == (None, Reason.BLOCKED, reason)


def test_prompt_feedback_without_a_block_reason_blocks_nothing() -> None:
    """Safety ratings alone are only told."""
    assert read("a.jpg", response({"promptFeedback": {"safetyRatings": []}} | body({"text": "35"}))).number == 35


@pytest.mark.parametrize(
    ("answered", "reason", "detail"),
    [
        pytest.param({}, Reason.UNREADABLE, "no candidates", id="nothing"),
        pytest.param({"candidates": []}, Reason.UNREADABLE, "no candidates", id="empty-candidates"),
        pytest.param(
            {"usageMetadata": USAGE, "modelVersion": "m", "responseId": "r"},
            Reason.UNREADABLE,
            "no candidates",
            id="no-candidates",
        ),
        pytest.param({"candidates": [{}]}, Reason.UNREADABLE, "no text", id="empty-candidate"),
        pytest.param({"candidates": [{"content": None}]}, Reason.UNREADABLE, "no text", id="no-content"),
        pytest.param({"candidates": [{"content": {"parts": None}}]}, Reason.UNREADABLE, "no text", id="no-parts"),
        pytest.param(body({}), Reason.UNREADABLE, "no text", id="empty-part"),
        pytest.param(body({"text": None}), Reason.UNREADABLE, "no text", id="no-text"),
        pytest.param(body({"text": "35", "thought": True}), Reason.UNREADABLE, "no text", id="thought-only"),
        pytest.param(
            {"candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS", "index": 0}]},
            Reason.CUT_OFF,
            "MAX_TOKENS",
            id="thought-until-the-limit",
        ),
        pytest.param(
            {
                "candidates": [
                    {
                        "content": {},
                        "finishReason": "SAFETY",
                        "safetyRatings": [
                            {"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW", "blocked": True}
                        ],
                    }
                ]
            },
            Reason.BLOCKED,
            "SAFETY",
            id="safety-stop",
        ),
        pytest.param(
            body({"functionCall": {"args": {}, "name": "get_user_country"}, "thoughtSignature": SIGNATURE}),
            Reason.UNREADABLE,
            "no text",
            id="function-call",
        ),
        pytest.param(
            body({"text": "Kiwi", "thoughtSignature": SIGNATURE}), Reason.UNREADABLE, "no number: 'Kiwi'", id="word"
        ),
        pytest.param(
            body({"text": "1.  **Text:** a\n2.  **Image:** b", "thoughtSignature": SIGNATURE}),
            Reason.UNREADABLE,
            "more than one number: '1.  **Text:** a\\n2.  **Image:** b'",
            id="numbered-prose",
        ),
    ],
)
def test_real_shapes_without_a_number_have_a_reason(answered: dict[str, Any], reason: Reason, detail: str) -> None:
    """Everything may be missing from a response."""
    answer = read("a.jpg", response(answered))
    assert (answer.number, answer.reason, answer.detail) == (None, reason, detail)
    answers = read_all(NAMES, response(answered))
    assert [(answer.image, answer.number, answer.reason) for answer in answers] == [
        (name, None, reason) for name in NAMES
    ]


@pytest.mark.parametrize(
    ("parts", "number"),
    [
        pytest.param([{"text": "4", "thoughtSignature": SIGNATURE}], 4, id="signed"),
        pytest.param([{"text": "I see 99.", "thought": True}, {"text": "35"}], 35, id="thought-first"),
        pytest.param([{"text": "3"}, {"text": "9", "thought": True}, {"text": "5", "thought": False}], 35, id="split"),
        pytest.param([{"executableCode": {"code": "9", "language": "PYTHON"}}, {"text": "35"}], 35, id="code"),
    ],
)
def test_the_text_is_what_was_said_and_not_what_was_thought(
    parts: list[dict[str, Any]], number: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other parts are passed over without a warning."""
    monkeypatch.setattr(types, "_response_text_non_text_warning_logged", False)  # the SDK warns once per process
    with caplog.at_level(logging.DEBUG):
        assert read("a.jpg", response(body(*parts))) == Answer("a.jpg", number, text=str(number))
    assert not caplog.records


def test_only_the_first_candidate_is_read() -> None:
    """A second candidate is a second opinion that was not asked for."""
    both = {"candidates": [*body({"text": "35"})["candidates"], *body({"text": "99"}, finish="SAFETY")["candidates"]]}
    assert read("a.jpg", response(both)) == Answer("a.jpg", 35, text="35")


@pytest.mark.parametrize(
    ("chunks", "answer"),
    [
        pytest.param([], Answer("a.jpg", None, Reason.UNREADABLE, "no chunks"), id="none"),
        pytest.param(
            [{"usageMetadata": USAGE}], Answer("a.jpg", None, Reason.UNREADABLE, "no candidates"), id="usage-only"
        ),
        pytest.param(
            [body({"text": "35", "thoughtSignature": SIGNATURE}), body({"text": ""}), {"usageMetadata": USAGE}],
            Answer("a.jpg", 35, text="35"),
            id="signed-in-two",
        ),
        pytest.param(
            [
                body({"text": "Hm, 9", "thought": True}, finish=None),
                body({"text": "3"}, finish=None),
                body({"text": "5"}),
            ],
            Answer("a.jpg", 35, text="35"),
            id="split",
        ),
        pytest.param(
            [body({"text": "1"}, finish=None), body(finish="MAX_TOKENS"), body(finish=None)],
            Answer("a.jpg", None, Reason.CUT_OFF, "MAX_TOKENS", "1"),
            id="cut-off",
        ),
        pytest.param(
            [body(finish="OTHER"), body({"text": "35"})], Answer("a.jpg", 35, text="35"), id="last-finish-counts"
        ),
        pytest.param(
            [body({"text": "35"}), {"promptFeedback": {"blockReason": "SAFETY"}}],
            Answer("a.jpg", None, Reason.BLOCKED, "SAFETY", "35"),
            id="blocked",
        ),
    ],
)
def test_a_stream_is_read_as_a_whole(chunks: list[dict[str, Any]], answer: Answer) -> None:
    """Its text is that of all chunks, and its finish reason the last one given."""
    assert read_chunks("a.jpg", [response(chunk) for chunk in chunks]) == answer


@pytest.mark.parametrize("finish", ["STOP", "SAFETY", "MAX_TOKENS", "OTHER"])
def test_a_long_text_is_kept_in_part(finish: str) -> None:
    """A table of answers has room for 500 characters, as they were said."""
    text = " 35 " + "people " * 100
    answers = [read("a.jpg", said(text, finish)), *read_all(NAMES, said(text, finish))]
    assert TEXT_KEPT == 500
    assert {answer.text for answer in answers} == {text[:500]}


def numbers_in(text: str) -> set[int]:
    """Return every number that stands in a text, with and without commas between its digits."""
    found = {*re.findall("[0-9]+", text), *(found.replace(",", "") for found in re.findall("[0-9][0-9,]*", text))}
    return {int(number) for number in found if len(number) <= 10}


numberish = st.text(st.sampled_from("0159,.-+%eE[]{}\"'`*_: \n\u2212\u0663\u00bd"), max_size=25)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(0, 200) | st.floats() | st.text() | numberish,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
)
as_json = st.builds(
    lambda value, ascii_only, before, after: before + json.dumps(value, ensure_ascii=ascii_only) + after,
    json_values,
    st.booleans(),
    st.sampled_from(["", "```json\n", "Here you go: ", "For the 3 images: "]),
    st.sampled_from(["", "\n```", ".", " 7"]),
)


@fuzzed
@given(text=st.text() | numberish | as_json, names=st.sampled_from([[], NAMES[:1], NAMES[:2], NAMES]))
@example(text="[1, 2, 3]", names=NAMES)
def test_whatever_is_said_each_image_has_a_number_from_the_text_or_a_reason(text: str, names: list[str]) -> None:
    """Nothing is raised, and no number is one that the model did not write."""
    one, several = read("a.jpg", said(text)), read_all(names, said(text))
    assert [answer.image for answer in several] == names
    for answer in [one, *several]:
        assert (answer.number is None) != (answer.reason is None)
        assert (answer.reason is None) == (answer.detail == "")
        assert answer.text == text[:TEXT_KEPT]
        if answer.number is not None:
            assert type(answer.number) is int
            assert 0 <= answer.number <= MOST
            assert answer.number in numbers_in(text)
