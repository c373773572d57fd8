"""A damaged cassette replays or is reported in one sentence; no other error is raised, nothing is run or written."""

import copy
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import configuration, given, settings
from hypothesis import strategies as st

from fixtures.base.errors import RunError
from fixtures.exchange.reply import Reply
from fixtures.exchange.sent import Sent
from fixtures.recordings.cassette import Cassette
from fixtures.recordings.metadata import Metadata, RecordedImage
from tests.helpers.forks import ROOT

RESOURCE = "models/m:generateContent"
URI = f"http://simulator/v1/{RESOURCE}"
IMAGE = {"inlineData": {"data": "QUJDRA==", "mime_type": "image/jpeg"}}
ROUNDS = 2

# Even without a database, hypothesis writes files to a folder below the current one.
configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis")
fuzzed = settings(derandomize=True, deadline=None, database=None, max_examples=150)


def asked(text: str) -> Sent:
    """Return a request about an image with this prompt."""
    body = {"contents": [{"parts": [IMAGE, {"text": text}]}], "generationConfig": {"temperature": 0}}
    return Sent("POST", RESOURCE, json.dumps(body).encode())


QUESTIONS = ("How many\npeople?", "How many dogs?")
UNKNOWN = (asked("How many cats?"), Sent("GET", "models/m", b""))


def write_cassette(path: Path) -> None:
    """Record two requests in each of two rounds."""
    cassette = Cassette.open_to_record(path, "simulator")
    headers = {"content-type": "application/json"}
    for cassette.round in range(ROUNDS):
        for sent in map(asked, QUESTIONS):
            reply = Reply(200, tuple(headers.items()), b'{"modelVersion": "m"}', 0.5)
            cassette.record(sent, URI, headers, reply, 0.125)
    cassette.save(
        Metadata(
            model="m",
            image_set="one",
            strategy="sequential",
            source="simulator",
            recorded_at="2026-11-23T02:55:39+00:00",
            sdk="google-genai",
            images=[RecordedImage(name="a.jpg", sha256="0" * 64)],
            rounds=[1.5, 1.25],
        )
    )


WHAT = ("is damaged (", "is an empty file;", "contains no request", "is a recording of a WebSocket")
"""The beginnings of the messages for a cassette that cannot be replayed, after its path."""


MARK = b"damaged here"
"""A placeholder that is replaced, after dumping, by bytes that `yaml.dump` cannot write."""


class Victim:
    """A valid cassette alone in its folder, to be overwritten with damaged ones."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "sequential.yaml"
        write_cassette(self.path)
        self.whole = self.path.read_bytes()
        self.document: dict[str, Any] = yaml.safe_load(self.whole)

    @cached_property
    def marked(self) -> list[bytes]:
        """The cassette with the mark in each of its places in turn."""
        return [self.replaced(place, MARK.decode()) for place in PLACES]

    def survives(self, damaged: bytes) -> bool:
        """Load and play the damaged cassette; return whether it could be loaded. Fail on any other error or output."""
        self.path.write_bytes(damaged)
        told = ""
        try:
            cassette = Cassette.open_to_replay(self.path)
        except RunError as error:
            told = str(error)
        else:
            self._play(cassette)
        if told:
            assert told.startswith(tuple(f"{self.path} {what}" for what in WHAT))
            assert len(told.splitlines()) == 1, told
        assert list(self.path.parent.iterdir()) == [self.path], "nothing is written or executed"
        assert self.path.read_bytes() == damaged
        return not told

    @staticmethod
    def _play(cassette: Cassette) -> None:
        for cassette.round in range(ROUNDS):
            for sent in (*map(asked, QUESTIONS), *UNKNOWN):
                try:
                    reply = cassette.play(sent)
                except RunError as error:
                    assert "has no recording of a request" in str(error)
                    continue
                assert reply is not None
                assert math.isfinite(reply.elapsed)
                assert reply.elapsed >= 0
                assert {type(reply.status), type(reply.body)} == {int, bytes}
                assert all(isinstance(text, str) for header in reply.headers for text in header)
        assert all(isinstance(leftover, str) for leftover in cassette.list_leftovers())

    def replaced(self, place: str, value: object) -> bytes:
        """Return the cassette with another value in a place."""
        root = {"": copy.deepcopy(self.document)}
        inner: Any = root
        *way, last = ["", *place.split(".")] if place else [""]
        for step in way:
            inner = inner[int(step) if isinstance(inner, list) else step]
        inner[int(last) if isinstance(inner, list) else last] = value
        return dumped(root[""])


def dumped(document: object) -> bytes:
    """Return a document as YAML."""
    text: str = yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)
    return text.encode()


def places_of(value: Any, place: str = "") -> Iterator[str]:
    """Yield the paths of a document's nodes, without those of all interactions but the first, which are alike."""
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        if not (place == "interactions" and key > 0):
            yield from places_of(each, f"{place}.{key}".lstrip("."))


