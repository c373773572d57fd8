"""A model's response gives the answer, or the reason why there is none; nothing is raised or guessed."""

import logging
from typing import Any

import pytest
from google.genai import types

from fixtures.exchange.answer import Answer, Reason
from fixtures.tasks.kinds.count import Count
from fixtures.tasks.responses import TEXT_KEPT, read, read_all, read_chunks
from tests.helpers.responses import SIGNATURE, USAGE, body, response, said

NAMES = ["a.jpg", "b.jpg", "c.jpg"]
PEOPLE = Count("people")
"""The kind used in these tests; the parsing of each kind is tested in `kinds/`."""


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
    assert read_all(PEOPLE, NAMES, said(text)) == [
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
    """The entries of a list of another length cannot be assigned to images."""
    assert read_all(PEOPLE, NAMES, said(text)) == [
        Answer(name, None, Reason.WRONG_NUMBER, detail, text) for name in NAMES
    ]


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
def test_a_text_that_is_not_one_list_answers_no_image(text: str) -> None:
    """Every image has an answer without a value, with the reason `unreadable` and the start of the text."""
    answers = read_all(PEOPLE, NAMES, said(text))
    detail = answers[0].detail
    assert answers == [Answer(name, None, Reason.UNREADABLE, detail, text[:TEXT_KEPT]) for name in NAMES]
    assert detail.startswith("not a list: " if text else "no text")
    assert len(detail) <= 120


@pytest.mark.parametrize(
    "text", ["35", "**35**", "```\n35\n```", "```json\n35\n```", "[35]", '["35"]', "Here you go: [35]"]
)
def test_a_list_of_one_may_come_as_a_number(text: str) -> None:
    """The last prompt of a strategy may be about one image, and its answer a number without a list."""
    assert read_all(PEOPLE, ["a.jpg"], said(text)) == [Answer("a.jpg", 35, text=text)]


@pytest.mark.parametrize("text", ["about 35 people", "-3", "{}", ""])
def test_a_list_of_one_is_not_taken_from_prose(text: str) -> None:
    """Where a list is asked for, a number in prose is not read."""
    (answer,) = read_all(PEOPLE, ["a.jpg"], said(text))
    assert (answer.value, answer.reason) == (None, Reason.UNREADABLE)


@pytest.mark.parametrize("text", ["35", "[]", "[35]", ""])
def test_no_names_have_no_answers(text: str) -> None:
    """Without names there are no answers, whatever the text."""
    assert read_all(PEOPLE, [], said(text)) == []


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
    """The text so far may be the "1" of "150", so it is kept as text and gives no value."""
    assert read(PEOPLE, "a.jpg", [said("1", finish)]) == Answer("a.jpg", None, reason, detail, "1")
    assert read_all(PEOPLE, NAMES, said("[1, 2, 3]", finish)) == [
        Answer(name, None, reason, detail, "[1, 2, 3]") for name in NAMES
    ]


@pytest.mark.parametrize("finish", ["STOP", "stop", None])
def test_a_finished_answer_is_read(finish: str | None) -> None:
    """An answer with the finish reason STOP, or without one, is read."""
    assert read(PEOPLE, "a.jpg", [said("35", finish)]).value == 35


@pytest.mark.parametrize("reason", [*(reason.name for reason in types.BlockedReason), "FROM_THE_FUTURE"])
@pytest.mark.parametrize("rest", [{}, {"candidates": []}, body({"text": "35"})], ids=["bare", "empty", "answered"])
def test_a_blocked_prompt_is_blocked(reason: str, rest: dict[str, Any]) -> None:
    """A block reason counts even if the response has an answer."""
    blocked = read(PEOPLE, "a.jpg", [response({"promptFeedback": {"blockReason": reason}, **rest})])
    assert (blocked.value, blocked.reason, blocked.detail) == (None, Reason.BLOCKED, reason)


def test_prompt_feedback_without_a_block_reason_blocks_nothing() -> None:
    """A response with safety ratings alone is read."""
    assert (
        read(PEOPLE, "a.jpg", [response({"promptFeedback": {"safetyRatings": []}} | body({"text": "35"}))]).value == 35
    )


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
    """A response may lack any of its parts; the answer then has a reason instead of a value."""
    answer = read(PEOPLE, "a.jpg", [response(answered)])
    assert (answer.value, answer.reason, answer.detail) == (None, reason, detail)
    answers = read_all(PEOPLE, NAMES, response(answered))
    assert [(answer.image, answer.value, answer.reason) for answer in answers] == [
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
def test_thoughts_are_not_part_of_the_text(
    parts: list[dict[str, Any]], number: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only text parts that are not thoughts are read, and other parts log no warning."""
    monkeypatch.setattr(types, "_response_text_non_text_warning_logged", False)  # the SDK warns once per process
    with caplog.at_level(logging.DEBUG):
        assert read(PEOPLE, "a.jpg", [response(body(*parts))]) == Answer("a.jpg", number, text=str(number))
    assert not caplog.records


def test_only_the_first_candidate_is_read() -> None:
    """A second candidate is ignored."""
    both = {"candidates": [*body({"text": "35"})["candidates"], *body({"text": "99"}, finish="SAFETY")["candidates"]]}
    assert read(PEOPLE, "a.jpg", [response(both)]) == Answer("a.jpg", 35, text="35")


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
    """The text is that of all chunks, and the finish reason is the last one given."""
    assert read_chunks(PEOPLE, "a.jpg", [response(chunk) for chunk in chunks]) == answer


@pytest.mark.parametrize("finish", ["STOP", "SAFETY", "MAX_TOKENS", "OTHER"])
def test_a_long_text_is_kept_in_part(finish: str) -> None:
    """The first 500 characters are kept unchanged."""
    text = " 35 " + "people " * 100
    answers = [read(PEOPLE, "a.jpg", [said(text, finish)]), *read_all(PEOPLE, NAMES, said(text, finish))]
    assert TEXT_KEPT == 500
    assert {answer.text for answer in answers} == {text[:500]}
