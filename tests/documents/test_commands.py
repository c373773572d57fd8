"""Every command in the documents runs, is parsed by its program, or is listed here with a reason."""

import configparser
import importlib.util
import os
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks.release.__main__ import list_documents
from benchmarks.release.blocks import find_blocks
from tests.documents.commands import find_commands
from tests.documents.contributing import read_code
from tests.helpers.forks import ROOT, run_python
from tests.helpers.suite import environment_of_users, make_images, run_suite

TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in list_documents()}
DOCUMENTS = {name: text for name, text in TEXTS.items() if name != "CHANGELOG.md"}
"""The documents whose commands are tested; the changelog has commands of earlier versions."""
BLOCKS = [block for name in DOCUMENTS for block in find_blocks(ROOT / name)]
CODES = {block.command: block.exit for block in BLOCKS}
BASELINE = ".benchmarks/0001_baseline.json"
NOT_RUN = {
    f"(git show origin/main:{BASELINE} || cat {BASELINE}) > .benchmarks/main.json": "tests/test_workflows.py runs it",
    "git archive origin/benchmark-history .benchmarks/live | tar -x": "needs a branch that live sessions make",
    ".ci/run": "runs all tests, these among them",
}
"""Commands that are neither run nor parsed, with the reason."""
COLLECTED = ("--live", "--record-mode", "--timing=real", "scaling", "--collect-only")
"""Options with which the benchmarks call a server or take minutes; these runs only parse options and collect tests."""
RUN_AS_THEY_ARE = ("benchmarks.models",)
"""Modules that run as in the documents, within a second; others only parse their arguments."""
PARSE = """
import argparse, runpy, sys
parse = argparse.ArgumentParser.parse_args
def stop(*arguments, **named):
    parse(*arguments, **named)
    sys.exit(0)
argparse.ArgumentParser.parse_args = stop
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
"""A script that runs a module until it has parsed its arguments."""


def _list_commands() -> Iterator[str]:
    """Yield the tested commands of all documents, without the key and the folder at their start."""
    found = {command for text in DOCUMENTS.values() for command in find_commands(text)}
    for command in found - set(NOT_RUN):
        for part in command.split(" && "):
            yield re.sub(r"^(?:[A-Z_]+=\S+ )*(?:uvx |\S+/bin/)?", "", part)


COMMANDS = sorted(set(_list_commands()))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_documents_works(command: str, tmp_path: Path) -> None:
    """It runs with few strategies and one round; of a command that takes minutes the arguments are parsed."""
    match shlex.split(command):
        case ["pytest", *options] | ["python", "-m", "pytest", *options]:
            check_pytest(options, tmp_path, code=CODES.get(command, 0))
        case ["python", "-m", module, *rest]:
            check_module(module, rest)
        case ["tox", "-e", names, *rest]:
            check_tox(names.split(","), rest, tmp_path)
        case ["python3", "-m", "venv", folder]:
            assert folder == ".venv"
        case ["pip", "install", "-q", package]:
            assert package == "tox"
        case ["pip", "install", "--group", group]:
            assert group in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
        case _:
            pytest.fail(f"the documents name a command that no test knows: {command}")


def check_pytest(options: Sequence[str], folder: Path, *, code: int) -> None:
    """Run the benchmarks with these options, on one strategy and one round, or collect them."""
    recorded = not any(option.startswith(("--simulate", "--record-mode", "--live")) for option in options)
    images = ROOT / "fixtures" / "images" / "receipts" if recorded else make_images(folder / "photos", {"a.jpg": 1})
    places = {
        "path/to/folder": str(images),
        "--report=report": f"--report={folder / 'report'}",
        ".benchmarks/main.json": BASELINE,
    }
    find = re.compile("|".join(places))
    given = [find.sub(lambda found: places[found[0]], option) for option in options if option != "benchmarks"]
    line = " ".join(given)
    if "in_pairs" in line:
        given += ["-p", "tests.documents.in_pairs"]
    if "photo_tags" in line:
        (folder / "photo_tags.py").write_text(read_code("Tags"), encoding="utf-8")
        (folder / "photos" / "task.toml").write_text('question = "Which tags?"', encoding="utf-8")
        given += ["-o", f"pythonpath={folder}"]
    if any(part in line for part in COLLECTED):
        given += ["--collect-only", "-q"]
    elif "-k" not in given:
        given += ["-k", "sequential"]
    if "--model" not in line and "--images" not in line and "in_pairs" not in line and "scaling" not in line:
        given += ["--model=gemini-3-pro-preview"]
    if "--simulate" in line:
        given += ["--rounds=1"]
    (folder / "storage").mkdir()
    shutil.copy(ROOT / BASELINE, folder / "storage")
    key = {"GEMINI_API_KEY": "not a key"} if "--collect-only" in given else {}
    run = run_suite(folder, *given, **key)
    assert run.code == code, run.output


def check_module(module: str, arguments: Sequence[str]) -> None:
    """Run a module of the suite if that is quick, else let it parse its arguments."""
    found = importlib.util.find_spec(module)
    is_package = found is not None and found.submodule_search_locations is not None
    main = importlib.util.find_spec(f"{module}.__main__") if is_package else found
    assert main is not None, module
    assert main.origin is not None, module
    if module in RUN_AS_THEY_ARE:
        done = run_python(["-m", module, *arguments], env=environment_of_users())
    elif not arguments:
        return  # the module exists; running it would take minutes
    elif re.search(r"argparse|costs\.command_line", Path(main.origin).read_text(encoding="utf-8")):
        done = run_python(["-c", PARSE, module, *arguments], env=environment_of_users())
    else:
        pytest.fail("it takes no arguments")
    assert done.returncode == 0, done.stdout + done.stderr


def check_tox(names: Sequence[str], arguments: Sequence[str], folder: Path) -> None:
    """Check that the environments are in tox.ini, and collect the tests that they would run with these arguments."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "tox.ini")
    split = arguments.index("--") if "--" in arguments else len(arguments)
    assert set(arguments[:split]) <= {"--notest"}
    given = list(arguments[split + 1 :])
    for name in names:
        commands = config[f"testenv:{name}"]["commands"]
        if "pytest benchmarks" in commands and "--notest" not in arguments:
            (line,) = [line for line in commands.splitlines() if line.startswith("pytest benchmarks")]
            options = shlex.split(line.replace("{posargs}", ""))[1:]
            check_pytest([*options, *given, "--collect-only"], folder, code=0)
        elif given:
            assert name == "tests", "its commands take no arguments"
            done = run_python(["-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *given])
            assert done.returncode == 0, done.stdout + done.stderr


def test_commands_are_found_in_all_places() -> None:
    """They are in indented blocks, code within text and tables, and above output, not in other code."""
    text = (
        "Run\n\n    tox -e one\n    # no\n    what is this\n\n- a list\n  `pytest --two\n  x`, `pytest-benchmark`\n\n"
        "| `python -m three` | `.ci/run` |\n\n<!-- output of: pytest four\n     only: five -->\n```text\n    six\n```\n"
    )
    assert find_commands(text) == [
        ".ci/run",
        "pytest --two x",
        "pytest four",
        "python -m three",
        "tox -e one",
        "what is this",
    ]


def test_the_commands_that_are_not_run_are_in_the_documents() -> None:
    """`NOT_RUN` has no command that was removed from the documents."""
    found = {command for text in DOCUMENTS.values() for command in find_commands(text)}
    assert set(NOT_RUN) - found == set()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_block_is_code_or_output_of_a_command(name: str) -> None:
    """A block of text has the command that prints it in a comment above; commands are in indented blocks."""
    kinds = re.findall(r"^ *```(\w*)\n.*?^ *```$", DOCUMENTS[name], re.DOTALL | re.MULTILINE)
    assert set(kinds) <= {"text", "python", "toml"}
    assert kinds.count("text") == len(find_blocks(ROOT / name))


def test_every_script_of_costs_is_in_its_readme() -> None:
    """The README of `benchmarks/costs` has the command of each script."""
    modules = (ROOT / "benchmarks" / "costs").glob("*.py")
    scripts = {path.stem for path in modules if "__main__" in path.read_text(encoding="utf-8")}
    assert scripts == set(re.findall(r"`python -m benchmarks\.costs\.(\w+)", DOCUMENTS["benchmarks/costs/README.md"]))