def small_document() -> dict[str, Any]:
    """Return a document with the structure of the small cassette, to list its places."""
    inner = {"contents": [{"parts": [{"inlineData": {"sha256": "", "bytes": 4, "mime_type": ""}}, {"text": ""}]}]}
    return {
        "version": 1,
        "metadata": {
            "version": 2,
            **dict.fromkeys(("model", "image_set", "strategy", "source", "recorded_at", "sdk"), ""),
            "images": [{"name": "", "sha256": ""}],
            "rounds": [1.5, 1.25],
        },
        "interactions": [
            {
                "request": {
                    "method": "",
                    "uri": "",
                    "body": inner | {"generationConfig": {"temperature": 0}},
                    "headers": {"content-type": [""]},
                },
                "response": {
                    "status": {"code": 200, "message": ""},
                    "headers": {"content-type": [""]},
                    "body": {"string": ""},
                    "recorded": {"round": 0, "start": 0.125, "elapsed": 0.5},
                },
            }
        ],
    }


PLACES = list(places_of(small_document()))
VALUES: tuple[object, ...] = (
    None,
    True,
    "",
    "text",
    "two\nlines",
    "http://[",
    b"\xff\x00",
    [],
    [None],
    [[]],
    ["text"],
    [{}],
    {},
    {"a": "b"},
    {"a": []},
    {1: ["b"]},
    {None: []},
    0,
    -1,
    10**400,
    -1.5,
    1e300,
    math.inf,
    -math.inf,
    math.nan,
    date(2026, 11, 23),
    datetime(2026, 11, 23, tzinfo=UTC),
)
RAW = {
    "a command": "!!python/object/apply:os.system ['touch executed']",
    "a class": "!!python/object/new:subprocess.Popen [['touch', 'executed']]",
    "a name": "!!python/name:os.system",
    "a module": "!!python/module:os",
    "an unknown tag": "!unknown x",
    "a tuple": "!!python/tuple [a, 1]",
    "a file": "!!python/object/new:_io.BytesIO {state: [x]}",
    "a file of nothing": "!!python/object/new:_io.BytesIO {state: 5}",
    "an iterator": "!!python/object/apply:builtins.iter {args: [[1, 2]]}",
    "an iterator of nothing": "!!python/object/apply:builtins.iter {args: 5}",
    "binary": "!!binary QUJD",
    "binary that is none": "!!binary é",
    "a set": "!!set {a, b}",
    "an ordered mapping": "!!omap [a: 1]",
    "pairs": "!!pairs [a: 1]",
    "a default value": "=",
    "a merge of nothing": "{<<: 5}",
    "a list in itself": "&a [*a]",
    "a mapping in itself": "&a {a: *a}",
    "an unknown alias": "*nothing",
    "an alias used twice": "[&a {b: c}, *a, *a]",
    "a long hexadecimal number": "0x" + "f" * 9000,
    "a long number": "9" * 9000,
    "half a character": r'"\ud800"',
    "a NUL": r'"\0"',
    "a day that is none": "2026-13-45",
    "a zone that is none": "2026-01-01T00:00:00+99:59",
    "a time that is none": "!!timestamp x",
    "a truth that is none": "!!bool x",
    "a list as a key": "{? [a] : b}",
    "no whole number": "!!int ''",
    "no number": "!!float ''",
    "a number of 300 sexagesimal digits": "1" + ":1" * 300 + ".0",
}


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Victim:
    """Return a small valid cassette."""
    victim = Victim(tmp_path_factory.mktemp("victim"))
    assert victim.survives(victim.whole), "it is valid"
    assert set(PLACES) == set(places_of(victim.document)), "its places are those that are damaged here"
    return victim


