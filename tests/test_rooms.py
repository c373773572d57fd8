"""The rooms: the imports they may have, their number of files, and the places that use private parts of libraries."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "fixtures.base",
    "fixtures.text",
    "fixtures.clock",
    "fixtures.models",
    "fixtures.images",
    "fixtures.drawing",
    "fixtures.exchange",
    "fixtures.tasks",
    "fixtures.recordings",
    "fixtures.simulator",
    "fixtures.transport",
    "fixtures.bench",
    "fixtures.run",
    "benchmarks.strategies",
    "benchmarks.models",
    "benchmarks.history",
    "benchmarks.verdicts",
    "benchmarks.scaling",
    "benchmarks.plan",
    "benchmarks.report",
    "benchmarks.release",
    "benchmarks.costs",
)
"""The rooms in their order: a room imports only rooms that are before it."""
UNUSED = ("fixtures.drawing", "benchmarks.release", "benchmarks.costs")
"""The rooms of scripts, which no other room imports."""
UNBOUNDED = ("benchmarks.strategies", "benchmarks.costs")
"""The rooms that may have more than nine files: they have one for each strategy or script."""
ADAPTERS = (
    "fixtures/bench/",
    "fixtures/clock/",
    "fixtures/recordings/vcrpy.py",
    "fixtures/simulator/serving/uvicorn.py",
)
"""The only places that use private parts of a library."""


def read_imports(package: Path) -> dict[str, set[str]]:
    """Return the modules that each module below this folder imports, those of functions included."""
    names = {_name_module(path): path for path in package.rglob("*.py")}
    return {name: set(_list_imports(path)) for name, path in names.items()}


def _name_module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _list_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield module if _is_module(module) else node.module


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


IMPORTS = read_imports(ROOT / "fixtures") | read_imports(ROOT / "benchmarks")


def find_room(module: str) -> str | None:
    """Return the room of a module; None if it is in no room."""
    return next((room for room in ROOMS if module == room or module.startswith(f"{room}.")), None)


def find_later(imports: Mapping[str, set[str]]) -> list[str]:
    """Return the imports of a later room, or of a room that no other may import."""
    found = []
    for module, imported in imports.items():
        room = find_room(module)
        for target in sorted(filter(find_room, imported)):
            target_room = find_room(target) or ""
            is_later = room is not None and ROOMS.index(target_room) > ROOMS.index(room)
            if is_later or (target_room in UNUSED and target_room != room):
                found.append(f"{module} imports {target}")
    return found


def find_circle(imports: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of one circle of imports; empty if there is none."""
    try:
        TopologicalSorter({module: targets & set(imports) for module, targets in imports.items()}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_a_room_imports_only_earlier_rooms() -> None:
    """No room imports a later one, and no room imports the rooms of scripts."""
    assert find_later(IMPORTS) == []


def test_there_is_no_circle_of_imports() -> None:
    """The modules within a room have no circle either."""
    assert find_circle(IMPORTS) == []


def test_an_import_of_a_later_room_is_found() -> None:
    """The checks find a later room, a room of scripts and a circle."""
    wrong = {
        "fixtures.clock.clock": {"fixtures.simulator.decisions.limits", "fixtures.base.errors"},
        "benchmarks.report.page": {"benchmarks.costs.scale", "benchmarks.plan.samples"},
    }
    assert find_later(wrong) == [
        "fixtures.clock.clock imports fixtures.simulator.decisions.limits",
        "benchmarks.report.page imports benchmarks.costs.scale",
    ]
    circle = {"fixtures.run.a": {"fixtures.run.b"}, "fixtures.run.b": {"fixtures.run.a"}}
    assert set(find_circle(circle)) == set(circle)


def test_every_module_is_in_a_room() -> None:
    """All modules of `fixtures/` and `benchmarks/`, except the two files of benchmarks, are in a listed room."""
    outside = {module for module in IMPORTS if find_room(module) is None}
    assert outside == {"fixtures", "benchmarks", "benchmarks.test_strategies", "benchmarks.test_scaling"}


def test_the_clock_imports_only_the_standard_library() -> None:
    """Apart from its own modules, it imports the standard library only."""
    targets = {target for module, found in IMPORTS.items() if find_room(module) == "fixtures.clock" for target in found}
    foreign = {target for target in targets if target.partition(".")[0] not in sys.stdlib_module_names}
    assert {target for target in foreign if find_room(target) != "fixtures.clock"} == set()


def _list_rooms() -> Iterator[Path]:
    for room in ROOMS:
        folder = ROOT / room.replace(".", "/")
        yield folder
        yield from (path.parent for path in folder.rglob("__init__.py") if path.parent != folder)


@pytest.mark.parametrize("folder", list(_list_rooms()), ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_a_room_has_a_purpose_and_three_to_nine_files(folder: Path) -> None:
    """A room within a room counts as a file, and `__init__.py` begins with a sentence."""
    text = (folder / "__init__.py").read_text(encoding="utf-8")
    assert re.match(r'"""[^"]+\."""\n', text), text
    files = [path for path in folder.glob("*.py") if path.name not in ("__init__.py", "__main__.py")]
    rooms = [path for path in folder.iterdir() if (path / "__init__.py").is_file()]
    count = len(files) + len(rooms)
    assert count + 1 >= 3, "with its purpose"
    assert count <= 9 or any(folder == ROOT / room.replace(".", "/") for room in UNBOUNDED)


def test_private_parts_are_used_in_adapters_only() -> None:
    """Ruff's SLF001 finds every access, and only adapters have exceptions from it."""
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("fixtures", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        if "SLF001" in path.read_text(encoding="utf-8")
    }
    assert {name for name in found if not name.startswith(ADAPTERS)} == set()


def test_nothing_is_mocked_outside_the_tests() -> None:
    """Only tests import `unittest.mock`."""
    assert [module for module, imported in IMPORTS.items() if {"unittest", "unittest.mock"} & imported] == []


def test_settings_import_neither_the_simulator_nor_vcrpy() -> None:
    """Importing the settings, also indirectly, loads neither of them."""
    seen, waiting = set(), ["fixtures.run.options.settings"]
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += [target for target in IMPORTS.get(module, ()) if target in IMPORTS]
            assert not {target for target in IMPORTS.get(module, ()) if target.partition(".")[0] == "vcr"}, module
    assert {module for module in seen if find_room(module) == "fixtures.simulator"} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_has_its_folder_of_tests(room: str) -> None:
    """A room's tests are in the folder of its name below `tests/`."""
    assert (ROOT / "tests" / room.rpartition(".")[2] / "__init__.py").is_file()
