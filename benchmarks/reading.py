"""Reads what the model answered: the number of people per image, or why there is none; it never raises or guesses."""

import json
import re
import reprlib
from collections.abc import Sequence
from typing import Any

from google.genai import types

from fixtures.answers import Answer, Reason

TEXT_KEPT = 500
"""Characters of an answer that are kept."""

MOST = 1_000_000_000
"""The most people that an image can show; more is not a count."""

_SHOWN = 80
# Less the prefix IMAGE_, which some of them also have.
_BLOCKED = {"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "ESCALATION", "MODEL_ARMOR"}
_CUT_OFF = {"MAX_TOKENS", "CONTINUATION"}  # so that "1" may be the beginning of "150"
_REASONS = dict.fromkeys(_BLOCKED, Reason.BLOCKED) | dict.fromkeys(_CUT_OFF, Reason.CUT_OFF)
_FENCE = re.compile(r"\A```[A-Za-z]*|```\Z")
_ONE_LIST = re.compile(r"([^\[\]]*)(\[[^\[\]]*\])([^\[\]]*)")
_INTEGER = re.compile(r"0|[1-9][0-9]*")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_QUOTES = "*_`\"'\u201d\u2019)"
_OPENING, _CLOSING = "*_`\"'\u201c\u2018(~", "*_`\"'\u201d\u2019).,:;!?"
_SIGNS = {"-", "\u2212", "\u2013", "+", "minus", "negative"}
_DOUBTFUL = re.compile(
    r"""\b(?:
        no | not | none | nobody | nothing | never | cannot | unable | \w+n['\u2019]t | zero | one | two | three | four
        | five | six | seven | eight | nine | ten | eleven | twelve | (?:thir|four|fif|six|seven|eigh|nine)teen
        | (?:twen|thir|for|fif|six|seven|eigh|nine)ty | (?:dozen|hundred|thousand|million|billion|couple|pair)s?
        | half | quarter | percent | more | fewer | less | least | most | over | under | above | below | up | than | or
        | lakh | crore | score
    )\b | %""",
    re.IGNORECASE | re.VERBOSE,
)
"""In prose, words with which a number beside them is not the count, or not all of it."""
_PEOPLE = {"people", "person", "persons", "individuals", "humans", "men", "women", "adults", "faces", "heads"}
_LABELS = {"image", "picture", "photo", "step", "figure", "page"}

_REPR = reprlib.Repr()  # does not follow deep nesting, as repr() does
_REPR.maxstring = _SHOWN


def read(name: str, response: types.GenerateContentResponse) -> Answer:
    """Read the answer to a question about one image."""
    return _read([name], [response], prose=True)[0]


def read_chunks(name: str, chunks: Sequence[types.GenerateContentResponse]) -> Answer:
    """Read the streamed answer to a question about one image; one that ends without saying so is cut off."""
    answer = _read([name], chunks, prose=True)[0]
    ended = any(chunk.candidates and chunk.candidates[0].finish_reason for chunk in chunks)
    return answer if ended or answer.number is None else _no_number(name, Reason.CUT_OFF, "no end", answer.text)


def read_all(names: Sequence[str], response: types.GenerateContentResponse) -> list[Answer]:
    """Read the answer to a question about all images; a list of the wrong length answers none of them."""
    return _read(names, [response], prose=False)


def _read(names: Sequence[str], chunks: Sequence[types.GenerateContentResponse], *, prose: bool) -> list[Answer]:
    text = _text(chunks)
    if (fault := _fault(chunks)) is not None:
        return [_no_number(name, *fault, text) for name in names]
    bare = _FENCE.sub("", text.strip()).strip()
    if (entries := _list(bare, len(names))) is not None:
        return _answers(names, entries, text)
    if prose or (len(names) == 1 and len(bare.split()) == 1):
        return [_answer(names[0], _only_number(bare), text)]
    return [_answer(name, f"not a list: {_shown(bare)}" if bare else "no text", text) for name in names]


def _text(chunks: Sequence[types.GenerateContentResponse]) -> str:
    # The SDK's own `text` warns about every other kind of part.
    contents = [chunk.candidates[0].content for chunk in chunks if chunk.candidates]
    parts = [part for content in contents if content for part in content.parts or []]
    return "".join(part.text for part in parts if part.text and not part.thought)


def _fault(chunks: Sequence[types.GenerateContentResponse]) -> tuple[Reason, str] | None:
    for chunk in chunks:
        if chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
            return Reason.BLOCKED, chunk.prompt_feedback.block_reason.value[:_SHOWN]
    candidates = [chunk.candidates[0] for chunk in chunks if chunk.candidates]
    if not candidates:
        return Reason.UNREADABLE, "no candidates" if chunks else "no chunks"
    finish = next((last.finish_reason for last in reversed(candidates) if last.finish_reason is not None), None)
    if finish is None or finish == types.FinishReason.STOP:
        return None
    reason = _REASONS.get(finish.value.removeprefix("IMAGE_"))
    return (reason, finish.value) if reason else (Reason.UNREADABLE, f"finish reason {finish.value[:_SHOWN]}")


def _list(text: str, images: int) -> list[Any] | None:
    value = _json(text)
    if value is None and (only := _ONE_LIST.fullmatch(text)):
        # With other numbers beside it, as in "Images [1, 2]: 5 and 6", nobody knows what the list is.
        around = re.sub(rf"\b{images} images?\b", "", f"{only[1]} {only[3]}")
        if not _numeric(around) and "{" not in around:
            value = _json(only[2])
    return value if isinstance(value, list) else None


def _json(text: str) -> Any:
    try:
        # As literals, numbers can be of any size, and 1e2, 35.0 and -0 do not pass for integers.
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _only_number(text: str) -> int | str:
    if any(character in "[]{}" for character in text):
        return f"neither a number nor prose: {_shown(text)}"
    words = [word.lstrip(_OPENING).rstrip(_CLOSING) for word in text.split()]
    found = set()
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if _numeric(word):
            sign = before if before.lower() in _SIGNS else ""
            unit = after if _numeric(after) else ""
            found.add(f"{sign} {word} {unit}".strip())
    if len(found) != 1:
        return f"{'more than one' if found else 'no'} number: {_shown(text)}" if text else "no text"
    number = found.pop()
    count = _count(number.replace(",", "") if _THOUSANDS.fullmatch(number) else number)
    if isinstance(count, int) and len(words) > 1 and (_DOUBTFUL.search(text) or not _of_people(text, words)):
        return f"not plainly a count of people: {_shown(text)}"
    return count


def _of_people(text: str, words: Sequence[str]) -> bool:
    """Tell whether each number in prose ends a sentence or has people after it, and is no image's label."""
    for index, raw in enumerate(text.split()):
        if not _numeric(words[index]):
            continue
        after = [word.lower() for word in words[index + 1 : index + 3]]
        ends = not after or raw.rstrip(_QUOTES).endswith((".", "!", ";"))
        total = after[:1] == ["in"] and after[1:] in (["total"], ["all"], ["the"], ["this"])
        if (index and words[index - 1].lower() in _LABELS) or not (ends or total or _PEOPLE.intersection(after)):
            return False
    return True


def _numeric(text: str) -> bool:
    return any(character.isnumeric() for character in text)


def _count(entry: object) -> int | str:
    # A float is no count, even 35.0: a model that was asked for an integer and measures has not counted.
    if not isinstance(entry, str) or not _INTEGER.fullmatch(entry.strip()):
        return f"not a plain integer: {_shown(entry)}"
    digits = entry.strip()  # maybe thousands of them, which int() refuses
    return int(digits) if len(digits) <= len(str(MOST)) and int(digits) <= MOST else f"too large: {_shown(digits)}"


def _answers(names: Sequence[str], entries: list[Any], text: str) -> list[Answer]:
    if len(entries) == len(names):
        return [_answer(name, _count(entry), text) for name, entry in zip(names, entries, strict=True)]
    counts = (len(entries), "answer"), (len(names), "image")
    told = " for ".join(f"{count} {noun}" if count == 1 else f"{count} {noun}s" for count, noun in counts)
    return [_no_number(name, Reason.WRONG_NUMBER, told, text) for name in names]


def _answer(name: str, count: int | str, text: str) -> Answer:
    if isinstance(count, str):
        return _no_number(name, Reason.UNREADABLE, count, text)
    return Answer(name, count, text=text[:TEXT_KEPT])


def _no_number(name: str, reason: Reason, detail: str, text: str) -> Answer:
    return Answer(name, None, reason, detail, text[:TEXT_KEPT])


def _shown(value: object) -> str:
    return _REPR.repr(value)[:_SHOWN]
