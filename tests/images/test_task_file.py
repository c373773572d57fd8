"""A task file is read and checked; an error in its syntax or its tables is one sentence."""

from pathlib import Path

import pytest

from fixtures.base.errors import RunError
from fixtures.images.folder import load_images
from fixtures.images.task_file import TaskFile, find_bundled_folders, find_folder, has_task, read_task_file
from tests.helpers.suite import make_images
from tests.helpers.tasks import write_task


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with four images and no task file."""
    make_images(tmp_path / "mine", dict.fromkeys(("a.jpg", "b.jpg", "c.jpg", "d.jpg"), 1))
    (tmp_path / "mine" / "task.toml").unlink()
    return tmp_path / "mine"


def write(folder: Path, text: str) -> Path:
    """Write a task file; return its path."""
    path = folder / "task.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_question_truths_and_digests_are_separated(folder: Path) -> None:
    """All keys but the tables `truth` and `sha256` belong to the question."""
    digest = "0" * 64
    path = write(
        folder,
        f'question = "What?"\nanswer = "fields"\nfields = {{ total = "number" }}\n'
        f'[truth]\n"b.jpg" = {{ total = 1 }}\n[sha256]\n"a.jpg" = "{digest}"\n',
    )
    asked = {"question": "What?", "answer": "fields", "fields": {"total": "number"}}
    assert read_task_file(folder) == TaskFile(path, asked, {"b.jpg": {"total": 1}}, {"a.jpg": digest})


def test_the_order_is_that_of_the_truth_and_others_follow_by_name(folder: Path) -> None:
    """Images with a truth come first, in the order of the file; the others have no truth."""
    write_task(folder, truth={"d.jpg": 4, "b.jpg": 2})
    loaded = load_images(str(folder)).images
    assert [(image.name, image.truth) for image in loaded] == [
        ("d.jpg", 4),
        ("b.jpg", 2),
        ("a.jpg", None),
        ("c.jpg", None),
    ]


def test_a_truth_of_0_is_a_truth(folder: Path) -> None:
    """An image with the truth 0 is among the set's truths."""
    write_task(folder, truth={"a.jpg": 0})
    images = load_images(str(folder))
    assert images.truths == {images.images[0].sha256: 0}


def test_a_folder_without_a_task_file_has_an_empty_one(folder: Path) -> None:
    """Its images are in the order of their names."""
    assert not has_task(folder)
    assert read_task_file(folder) == TaskFile(folder / "task.toml")
    assert [image.name for image in load_images(str(folder)).images] == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]