def test_a_cassette_that_is_cut_off_anywhere_is_reported_or_replays(victim: Victim) -> None:
    """The end or the beginning is cut off, at every fifth byte."""
    for at in range(0, len(victim.whole), 5):
        victim.survives(victim.whole[:at])
        victim.survives(victim.whole[at:])


def test_a_cassette_without_a_line_or_with_one_twice_is_reported_or_replays(victim: Victim) -> None:
    """Each line in turn is left out, doubled, or swapped with the next one."""
    lines = victim.whole.splitlines(keepends=True)
    for at in range(len(lines)):
        victim.survives(b"".join(lines[:at] + lines[at + 1 :]))
        victim.survives(b"".join(lines[: at + 1] + lines[at:]))
        victim.survives(b"".join(lines[:at] + lines[at : at + 2][::-1] + lines[at + 2 :]))


@fuzzed
@given(data=st.data())
def test_lines_in_another_order_are_reported_or_replay(victim: Victim, data: st.DataObject) -> None:
    """All lines are shuffled, or up to four of them are moved."""
    lines = victim.whole.splitlines(keepends=True)
    if data.draw(st.booleans()):
        lines = data.draw(st.permutations(lines))
    for _ in range(data.draw(st.integers(0, 4))):
        line = lines.pop(data.draw(st.integers(0, len(lines) - 1)))
        lines.insert(data.draw(st.integers(0, len(lines))), line)
    victim.survives(b"".join(lines))


@fuzzed
@given(data=st.data())
def test_interactions_in_another_order_still_replay(victim: Victim, data: st.DataObject) -> None:
    """The order in the file does not matter, because each interaction has the number of its round."""
    interactions = data.draw(st.permutations(victim.document["interactions"]))
    victim.path.write_bytes(dumped(victim.document | {"interactions": interactions}))
    cassette = Cassette.open_to_replay(victim.path)
    for cassette.round in range(ROUNDS):
        assert [reply.elapsed for reply in map(cassette.play, map(asked, QUESTIONS)) if reply] == [0.5, 0.5]
    assert cassette.list_leftovers() == []


@pytest.mark.parametrize("place", PLACES)
def test_another_value_in_any_place_is_reported_or_replays(victim: Victim, place: str) -> None:
    """A value of another type, negative, infinite, not a number or too large is put in a place."""
    for value in VALUES:
        victim.survives(victim.replaced(place, value))


@pytest.mark.parametrize("what", RAW)
def test_any_yaml_in_any_place_is_reported_or_replays(victim: Victim, what: str) -> None:
    """Tags execute nothing, and aliases and invalid YAML values are read or reported."""
    for marked in victim.marked:
        assert MARK in marked
        victim.survives(marked.replace(MARK, RAW[what].encode()))


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8)
    | st.dates()
    | st.sampled_from(["0", "body", "elapsed", "recorded", "round", "rounds", "string"])
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=6,
)


@fuzzed
@given(place=st.sampled_from(PLACES), tree=trees)
def test_any_tree_in_any_place_is_reported_or_replays(victim: Victim, place: str, tree: object) -> None:
    """A tree of values of all types is put in a place."""
    victim.survives(victim.replaced(place, tree))


