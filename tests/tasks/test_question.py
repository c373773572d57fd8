"""A question is read from its task file and checked; an error is one sentence with the file and the key."""

import json
import sys
from pathlib import Path

import pytest

from fixtures.base.errors import RunError
from fixtures.images.task_file import TaskFile
from fixtures.tasks import kinds
from fixtures.tasks.kinds.count import Count
from fixtures.tasks.kinds.fields import Fields
from fixtures.tasks.kinds.label import Label
from fixtures.tasks.kinds.number import Number
from fixtures.tasks.kinds.text import Text
from fixtures.tasks.question import (
    COUNT_PEOPLE,
    Question,
    list_kinds,
    load_question,
    make_kind,
    make_question,
    read_question,
    restore_kind,
)
from tests.helpers.suite import make_images, run_suite
from tests.helpers.tasks import write_task

ASKED = 'question = "What is it?"'
OWN = "tests.tasks.test_question:OWN_KIND"
OWN_KIND = Label(("mine", "yours"))
NO_KIND = Label


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one image."""
    return make_images(tmp_path / "mine", {"a.jpg": 1})


def test_a_folder_without_a_task_file_counts_people(tmp_path: Path) -> None:
    """Its question is the published one, as in the bundled sets of people."""
    assert read_question(tmp_path) == load_question("four") == load_question("sixteen")
    assert load_question("four").kind == Count("people")
    assert load_question("four").text == COUNT_PEOPLE["question"]


@pytest.mark.parametrize(
    ("lines", "kind", "options"),
    [
        (['answer = "count"'], Count(), {"answer": "count", "unit": ""}),
        (
            ['answer = "number"', 'unit = "dollars"', "tolerance = 0.005"],
            Number("dollars", 0.005),
            {"answer": "number", "unit": "dollars", "tolerance": 0.005},
        ),
        (
            ['answer = "label"', 'choices = ["shoe", "bag"]'],
            Label(("shoe", "bag")),
            {"answer": "label", "choices": ["shoe", "bag"]},
        ),
        (['answer = "text"'], Text(), {"answer": "text"}),
        (
            ['answer = "fields"', 'fields = { total = "number" }'],
            Fields({"total": "number"}),
            {"answer": "fields", "fields": {"total": "number"}, "tolerance": 0.0},
        ),
    ],
    ids=["count", "number", "label", "text", "fields"],
)
def test_each_kind_is_made_with_its_options_and_made_again_from_them(
    folder: Path, lines: list[str], kind: object, options: dict[str, object]
) -> None:
    """The options, which a stored run has, are enough to read its answers without the task file."""
    question = read_question(write_task(folder, ASKED, *lines))
    assert question.kind == kind
    assert question.options == options
    assert make_kind(question.options) == kind
    assert json.loads(json.dumps(question.options)) == question.options, "a stored run is told from this one by them"


def test_the_question_about_many_is_made_of_that_about_one(folder: Path) -> None:
    """A question for many images in the file replaces the one made from the question about one image."""
    assert read_question(write_task(folder, ASKED, 'answer = "text"')).make_question(3) == (
        "I have provided 3 images above labeled Image 1 to Image 3. For each image respectively: What is it?"
    )
    own = make_question(
        TaskFile(folder / "x", {"question": "Who?", "question_for_many": "Who are the {n}?", "answer": "text"})
    )
    assert own.make_question(3) == "Who are the 3?"


COUNTED = [ASKED, 'answer = "count"']
LABELS = [ASKED, 'answer = "label"']
FIELDS = [ASKED, 'answer = "fields"']
NUMBER = [ASKED, 'answer = "number"']


@pytest.mark.parametrize(
    ("lines", "truth", "sentence"),
    [
        (['answer = "count"'], None, 'question is missing or is not text; write question = "..." at the top.'),
        (["question = 3", 'answer = "count"'], None, "question is missing or is not text; "),
        (['question = " "', 'answer = "count"'], None, "question is missing or is not text; "),
        ([""], None, "the file is empty; write a question into it, or remove it to count people."),
        (["# only this"], "3", "question is missing or is not text; "),
        (['question = "a\\u001bb"', 'answer = "count"'], None, "question is missing or is not text; "),
        ([ASKED, 'answer = "os:path"'], None, "answer is 'os:path'; it must be one of count, "),
        ([*COUNTED, 'unit = "a\\nb"'], None, "unit is not a text on one line; correct it."),
        (
            [ASKED],
            None,
            "answer is missing; it must be one of count, fields, label, number, text; correct it.",
        ),
        (
            [ASKED, 'answer = "colour"'],
            None,
            "answer is 'colour'; it must be one of count, fields, label, number, text; correct it.",
        ),
        ([ASKED, 'answer = ["count"]'], None, "answer is ['count']; it must be one of"),
        (
            [*COUNTED, "tolerance = 3"],
            None,
            "tolerance is not a key of a file whose answer is count (question, question_for_many, answer, unit,",
        ),
        ([*COUNTED, "truths = { }"], None, "truths is not a key of a file whose answer is count"),
        ([*COUNTED, "unit = 3"], None, "unit is not a text on one line; correct it."),
        (
            [*COUNTED, 'question_for_many = "How many?"'],
            None,
            "question_for_many is not text with {n} for the number of images; correct it.",
        ),
        ([*COUNTED, "question_for_many = 3"], None, "question_for_many is not text with {n}"),
        (COUNTED, "-1", '[truth] "a.jpg" must be a whole number of at least 0, not -1.'),
        (COUNTED, "3.0", '[truth] "a.jpg" must be a whole number of at least 0, not 3.0.'),
        (COUNTED, "true", '[truth] "a.jpg" must be a whole number of at least 0, not True.'),
        (COUNTED, '"3"', "[truth] \"a.jpg\" must be a whole number of at least 0, not '3'."),
        (COUNTED, "{ people = 3 }", '[truth] "a.jpg" must be a whole number of at least 0, not {'),
        (NUMBER, '"$3"', "[truth] \"a.jpg\" must be a number of at most 15 digits, not '$3'."),
        (NUMBER, "nan", '[truth] "a.jpg" must be a number of at most 15 digits, not nan.'),
        (NUMBER, "1" + "0" * 400, '[truth] "a.jpg" must be a number of at most 15 digits, not 1000'),
        (NUMBER, "0x1" + "0" * 4000, '[truth] "a.jpg" must be a number of at most 15 digits, not '),
        ([*NUMBER, "tolerance = -0.1"], None, "tolerance is not a number of at least 0; correct it."),
        ([*NUMBER, "tolerance = nan"], None, "tolerance is not a number of at least 0; correct it."),
        ([*NUMBER, 'tolerance = "a cent"'], None, "tolerance is not a number; correct it."),
        (LABELS, None, "choices is missing; label needs it; correct it."),
        ([*LABELS, 'choices = ["shoe"]'], None, "choices has fewer than two entries, or a duplicate;"),
        ([*LABELS, 'choices = ["shoe", "bag", "Shoe "]'], None, "choices has fewer than two entries, or a duplicate"),
        ([*LABELS, 'choices = "shoe"'], None, 'choices is not a list of texts such as ["shoe", "shirt"]; correct it.'),
        ([*LABELS, "choices = 3"], None, "choices is not a list of texts such as"),
        ([*LABELS, 'choices = ["shoe", ""]'], None, "choices is not a list of texts such as"),
        ([*LABELS, 'choices = ["shoe", 3]'], None, "choices is not a list of texts such as"),
        (
            [*LABELS, 'choices = ["shoe", "bag"]'],
            '"boot"',
            "[truth] \"a.jpg\" must be one of the choices (shoe, bag), not 'boot'.",
        ),
        ([ASKED, 'answer = "text"'], '""', "[truth] \"a.jpg\" must be a text in quotation marks, not ''."),
        ([ASKED, 'answer = "text"'], "2026-01-31", '[truth] "a.jpg" must be a text in quotation marks, not datetime'),
        (FIELDS, None, "fields is missing; fields needs it; correct it."),
        ([*FIELDS, 'fields = "total"'], None, 'fields is not a table such as { merchant = "text", total = "number" };'),
        ([*FIELDS, "fields = { }"], None, "fields is not a table such as"),
        ([*FIELDS, 'fields = { total = "money" }'], None, "fields: total is 'money', but must be one of text, number,"),
        (
            [*FIELDS, 'fields = { total = ["text"] }'],
            None,
            "fields: total is ['text'], but must be one of text, number,",
        ),
        ([*FIELDS, 'fields = { total = "label" }'], None, "fields: total is 'label', but must be one of text, number,"),
        (
            [*FIELDS, 'fields = { total = "number" }', "tolerance = -1"],
            None,
            "tolerance is not a number of at least 0;",
        ),
        ([*FIELDS, 'fields = { a = "text" }'], "{ b = 3 }", '[truth] "a.jpg" must be a table of a, not {'),
        ([*FIELDS, 'fields = { a = "text" }'], "{ }", '[truth] "a.jpg" must be a table of a, not {}.'),
        ([*FIELDS, 'fields = { a = "text" }'], "3", '[truth] "a.jpg" must be a table of a, not 3.'),
        (
            [*FIELDS, 'fields = { a = "count" }'],
            "{ a = 0.5 }",
            "[truth] \"a.jpg\" must be a whole number of at least 0 for a, not {'a': 0.5}.",
        ),
    ],
)
def test_an_error_in_a_file_is_one_sentence_with_file_and_key(
    folder: Path, lines: list[str], truth: str | None, sentence: str
) -> None:
    """The sentence says what a valid value is, and has less than 400 characters."""
    write_task(folder, *lines, truth=None if truth is None else {"a.jpg": truth})
    with pytest.raises(RunError) as raised:
        read_question(folder)
    assert str(raised.value).startswith(f"{folder / 'task.toml'}: {sentence}")
    assert "\n" not in str(raised.value)
    assert str(raised.value).endswith(".")
    assert len(str(raised.value)) < 400


def test_a_run_with_a_broken_file_ends_before_it_begins(tmp_path: Path) -> None:
    """It ends with exit code 4 and one sentence, without a traceback and without writing anything."""
    folder = write_task(make_images(tmp_path / "mine", {"a.jpg": 1}), *COUNTED, truth={"a.jpg": -1})
    run = run_suite(tmp_path, f"--images={folder}", "--simulate=virtual", f"--cassette-dir={tmp_path / 'cassettes'}")
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert f'{folder / "task.toml"}: [truth] "a.jpg" must be a whole number of at least 0, not -1.' in run.output
    assert "Traceback" not in run.output
    assert run.benchmarks == {}
    assert not (tmp_path / "cassettes").exists()


def test_a_custom_object_replaces_the_kind(folder: Path) -> None:
    """The question is read from the file; the options have the object's name, which restores the kind."""
    write_task(folder, ASKED, truth={"a.jpg": '"Mine"'})
    question = load_question(str(folder), OWN)
    assert question == Question(
        "What is it?",
        "I have provided {n} images above labeled Image 1 to Image {n}. For each image respectively: What is it?",
        OWN_KIND,
        OWN,
    )
    assert question.options == {"answer": OWN}
    assert restore_kind(question.options) is OWN_KIND
    with pytest.raises(ValueError, match="its answers are of a custom kind; give --task=os:path"):
        restore_kind({"answer": "os:path"})
    write_task(folder, ASKED, truth={"a.jpg": '"theirs"'})
    read_question.cache_clear()
    with pytest.raises(RunError, match=r"must be one of the choices \(mine, yours\), not 'theirs'"):
        load_question(str(folder), OWN)