def test_the_bundled_sets_are_found_by_name() -> None:
    """A name that is not a bundled set is a path."""
    assert [path.name for path in find_bundled_folders()] == ["four", "receipts", "sixteen"]
    assert find_folder("four") == find_bundled_folders()[0]
    assert find_folder("nowhere") == Path("nowhere")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[", "cannot be read: "),
        ("x = [", "cannot be read: "),
        ("x = " + "[" * 5000, "cannot be read: "),
        ("x = 1" + "0" * 5000, "cannot be read: "),
        ('x = "a"\nx = "b"', "cannot be read: "),
        ("truth = 3", 'truth is not a table; write [truth] and under it one line "NAME.jpg" = ... per image.'),
        ("sha256 = []", 'sha256 is not a table; write [sha256] and under it one line "NAME.jpg" = ... per image.'),
        ('[truth]\n"e.jpg" = 3', '[truth] names "e.jpg", but the folder has no such image; correct or remove it.'),
        ('[truth]\n"../a.jpg" = 3', '[truth] names "../a.jpg", but the folder has no such image;'),
        ("[truth]\na.jpg = 3", '[truth] names "a", which is not an image; put file names in quotation marks.'),
        (
            '[truth]\n"a.jpg" = 3\nquestion = "x"',
            "question is under [truth]; move it to the top of the file.",
        ),
        ("", "the file is empty; write a question into it, or remove it to count people."),
        ('[sha256]\n"a.jpg" = "' + "z" * 64 + '"', '"a.jpg" is not a SHA-256 of 64 hexadecimal digits'),
        (f'[truth]\n"{"x" * 300}.jpg" = 3', 'xxx.jpg", but the folder has no such image;'),
        ('[truth]\n"\\u0000" = 3', '[truth] names "\\x00", but the folder has no such image;'),
        ('[sha256]\n"e.jpg" = "0"', '[sha256] names "e.jpg", but the folder has no such image; correct or remove it.'),
        ('[sha256]\n"a.jpg" = "0"', '[sha256] "a.jpg" is not a SHA-256 of 64 hexadecimal digits; correct it.'),
        ('[sha256]\n"a.jpg" = 5', '[sha256] "a.jpg" is not a SHA-256 of 64 hexadecimal digits; correct it.'),
    ],
    ids=lambda value: value[:20],
)
def test_an_error_names_the_file_and_the_key(folder: Path, text: str, sentence: str) -> None:
    """Each error is one line that starts with the path."""
    path = write(folder, text)
    with pytest.raises(RunError) as raised:
        read_task_file(folder)
    assert str(raised.value).startswith(str(path))
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_task_that_is_not_a_file_is_refused(folder: Path) -> None:
    """It is not treated as missing, because the default question would then be sent and paid for."""
    (folder / "task.toml").symlink_to("nowhere.toml")
    with pytest.raises(RunError, match=r"task\.toml is not a file, or is a broken link; correct or remove it\."):
        read_task_file(folder)
    (folder / "task.toml").unlink()
    (folder / "task.toml").mkdir()
    with pytest.raises(RunError, match=r"task\.toml is not a file"):
        read_task_file(folder)


def test_a_file_may_begin_as_windows_writes_it_and_digests_have_either_case(folder: Path) -> None:
    """A byte order mark is skipped, and a digest in capitals becomes lower case."""
    text = f'question = "x"\n[sha256]\n"a.jpg" = "{"AB" * 32}"'
    (folder / "task.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_task_file(folder) == TaskFile(folder / "task.toml", {"question": "x"}, {}, {"a.jpg": "ab" * 32})


def test_a_file_that_is_not_utf_8_is_reported(folder: Path) -> None:
    """The error names the file and the codec."""
    (folder / "task.toml").write_bytes(b'question = "\xff"')
    with pytest.raises(RunError, match=r"task\.toml cannot be read: 'utf-8' codec"):
        read_task_file(folder)


def test_a_digest_of_another_file_is_reported(folder: Path) -> None:
    """An image with another digest than that in the task file is refused."""
    write_task(folder, truth={"a.jpg": 1}, sha256={"a.jpg": "0" * 64})
    with pytest.raises(RunError, match=r"a\.jpg does not match its sha256 in task\.toml"):
        load_images(str(folder))


def test_a_broken_link_is_reported(folder: Path) -> None:
    """A broken link that the task file lists is not reported as a missing image."""
    (folder / "e.jpg").symlink_to("nowhere.jpg")
    write_task(folder, truth={"e.jpg": 1})
    with pytest.raises(RunError, match=r"e\.jpg is a link to a file that does not exist"):
        load_images(str(folder))


@pytest.mark.parametrize("beside", [True, False], ids=["beside a task file", "alone"])
def test_a_file_of_an_earlier_version_is_refused_with_how_to_convert_it(folder: Path, *, beside: bool) -> None:
    """It is also refused beside a task file, because it is unclear which of the two is meant."""
    (folder / "images.toml").write_text('["a.jpg"]\npeople = 3\n')
    if beside:
        write_task(folder)
    with pytest.raises(RunError) as raised:
        read_task_file(folder)
    assert str(raised.value) == (
        f"{folder / 'images.toml'} has the format of an earlier version: copy each entry to task.toml, as "
        '"NAME.jpg" = NUMBER under [truth] and "NAME.jpg" = "DIGEST" under [sha256], and delete it.'
    )