@pytest.mark.parametrize("elapsed", ["-0.5", "-.inf", ".inf", ".nan", "1e999", "-1", "true", "'0.5'", "1e7", "~", ""])
def test_an_exchange_with_an_invalid_time_is_refused(victim: Victim, elapsed: str) -> None:
    """A negative, infinite or missing time, and one that is not a number or too long, is refused."""
    damaged = victim.whole.replace(b"elapsed: 0.5", f"elapsed: {elapsed}".encode(), 1)
    assert damaged != victim.whole
    assert not victim.survives(damaged)


@fuzzed
@given(noise=st.binary(max_size=200) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_noise_is_refused(victim: Victim, noise: bytes) -> None:
    """Random bytes cannot be loaded as a cassette."""
    assert not victim.survives(noise)


@fuzzed
@given(data=st.data(), noise=st.binary(min_size=1, max_size=4) | st.sampled_from([b"\xff\xfe", b"\xc3", b"\0", b"\r"]))
def test_noise_anywhere_is_reported_or_replays(victim: Victim, data: st.DataObject, noise: bytes) -> None:
    """Random bytes overwrite others or are inserted."""
    at = data.draw(st.integers(0, len(victim.whole)))
    rest = at + data.draw(st.sampled_from([0, len(noise)]))
    victim.survives(victim.whole[:at] + noise + victim.whole[rest:])


@pytest.mark.parametrize("damaged", [b"", b"\n", b"# nothing\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"---\n---\n"])
def test_a_file_without_content_is_refused(victim: Victim, damaged: bytes) -> None:
    """A file without a document is refused, such as the empty file that a full disk leaves."""
    assert not victim.survives(damaged)


def nested(depth: int) -> list[bytes]:
    """Return collections nested to this depth: lists without and with their ends, mappings, and block lists."""
    return [b"[" * depth, b"[" * depth + b"]" * depth, b"{a: " * depth, b"- " * depth]


@pytest.mark.parametrize("index", range(4))
def test_deep_nesting_is_refused(victim: Victim, index: int) -> None:
    """Ten thousand levels are refused, as the whole document and in places of a valid one."""
    assert not victim.survives(nested(10_000)[index])
    closed = nested(10_000)[1]
    place = ("metadata", "interactions.0.request.body", "interactions.0.response", "metadata.rounds.0")[index]
    assert not victim.survives(victim.replaced(place, MARK.decode()).replace(MARK, closed))


def laughter() -> bytes:
    """Return lists of ten aliases of the list before, with a billion items in all."""
    lists = [b"&a0 [ha]", *(b"&a%d [%s]" % (n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 10))]
    return b"[" + b", ".join(lists) + b"]"


LIMITED = """
import resource, sys
from pathlib import Path
from fixtures.recordings.cassette import Cassette
from fixtures.recordings.metadata import Metadata, RecordedImage
from fixtures.base.errors import RunError
resource.setrlimit(resource.RLIMIT_CPU, (3, 3))
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
try:
    Cassette.open_to_replay(Path(sys.argv[1]))
except RunError as error:
    print(error)
"""
"""A script that loads a cassette with limits on CPU time and memory, so that it is ended if it exceeds them."""


@pytest.mark.parametrize(
    ("place", "damage"),
    [
        pytest.param("interactions.0.request.body", laughter(), id="aliases in a body"),
        pytest.param("interactions.0.response.recorded.elapsed", laughter(), id="aliases in a number"),
        pytest.param("", nested(100_000)[3], id="a hundred thousand levels"),
    ],
)
def test_a_cassette_that_grows_without_bounds_is_refused(victim: Victim, place: str, damage: bytes) -> None:
    """A billion items or 100,000 levels exhaust neither time, nor memory, nor the stack."""
    pytest.importorskip("resource", reason="needs limits of a process (not on Windows)")
    victim.path.write_bytes(victim.replaced(place, MARK.decode()).replace(MARK, damage))
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, victim.path], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-200:]
    assert f"{victim.path} is damaged (" in done.stdout