@pytest.mark.parametrize(
    ("custom", "lines", "sentence"),
    [
        ("nowhere.module:NAME", [ASKED], "--task nowhere.module:NAME cannot be imported (No module named 'nowhere')"),
        ("tests.tasks.test_question:NOPE", [ASKED], "--task tests.tasks.test_question:NOPE cannot be imported ("),
        (
            "tests.tasks.test_question",
            [ASKED],
            "--task tests.tasks.test_question lacks the name of an object; write PACKAGE.MODULE:NAME.",
        ),
        ("just a name", [ASKED], "--task just a name lacks the name of an object; "),
        (":NAME", [ASKED], "--task :NAME cannot be imported ("),
        (".kinds:NAME", [ASKED], "--task .kinds:NAME cannot be imported ("),
        ("broken_kind:NAME", [ASKED], "--task broken_kind:NAME cannot be imported (invalid syntax"),
        (
            "tests.tasks.test_question:NO_KIND",
            [ASKED],
            "--task tests.tasks.test_question:NO_KIND is a class; name an instance of it.",
        ),
        (OWN, COUNTED, "answer and --task both name a kind of answer; remove one of them."),
        (
            OWN,
            [ASKED, "tolerance = 1"],
            "tolerance is an option of a kind of answer, which --task replaces; remove it.",
        ),
        (OWN, ["# nothing is asked"], "the file is empty; write a question into it"),
    ],
)
def test_an_error_in_a_custom_object_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, custom: str, lines: list[str], sentence: str
) -> None:
    """Wrong names, failed imports, objects that are no kind, and keys that `--task` replaces are refused."""
    (folder / "broken_kind.py").write_text("def\n")
    monkeypatch.syspath_prepend(folder)
    write_task(folder, *lines)
    with pytest.raises(RunError) as raised:
        load_question(str(folder), custom)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


SIXTH = '''
"""Yes or no."""

from dataclasses import dataclass

from fixtures.tasks.kinds.label import Label


@dataclass(frozen=True)
class Answered(Label):
    """Yes or no, and maybe a third choice."""

    choices: tuple[str, ...] = ("yes", "no")
'''


def test_a_sixth_kind_is_a_module_and_nothing_else(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task file can name a kind as soon as its module is in the folder of kinds."""
    (tmp_path / "sixth.py").write_text(SIXTH)
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "fixtures.tasks.kinds.sixth", raising=False)
    assert list_kinds() == ["count", "fields", "label", "number", "text", "sixth"]
    question = read_question(write_task(folder, ASKED, 'answer = "sixth"', truth={"a.jpg": '"Yes"'}))
    assert question.prompt == 'What is it? Answer with exactly one of these: "yes", "no".'
    assert question.options == {"answer": "sixth", "choices": ["yes", "no"]}
    monkeypatch.delitem(sys.modules, "fixtures.tasks.kinds.sixth")
    monkeypatch.delattr(kinds, "sixth")
