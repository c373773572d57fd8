"""Bad input is reported in one sentence, with an exit code other than 0, no traceback and unchanged cassettes."""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.helpers.suite import Run, make_images, run_suite

CASSETTES = Path("cassettes")
MODEL = "gemini-3.8-flash"
NOWHERE = "http://127.0.0.1:1"
RECORD = ("--record-mode=rewrite", f"--base-url={NOWHERE}")


@pytest.fixture
def cassettes(tmp_path: Path) -> Path:
    """Return a copy of the published cassettes that a test may damage."""
    return Path(shutil.copytree(CASSETTES, tmp_path / "cassettes"))


def assert_told(folder: Path, code: int, sentence: str, *options: str | Path, **environment: str) -> Run:
    """Run the suite and check the sentence, the exit code, that there is no traceback, and that no cassette changed."""
    before = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
    run = run_suite(folder, *options, **environment)
    assert sentence in run.output
    assert run.code == code
    assert "Traceback" not in run.output
    assert "INTERNALERROR" not in run.output
    assert {path: path.read_bytes() for path in folder.rglob("*.yaml")} == before
    return run


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--model=gemini-9"], "There is no cassette for gemini-9, only for gemini-3-pro-preview, gemini-3.8-flash."),
        (["--model=../../etc"], "'../../etc' is not the name of a model"),
        (["--images=nowhere"], "--images nowhere: there is no such folder and no image set of that name"),
        (["--cassette-dir=nowhere"], "There are no cassettes in nowhere."),
        (["--images="], "give the name of an image set, or the path of a folder of images"),
        ([*RECORD, "--images=four", "--images=tests/../fixtures/images/four"], "have the same name"),
        (["--benchmark-compare=nope"], "--benchmark-compare=nope: no stored run in"),
        (["--record-mode=rewrite", "--base-url=http://u:secret@host:99999"], "'host:99999' is not the address of"),
        (["--timing=slow"], "argument --timing: invalid choice: 'slow'"),
        (["--record-mode=never"], "argument --record-mode: invalid choice: 'never'"),
        (["--rounds=3"], "--rounds is for recording; a replay has as many rounds as were recorded."),
        (["--simulate"], "--simulate is for recording; add --record-mode=rewrite or --live"),
        ([f"--base-url={NOWHERE}"], "--base-url is for recording; add --record-mode=rewrite or --live"),
        (["--live", "--record-mode=all"], "--live uses no cassette, and --record-mode makes one"),
        (["--live"], "Recording from Gemini needs a key: set GEMINI_API_KEY"),
        (["--live", "--max-cost=much"], "'much' is not an amount of US dollars"),
        (["--record-mode=rewrite"], "Recording from Gemini needs a key: set GEMINI_API_KEY"),
        ([*RECORD, "--simulate"], "--simulate and --base-url name two servers"),
        ([*RECORD, "--rounds=0"], "'0' is not a whole number of at least 1"),
        (["--record-mode=rewrite", "--base-url=localhost"], "'localhost' is not the address of a server"),
        (["--record-mode=rewrite", "--base-url=http://☃.example"], "'http://☃.example' is not the address of a server"),
        ([*RECORD, "--images=nowhere"], "--images nowhere: there is no such folder"),
        (["--faults=503"], "--faults is for the bundled simulator; add --simulate, or leave it out."),
        (["--record-mode=rewrite", "--simulate", "--faults=504=x"], "the share of 504 is 'x', which is not a number"),
        (["--record-mode=rewrite", "--simulate", "--faults=flood"], "there is no fault 'flood'"),
        (["--simulate=virtual", "--force"], "--force is for runs against Gemini; leave it out with --simulate."),
        (["--thinking-level=loud"], "'loud' is not one of minimal, low, medium, high, xhigh, default"),
        (
            ["--thinking-level=low", "--thinking-level=high,low"],
            "--thinking-level has the same value twice; give each value once.",
        ),
        (["--thinking-level=low", "--thinking-budget=5"], "--thinking-level and --thinking-budget set the same thing"),
        (["--max-side=0"], "'0' is not a whole number of at least 1"),
        (["-m", "scaling", "--max-side=64"], "-m scaling runs without model settings; leave --max-side out."),
        (["--media-resolution=low"], "There is no cassette for any image set with resolution low. Record with"),
        (["--max-errors=-1"], "'-1' is not a whole number of at least 0"),
        (["--concurrency=0"], "'0' is not a whole number of at least 1"),
        (["--chunk=many"], "'many' is not a whole number of at least 1"),
        (["--batch-deadline=soon"], "'soon' is not a time, such as 90s, 45m, 1h30m or 2d"),
        (["--batch-deadline=0h"], "'0h' is zero; give a time such as 90s"),
        (["--benchmark-compare-fail=mean:5%"], "--benchmark-compare-fail has no stored run to compare with"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_options_are_told(tmp_path: Path, options: list[str], sentence: str) -> None:
    """An invalid option ends the run before it begins, with pytest's exit code for wrong usage."""
    assert_told(tmp_path, pytest.ExitCode.USAGE_ERROR, sentence, *options)


@pytest.mark.parametrize("options", [(), RECORD, ("--cassette-dir=cassettes", *RECORD)], ids=" ".join)
def test_a_folder_with_the_name_of_a_bundled_set_is_told(tmp_path: Path, options: tuple[str, ...]) -> None:
    """A user's own folder `four` neither replays nor overwrites the cassettes of the bundled set `four`."""
    folder = make_images(tmp_path / "four", {"a.jpg": 1})
    sentence = f"--images {folder} has the name of a bundled image set, whose cassettes it would use"
    assert_told(CASSETTES, pytest.ExitCode.USAGE_ERROR, sentence, *options, f"--images={folder}")


@pytest.mark.parametrize("options", ["--cassette-dir={}", "--live --base-url=http://127.0.0.1:1", "--simulate=virtual"])
def test_a_folder_that_uses_no_bundled_cassettes_may_have_any_name(tmp_path: Path, options: str) -> None:
    """The name of a bundled set is accepted with another cassette folder, and in runs without cassettes."""
    folder = make_images(tmp_path / "four", {"a.jpg": 1})
    run = run_suite(tmp_path, *options.format(tmp_path).split(), f"--images={folder}", "--collect-only")
    assert "has the name of a bundled image set" not in run.output


def test_a_strategy_without_a_cassette_is_told(cassettes: Path) -> None:
    """The error names the missing cassette and the command that records it."""
    for path in cassettes.rglob("concurrent.yaml"):
        path.unlink()
    sentence = (
        f"There is no cassette {cassettes / MODEL / 'four' / 'concurrent.yaml'}. "
        f"Record with 'tox -e record -- --model={MODEL} --images=four --cassette-dir={cassettes} -k concurrent'"
    )
    assert_told(cassettes, pytest.ExitCode.TESTS_FAILED, sentence, f"--cassette-dir={cassettes}")
    assert_told(cassettes, pytest.ExitCode.OK, "4 passed", f"--cassette-dir={cassettes}", "-k", "sequential")


@pytest.mark.parametrize(
    ("name", "damaged"),
    [
        ("cut off", lambda text: text[: len(text) // 2]),
        ("no mapping", lambda _: "- 1\n- 2\n"),
        ("no rounds", lambda text: text.replace("rounds:", "round:", 1)),
        ("a negative time", lambda text: text.replace("elapsed: ", "elapsed: -", 1)),
        ("no number", lambda text: text.replace("elapsed: ", "elapsed: x", 1)),
        ("an exchange longer than its round", lambda text: text.replace("elapsed: ", "elapsed: 9", 1)),
        ("a round without time", lambda text: text.replace("rounds:\n  - ", "rounds:\n  - 0 #", 1)),
        ("an absurd time", lambda text: text.replace("elapsed: ", "elapsed: 1.0e+20 #", 1)),
        ("is not an HTTP status", lambda text: text.replace("code: 200", "code: 999", 1)),
        ("infinite", lambda text: text.replace("elapsed: ", "elapsed: .inf #", 1)),
        ("not a number", lambda text: text.replace("elapsed: ", "elapsed: .nan #", 1)),
        ("another round", lambda text: text.replace("round: 5", "round: 6", 1)),
        ("a tag", lambda text: text.replace("source: simulator", "source: !!python/object:os.system {}", 1)),
    ],
)
def test_a_damaged_cassette_is_told(cassettes: Path, name: str, damaged: object) -> None:
    """The error names the path of the damaged cassette; the other cassettes still replay."""
    path = cassettes / MODEL / "four" / "sequential.yaml"
    text = path.read_text()
    assert callable(damaged)
    assert damaged(text) != text, name
    path.write_text(damaged(text))
    options = (f"--cassette-dir={cassettes}", f"--model={MODEL}", "--images=four", "-k", "sequential or concurrent")
    run = assert_told(cassettes, pytest.ExitCode.TESTS_FAILED, f"{path} is damaged (", *options)
    assert "1 failed, 1 passed" in run.output


def test_recordings_that_a_replay_leaves_unused_are_told(cassettes: Path) -> None:
    """Unused recordings are listed at the end of the run, and are an error with `--strict-cassettes`."""
    path = cassettes / MODEL / "four" / "single_prompt.yaml"
    document = yaml.safe_load(path.read_text())
    document["interactions"].append(document["interactions"][-1])
    path.write_text(yaml.safe_dump(document))
    options = (f"--cassette-dir={cassettes}", f"--model={MODEL}", "-k", "single_prompt")
    sentence = f"{path}: 1 of 7 recordings were not used (round 6: POST models/{MODEL}:generateContent about "
    assert_told(cassettes, pytest.ExitCode.OK, sentence, *options)
    assert_told(cassettes, pytest.ExitCode.TESTS_FAILED, sentence, *options, "--strict-cassettes")


def test_a_gate_that_compares_nothing_fails(tmp_path: Path) -> None:
    """A gate fails if nothing was compared, as when a test is renamed or benchmarks are disabled."""
    gate = ("--benchmark-compare=0001_baseline", "--benchmark-compare-fail=mean:5%", "--benchmark-storage=.benchmarks")
    sentence = "nothing was compared (exit code 1)"
    assert_told(tmp_path, pytest.ExitCode.TESTS_FAILED, sentence, *gate, "--benchmark-disable")


def test_a_key_that_cannot_be_sent_is_told(tmp_path: Path) -> None:
    """A key that ends with a line break is refused, and the message does not show the key."""
    sentence = "GEMINI_API_KEY or GOOGLE_API_KEY contains a character that no key has, such as a line break"
    run = run_suite(tmp_path, "--record-mode=rewrite", GEMINI_API_KEY="some-key\n")
    assert (run.code, sentence in run.output, "some-key" in run.output) == (pytest.ExitCode.USAGE_ERROR, True, False)


def test_a_server_that_is_not_there_is_told(cassettes: Path) -> None:
    """Recording from an address where no server listens leaves the cassettes unchanged."""
    options = (*RECORD, f"--cassette-dir={cassettes}", f"--model={MODEL}")
    assert_told(cassettes, pytest.ExitCode.TESTS_FAILED, f"{NOWHERE} cannot be reached", *options)


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (
            lambda folder: (folder / "a.jpg").unlink(),
            'task.toml: [truth] names "a.jpg", but the folder',
        ),
        (lambda folder: (folder / "a.jpg").write_text("no image"), "a.jpg does not match its sha256 in task.toml"),
        (lambda folder: (folder / "c.jpg").write_text("no image"), "c.jpg is not an image"),
        (lambda folder: (folder / "task.toml").write_text("["), "task.toml cannot be read"),
        (lambda folder: [path.unlink() for path in folder.iterdir()], "contains no images"),
    ],
    ids=["missing", "another", "not an image", "damaged task file", "empty folder"],
)
def test_images_that_cannot_be_sent_are_told(tmp_path: Path, break_it: object, sentence: str) -> None:
    """All images are checked before the first request is sent."""
    folder = make_images(tmp_path / "mine", {"a.jpg": 1, "b.jpg": 2})
    assert callable(break_it)
    break_it(folder)
    assert_told(tmp_path, pytest.ExitCode.USAGE_ERROR, sentence, *RECORD, f"--images={folder}")
